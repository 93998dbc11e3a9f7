#include "attempt.h"

#include <algorithm>
#include <charconv>
#include <errno.h>

namespace lastcall::netns {
namespace {

constexpr std::size_t kLargestAnswer = 65536;
constexpr std::string_view kHeadEnd = "\r\n\r\n";

// What an answer's head says, in lower case.
std::string lower_case(std::string_view head) {
  std::string lower(head);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return lower;
}

std::size_t content_length(const std::string& head) {
  constexpr std::string_view kName = "content-length: ";
  std::size_t length = 0;
  if (const std::size_t at = head.find(kName); at != std::string::npos) {
    std::from_chars(head.data() + at + kName.size(), head.data() + head.size(), length);
  }
  return length;
}

bool is_reset(int error) {
  return error == -ECONNRESET || error == -EPIPE;
}

}  // namespace

std::string_view to_string(Outcome outcome) {
  constexpr std::string_view kNames[kOutcomes] = {"ok",    "refused",    "closed_unasked", "reset_connecting",
                                                  "reset", "eof",        "truncated",      "bad_status",
                                                  "hang",  "unanswered", "late",           "other"};
  return kNames[static_cast<std::uint8_t>(outcome)];
}

Attempt::Attempt(const sys::Address& target, const Plan& plan) : plan_(plan), fd_(sys::connect_to(target)) {
  if (!fd_) {
    end(fd_.get() == -ECONNREFUSED ? Outcome::refused : Outcome::other);
  }
}

void Attempt::advance(Time now) {
  if (state_ == State::connecting) {
    finish_connect();
  }
  if (state_ == State::resting || state_ == State::waiting) {
    read_answer();
  }
  if (state_ == State::resting && now >= plan_.send_at) {
    send_request();
  }
}

void Attempt::finish_connect() {
  const int error = sys::socket_error(fd());
  if (error == 0) {
    connected_ = true;
    state_ = State::resting;
  } else if (error == -ECONNREFUSED) {
    end(Outcome::refused);
  } else {
    end(is_reset(error) ? Outcome::reset_connecting : Outcome::other);
  }
}

Time Attempt::wake_at() const {
  return state_ == State::resting ? plan_.send_at : Time::max();
}

void Attempt::send_request() {
  const std::string_view request = answered_ + 1 < plan_.requests
                                       ? "GET / HTTP/1.1\r\nHost: storm\r\n\r\n"
                                       : "GET / HTTP/1.1\r\nHost: storm\r\nConnection: close\r\n\r\n";
  state_ = State::waiting;
  ++asked_;
  const ssize_t sent = sys::send(fd(), request, false);
  if (sent < 0) {
    end(is_reset(static_cast<int>(sent)) ? Outcome::reset : Outcome::other);
  }
}

void Attempt::read_answer() {
  while (state_ == State::resting || state_ == State::waiting) {
    char buffer[4096];
    const ssize_t got = sys::receive(fd(), buffer);
    if (got == -EAGAIN) {
      return;
    }
    if (got <= 0 || answer_.size() > kLargestAnswer) {
      judge_end(got);
      return;
    }
    answer_.append(buffer, static_cast<std::size_t>(got));
    take_answer();
  }
}

void Attempt::judge_end(ssize_t got) {
  if (!answer_.empty()) {
    end(Outcome::truncated);
  } else if (got < 0) {
    end(is_reset(static_cast<int>(got)) ? Outcome::reset : Outcome::other);
  } else {
    end(state_ == State::resting ? Outcome::closed_unasked : Outcome::eof);
  }
}

void Attempt::take_answer() {
  const std::size_t end_of_head = answer_.find(kHeadEnd);
  if (end_of_head == std::string::npos) {
    return;
  }
  const std::string head = lower_case(std::string_view(answer_).substr(0, end_of_head + 2));
  const std::size_t size = end_of_head + kHeadEnd.size() + content_length(head);
  if (answer_.size() < size) {
    return;
  }
  if (!head.starts_with("http/1.1 200 ")) {
    end(Outcome::bad_status);
    return;
  }
  answer_.erase(0, size);
  ++answered_;
  if (answered_ == plan_.requests || head.find("\r\nconnection: close\r\n") != std::string::npos) {
    end(Outcome::ok);
  } else {
    ask_again();
  }
}

void Attempt::ask_again() {
  if (!plan_.think) {
    send_request();
    return;
  }
  state_ = State::resting;
  plan_.send_at = sys::now() + plan_.think();
}

void Attempt::give_up() {
  if (state_ != State::ended) {
    end(state_ == State::connecting ? Outcome::unanswered : Outcome::hang);
  }
}

void Attempt::end(Outcome outcome) {
  outcome_ = outcome;
  state_ = State::ended;
  fd_.reset();
}

}  // namespace lastcall::netns
