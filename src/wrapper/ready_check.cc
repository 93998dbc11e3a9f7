#include "wrapper/ready_check.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/assert.h"
#include "http/head.h"

namespace lastcall::wrapper {

using Kind = ReadySettings::Kind;

ReadyCheck::ReadyCheck(net::Loop& loop, ReadySettings settings, sys::Address upstream,
                       std::function<void()> on_ready)
    : loop_(loop),
      settings_(std::move(settings)),
      upstream_(std::move(upstream)),
      on_ready_(std::move(on_ready)) {}

ReadyCheck::~ReadyCheck() {
  stop();
}

void ReadyCheck::start(Time now) {
  began_ = now;
  if (settings_.kind == Kind::none) {
    end(true, "not asked");
    return;
  }
  if (settings_.kind != Kind::notify) {
    due_ = now;
  }
}

void ReadyCheck::start_later(Time now) {
  ever_ready_ = true;
  answers_ = true;
  due_ = now + kLaterInterval;
}

void ReadyCheck::told_ready() {
  if (settings_.kind == Kind::notify && !ever_ready_) {
    end(true, "told");
  }
}

void ReadyCheck::watch_for_refusal(Time now, std::function<void()> on_refused) {
  stop();
  if (ever_ready_ && settings_.kind != Kind::none) {
    on_refused_ = std::move(on_refused);
    due_ = now + kRefusalDelay;
  }
}

void ReadyCheck::stop() {
  due_ = Time::max();
  if (socket_) {
    loop_.unwatch(socket_.get());
    socket_.reset();
  }
}

Time ReadyCheck::tick(Time now) {
  if (now < due_) {
    return due_;
  }
  if (socket_) {
    end(false, "no answer within 2s");
  } else {
    ask(now);
  }
  return due_;
}

std::string ReadyCheck::last_try() const {
  if (settings_.kind == Kind::notify) {
    return std::string("READY=1 on the app's NOTIFY_SOCKET: ") + (ever_ready_ ? "told" : "not said yet");
  }
  const std::string question =
      settings_.kind == Kind::path ? "GET " + settings_.path + " on " : "connect to ";
  return question + upstream_.text() + ": " + outcome_;
}

void ReadyCheck::ask(Time now) {
  connected_ = false;
  answer_.clear();
  due_ = now + kPatience;
  const int fd = sys::connect_to(upstream_);
  if (fd < 0) {
    fail(fd);
    return;
  }
  socket_.reset(fd);
  if (loop_.watch(fd, sys::kReadable | sys::kWritable | sys::kPeerClosed | sys::kEdge, *this) < 0) {
    end(false, "too many open files");
  }
}

void ReadyCheck::on_events(std::uint32_t events) {
  if (!socket_) {
    return;
  }
  if (!connected_ && (events & (sys::kWritable | sys::kError | sys::kHangup)) != 0) {
    judge_connection();
  }
  if (socket_ && connected_) {
    read_answer();
  }
}

void ReadyCheck::judge_connection() {
  if (const int error = sys::socket_error(socket_.get()); error != 0) {
    fail(error);
    return;
  }
  connected_ = true;
  if (settings_.kind == Kind::tcp || on_refused_) {
    end(true, "accepted");
  } else {
    send_request();
  }
}

void ReadyCheck::send_request() {
  const std::string host = upstream_.is_unix() ? "localhost" : upstream_.text();
  const std::string request = "GET " + settings_.path + " HTTP/1.1\r\nHost: " + host +
                              "\r\nUser-Agent: lastcall-ready-check\r\nConnection: close\r\n\r\n";
  // A fresh socket takes a request of this size whole, or is broken.
  if (sys::send(socket_.get(), request, false) != static_cast<ssize_t>(request.size())) {
    end(false, "the request could not be sent");
  }
}

void ReadyCheck::read_answer() {
  char buffer[4096];
  for (;;) {
    const ssize_t got = sys::receive(socket_.get(), buffer);
    if (got == -EAGAIN) {
      return;
    }
    if (got <= 0 || answer_.size() > kMaxAnswer) {
      end(false, got < 0 ? std::strerror(static_cast<int>(-got)) : "connection closed without an answer");
      return;
    }
    answer_.append(buffer, static_cast<std::size_t>(got));
    http::ResponseHead head{};
    http::Refusal refusal;
    const http::Parsed parsed = http::parse_response(answer_, {}, false, head, refusal);
    if (parsed == http::Parsed::refused) {
      end(false, std::string("not an HTTP answer: ") + refusal.why);
      return;
    }
    if (parsed == http::Parsed::complete) {
      end(head.status >= 200 && head.status < 400, "status " + std::to_string(head.status));
      return;
    }
  }
}

void ReadyCheck::fail(int error) {
  end(false, std::strerror(-error));
  if (on_refused_ && (error == -ECONNREFUSED || error == -ENOENT)) {
    stop();
    std::exchange(on_refused_, nullptr)();
  }
}

void ReadyCheck::end(bool yes, std::string outcome) {
  stop();
  outcome_ = std::move(outcome);
  answers_ = yes;
  const bool first_yes = yes && !std::exchange(ever_ready_, ever_ready_ || yes);
  if (!ever_ready_) {
    due_ = loop_.now() + std::clamp<Duration>((loop_.now() - began_) / 10, kFirstInterval, kMostInterval);
  } else if (settings_.kind == Kind::path || on_refused_) {
    due_ = loop_.now() + kLaterInterval;
  }
  if (first_yes) {
    on_ready_();
  }
}

}  // namespace lastcall::wrapper
