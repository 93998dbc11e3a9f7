// `lastcall drain`: takes a running `lastcall run` out of its balancer's rotation, and back.
#include <algorithm>
#include <optional>

#include <nlohmann/json.hpp>

#include "check/interrupt.h"
#include "commands.h"
#include "control_client.h"
#include "control_socket.h"
#include "live_line.h"
#include "net/loop.h"
#include "report/in_flight_text.h"
#include "surroundings.h"

namespace lastcall {
namespace {

constexpr std::string_view kFlags[] = {"--undo", "--wait"};
constexpr Duration kAskAgain = 200ms;
constexpr int kMostFailures = 3;

/// Without a request for so long nobody comes any more: as --lame-duck-quiet has it by default.
constexpr Duration kQuiet = 2s;

struct Seen {
  drain::InFlight in_flight{};
  std::uint64_t answered = 0;
};

/// What its status says; nothing if that cannot be read.
std::optional<Seen> read_status(const std::string& status) {
  const auto json = nlohmann::json::parse(status, nullptr, false);
  const auto found = json.is_object() ? json.find("in_flight") : json.end();
  if (!json.is_object() || found == json.end() || !found->is_object()) {
    return std::nullopt;
  }
  const auto number = [](const nlohmann::json& object, const char* name) {
    const auto value = object.find(name);
    return value != object.end() && value->is_number_unsigned() ? value->get<std::uint64_t>() : 0;
  };
  const auto count = [&](const char* kind) { return number(*found, kind); };
  return Seen{.in_flight = {.requests = count("requests"),
                            .uploads = count("uploads"),
                            .downloads = count("downloads"),
                            .tunnels = count("tunnels"),
                            .idle = count("idle"),
                            .silent = count("silent"),
                            .heads = count("heads")},
              .answered = number(json, "answered_requests")};
}

/// How its shutdown went, as it says itself with the last that it does.
Result<std::string> read_end(const ControlClient& client, const sys::UniqueFd& connection) {
  const auto answer = client.read_answer(connection);
  const auto report = answer ? nlohmann::json::parse(answer->body, nullptr, false) : nlohmann::json(nullptr);
  const auto clean = report.is_object() ? report.find("clean") : report.end();
  if (!report.is_object() || clean == report.end() || !clean->is_boolean()) {
    return failure("it ended while this waited, and without a drain report: was it killed?",
                   "its log and the exit status tell more; what was in flight is lost", 1);
  }
  if (!clean->get<bool>()) {
    return failure("it has shut down meanwhile, and not cleanly", "its drain report says what was lost", 1);
  }
  return "it has shut down meanwhile, cleanly\n";
}

/// Asks again and again until nothing is in flight and nobody has come for a while, or the process has ended.
class Wait {
 public:
  explicit Wait(const ControlClient& client) : client_(client), end_(client.ask_for_the_end("/report")) {}

  int run() {
    const check::Interrupt interrupt(loop_, [this] { stop(130); });
    loop_.on_batch([this](Time now) { return look(now); });
    loop_.run();
    line_.clear();
    if (has_ended_) {
      const auto end = read_end(client_, end_);
      return end ? print(*end) : complain(end.error());
    }
    return status_ == 0 ? print("nothing is in flight, and nobody comes any more\n") : status_;
  }

 private:
  void stop(int status) {
    status_ = status;
    loop_.stop();
  }

  Time look(Time now) {
    if (now < due_) {
      return due_;
    }
    due_ = now + kAskAgain;
    const auto answer = client_.ask("GET", "/counts", "application/json");
    if (!answer) {
      unanswered(answer.error());
      return due_;
    }
    failures_ = 0;
    const auto seen = read_status(answer->body);
    if (!seen) {
      stop(complain({.what = "the answer is no status of lastcall", .fix = {}}));
    } else if (is_quiet(*seen, now)) {
      stop(0);
    } else {
      line_.show("draining: " + report::in_flight_text(seen->in_flight),
                 "waiting until nobody comes any more");
    }
    return due_;
  }

  bool is_quiet(const Seen& seen, Time now) {
    const bool busy = seen.in_flight.requests + seen.in_flight.tunnels + seen.in_flight.heads > 0;
    if (busy || answered_ != seen.answered) {
      quiet_since_ = now;
    }
    answered_ = seen.answered;
    return now - quiet_since_ >= kQuiet;
  }

  /// One that is just ending may still take the question.
  void unanswered(const Error& error) {
    has_ended_ = client_.is_gone();
    if (has_ended_) {
      stop(0);
    } else if (++failures_ == kMostFailures) {
      line_.clear();
      stop(complain(error));
    }
  }

  const ControlClient& client_;
  const sys::UniqueFd end_;  ///< here comes what its shutdown came to
  net::Loop loop_;
  LiveLine line_;
  Time due_{};
  std::optional<std::uint64_t> answered_{};
  Time quiet_since_{};
  bool has_ended_ = false;
  int failures_ = 0;  ///< in a row
  int status_ = 0;
};

int obey(const ControlWords& words) {
  const auto address = find_control(words.socket);
  if (!address) {
    return complain(address.error());
  }
  const ControlClient client(*address);
  const auto answer = client.ask(words.has("--undo") ? "DELETE" : "POST", "/drain", "text/plain");
  if (!answer) {
    return complain(answer.error());
  }
  if (answer->status != 200) {
    const std::string why = answer->body.substr(0, answer->body.find('\n'));
    return complain({.what = why, .fix = {}, .exit_status = 1});
  }
  return words.has("--wait") ? Wait(client).run() : print(answer->body);
}

}  // namespace

int drain_command(std::span<const std::string> words) {
  const auto read = read_control_words(words, kFlags);
  if (!read) {
    return complain(read.error());
  }
  if (read->help) {
    return print_help("drain");
  }
  if (read->has("--undo") && read->has("--wait")) {
    return complain({.what = "--undo has nothing to wait for", .fix = "leave --wait out", .exit_status = 2});
  }
  return obey(*read);
}

}  // namespace lastcall
