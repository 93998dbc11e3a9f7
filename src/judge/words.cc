#include "judge/words.h"

#include <cerrno>
#include <cmath>

#include "base/signal_name.h"
#include "base/units.h"

namespace lastcall::judge {

namespace {

/// With one decimal, unless that is 0.
std::string one_decimal(double value) {
  const auto tenths = static_cast<std::int64_t>(std::llround(value * 10));
  const std::string whole = std::to_string(tenths / 10);
  return tenths % 10 == 0 ? whole : whole + "." + std::to_string(std::abs(tenths % 10));
}

std::string ending(const Observation& seen) {
  return seen.error == 0 ? " (FIN)" : " (" + errno_name(seen.error) + ")";
}

std::string got(const Observation& seen) {
  return seen.received == 0 ? "no byte of the response" : counted(seen.received, "byte") + " of the response";
}

std::string_view end_word(Outcome outcome) {
  switch (outcome) {
    case Outcome::eof:
      return "closed";
    case Outcome::truncated:
      return "cut off";
    case Outcome::timeout:
      return "given up";
    case Outcome::wrong:
      return "wrong";
    default:
      return to_string(outcome);
  }
}

}  // namespace

std::string told(Duration duration) {
  const double milliseconds = to_milliseconds(duration);
  if (milliseconds < 9.95) {
    return one_decimal(milliseconds) + " ms";
  }
  if (milliseconds < 999.5) {
    return std::to_string(std::llround(milliseconds)) + " ms";
  }
  return one_decimal(to_seconds(duration)) + " s";
}

std::string counted(std::uint64_t count, std::string_view what) {
  return std::to_string(count) + " " + std::string(what) + (count == 1 ? "" : "s");
}

std::string errno_name(int error) {
  switch (error) {
    case ECONNRESET:
      return "ECONNRESET";
    case ECONNREFUSED:
      return "ECONNREFUSED";
    case ECONNABORTED:
      return "ECONNABORTED";
    case EPIPE:
      return "EPIPE";
    case ETIMEDOUT:
      return "ETIMEDOUT";
    case EHOSTUNREACH:
      return "EHOSTUNREACH";
    case ENETUNREACH:
      return "ENETUNREACH";
    case EADDRNOTAVAIL:
      return "EADDRNOTAVAIL";
    case EMFILE:
      return "EMFILE";
    default:
      return "errno " + std::to_string(error);
  }
}

std::string told(const Observation& seen, const Flow& flow) {
  const std::string who = std::string(to_string(flow.kind)) + " " + flow.path + ": ";
  const std::string age = " after " + told(seen.ended - seen.started);
  if (seen.outcome == Outcome::server_error || (seen.outcome == Outcome::wrong && seen.status != 0)) {
    return who + "answered " + std::to_string(seen.status) + age + ", " + got(seen);
  }
  if (rests(flow.kind)) {
    return who + "ended by a reset" + age + ending(seen);
  }
  if (seen.connected == Time::max() && seen.outcome == Outcome::reset) {
    return who + "connect() was reset" + age + ending(seen);
  }
  return who + std::string(end_word(seen.outcome)) + age + ", " + got(seen) +
         (seen.outcome == Outcome::timeout ? "" : ending(seen));
}

std::string told_exit(const Trial& trial) {
  const Process& process = trial.process;
  if (process.killed) {
    return "killed after " + print_duration(trial.grace);
  }
  if (process.died_of) {
    return "died of " + signal_name(*process.died_of);
  }
  if (process.exit_status) {
    return "exit " + std::to_string(*process.exit_status);
  }
  return process.exited ? "exited" : "still running";
}

}  // namespace lastcall::judge
