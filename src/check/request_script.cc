#include "check/request_script.h"

#include <algorithm>

namespace lastcall::check {
namespace {

using judge::Kind;

std::string request_head(const Scenario& scenario, const Flow& flow) {
  const bool upload = flow.upload_bytes > 0;
  std::string head = (upload ? "POST " : "GET ") + flow.path + " HTTP/1.1\r\nHost: " + scenario.host + "\r\n";
  if (upload) {
    head += "Content-Type: application/octet-stream\r\nContent-Length: " + std::to_string(flow.upload_bytes) +
            "\r\n";
  }
  if (flow.kind == Kind::expect_continue) {
    head += "Expect: 100-continue\r\n";
  }
  if (flow.kind == Kind::websocket) {
    head += "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ";
    head += kWebSocketKey;
    head += "\r\n";
  }
  if (flow.kind == Kind::event_stream) {
    head += "Accept: text/event-stream\r\nCache-Control: no-store\r\n";
  }
  if (flow.kind == Kind::fresh) {
    head += "Connection: close\r\n";
  }
  for (const std::string& line : scenario.headers) {
    head += line + "\r\n";
  }
  return head + "\r\n";
}

std::uint32_t requests_at_once(const Flow& flow) {
  return flow.kind == Kind::pipelined ? std::max(flow.pipeline, 1U) : 1;
}

std::string repeated(const std::string& text, std::uint32_t times) {
  std::string result;
  result.reserve(text.size() * times);
  for (std::uint32_t i = 0; i < times; ++i) {
    result += text;
  }
  return result;
}

std::string_view filler(std::uint64_t bytes) {
  static const std::string kFiller(16 * 1024, 'x');
  return std::string_view(kFiller).substr(
      0, static_cast<std::size_t>(std::min<std::uint64_t>(bytes, kFiller.size())));
}

}  // namespace

RequestScript::RequestScript(const Scenario& scenario, const Flow& flow)
    : kind_(flow.kind),
      pace_(flow.upload),
      body_bytes_(flow.upload_bytes),
      requests_(requests_at_once(flow)),
      heads_(repeated(request_head(scenario, flow), requests_)) {}

void RequestScript::begin(Time now, Duration hold) {
  sent_ = 0;
  step_ = total();
  every_ = hold;
  if (kind_ == Kind::half_head) {
    allowed_ = heads_.size() / 2;
  } else if (kind_ == Kind::held_upload) {
    allowed_ = heads_.size() + body_bytes_ / 2;
  } else if (kind_ == Kind::expect_continue) {
    allowed_ = heads_.size();
    every_ = kContinuePatience;
  } else if (pace_.bytes > 0) {
    allowed_ = std::min(total(), heads_.size() + pace_.bytes);
    step_ = pace_.bytes;
    every_ = pace_.every;
  } else {
    allowed_ = total();
  }
  next_release_ = allowed_ < total() ? now + every_ : Time::max();
}

std::string_view RequestScript::next() const {
  if (sent_ >= allowed_) {
    return {};
  }
  if (sent_ < heads_.size()) {
    return std::string_view(heads_)
        .substr(0, static_cast<std::size_t>(allowed_))
        .substr(static_cast<std::size_t>(sent_));
  }
  return filler(allowed_ - sent_);
}

void RequestScript::release(Time now) {
  allowed_ = std::min(total(), allowed_ + step_);
  next_release_ = allowed_ < total() ? now + every_ : Time::max();
}

void RequestScript::broken() {
  allowed_ = sent_;
  next_release_ = Time::max();
}

void RequestScript::release_all() {
  allowed_ = total();
  next_release_ = Time::max();
}

std::uint64_t RequestScript::sent_of(std::uint32_t index) const {
  const std::uint64_t each = total() / requests_;
  return std::min(each, sent_ - std::min(sent_, index * each));
}

}  // namespace lastcall::check
