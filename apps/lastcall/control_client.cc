#include "control_client.h"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "config/suggest.h"
#include "http/head.h"
#include "surroundings.h"
#include "sys/sys.h"

namespace lastcall {
namespace {

constexpr std::size_t kMostAnswered = 4U << 20U;

Failure no_answer(const sys::Address& address, const std::string& why) {
  return failure("no answer from " + address.text() + ": " + why,
                 "is that `lastcall run` still alive, and ours? The start line of its log names its socket");
}

/// A connection on which this is asked, or a negative errno.
sys::UniqueFd send_request(const sys::Address& address, std::string_view method, std::string_view path,
                           std::string_view accept) {
  sys::UniqueFd fd(sys::connect_to(address));
  if (!fd) {
    return fd;
  }
  std::string request(method);
  request.append(" ").append(path).append(" HTTP/1.1\r\nHost: lastcall\r\nAccept: ").append(accept);
  request += "\r\nContent-Length: 0\r\n\r\n";  // fits into what a socket takes at once
  const bool sent = sys::send(fd.get(), request, false) == static_cast<ssize_t>(request.size());
  return sent ? std::move(fd) : sys::UniqueFd(-EPIPE);
}

/// All that comes until the end, or what went wrong as a negative errno in `error`.
std::string read_to_end(int fd, Time give_up, int& error) {
  std::string all;
  char buffer[16384];
  while (all.size() <= kMostAnswered) {
    const ssize_t got = sys::receive(fd, buffer);
    if (got == -EAGAIN && sys::poll_one(fd, sys::kReadable, -1, give_up - sys::now()) != 0) {
      continue;
    }
    if (got <= 0) {
      error = got == -EAGAIN ? -ETIMEDOUT : static_cast<int>(got);
      return all;
    }
    all.append(buffer, static_cast<std::size_t>(got));
  }
  error = -EFBIG;
  return all;
}

Failure misunderstood(const std::string& word, std::span<const std::string_view> allowed) {
  if (!word.starts_with('-')) {
    return failure("unexpected argument '" + word + "'", "--help says what is expected", 2);
  }
  std::vector<std::string> known(allowed.begin(), allowed.end());
  known.insert(known.end(), {"--control", "--help"});
  const std::string name = word.substr(0, word.find('='));
  const std::string meant = config::nearest(name, known);
  if (meant == name) {
    return failure(name + (name == "--control" ? " needs a value" : " takes no value"), "--help says how", 2);
  }
  return failure("unknown option " + name,
                 meant.empty() ? "--help lists them all" : "did you mean " + meant + "?", 2);
}

}  // namespace

Result<ControlAnswer> ControlClient::ask(std::string_view method, std::string_view path,
                                         std::string_view accept) const {
  const sys::UniqueFd fd = send_request(address_, method, path, accept);
  return fd ? read_answer(fd) : no_answer(address_, std::generic_category().message(-fd.get()));
}

sys::UniqueFd ControlClient::ask_for_the_end(std::string_view path) const {
  return send_request(address_, "GET", path, "application/json");
}

Result<ControlAnswer> ControlClient::read_answer(const sys::UniqueFd& fd) const {
  int error = 0;
  const std::string all = read_to_end(fd.get(), sys::now() + kPatience, error);
  http::ResponseHead head;
  http::Refusal refusal;
  const auto parsed = http::parse_response(all, {}, false, head, refusal);
  if (error != 0 || parsed != http::Parsed::complete || all.size() - head.size != head.content_length) {
    return no_answer(address_, error != 0 ? std::generic_category().message(-error) : "it broke off");
  }
  return ControlAnswer{.status = head.status, .body = all.substr(head.size)};
}

bool ControlClient::is_gone() const {
  const int error = sys::UniqueFd(sys::connect_to(address_)).get();
  return error == -ECONNREFUSED || error == -ENOENT;
}

bool ControlWords::has(std::string_view flag) const {
  return std::ranges::find(flags, flag) != flags.end();
}

Result<ControlWords> read_control_words(std::span<const std::string> words,
                                        std::span<const std::string_view> allowed) {
  constexpr std::string_view kControl = "--control";
  ControlWords read;
  const config::Environment environment = read_environment();
  const auto variable = environment.find("LASTCALL_CONTROL");
  if (variable != environment.end() && variable->second.find('/') != std::string::npos) {
    read.socket = variable->second;
  }
  while (!words.empty()) {
    const std::string& word = words.front();
    words = words.subspan(1);
    if (word == "--help" || word == "-h") {
      read.help = true;
    } else if (word.starts_with("--control=")) {
      read.socket = word.substr(kControl.size() + 1);
    } else if (word == kControl && !words.empty()) {
      read.socket = words.front();
      words = words.subspan(1);
    } else if (std::ranges::find(allowed, word) != allowed.end()) {
      read.flags.push_back(word);
    } else {
      return misunderstood(word, allowed);
    }
  }
  return read;
}

}  // namespace lastcall
