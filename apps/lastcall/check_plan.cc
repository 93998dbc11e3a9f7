#include "check_plan.h"

#include <algorithm>
#include <array>

#include "base/units.h"
#include "check/place.h"
#include "config/suggest.h"
#include "sys/sys.h"

namespace lastcall {
namespace {

constexpr Duration kShortestGrace = 100ms;

Error about(std::string_view flag, Error error) {
  error.what = "--" + std::string(flag) + ": " + error.what;
  return error;
}

std::uint64_t random_seed() {
  std::array<std::byte, 4> random{};
  sys::random_bytes(random);
  std::uint64_t seed = 0;
  for (const std::byte byte : random) {
    seed = seed << 8U | std::to_integer<std::uint64_t>(byte);
  }
  return seed;
}

/// Where a process listens, if that is one place.
Result<sys::Address> find_address(pid_t pid) {
  if (const sys::UniqueFd process(sys::process_open(pid)); !process) {
    return failure("--pid: there is no process " + std::to_string(pid), {}, 2);
  }
  std::vector<std::string> addresses = sys::listening_addresses(pid);
  std::erase_if(addresses, [](const std::string& address) { return address.starts_with("unix:"); });
  if (addresses.size() != 1) {
    std::string listed;
    for (const std::string& address : addresses) {
      listed += (listed.empty() ? "; it listens on " : ", ") + address;
    }
    return failure("where is process " + std::to_string(pid) + " to be loaded?" + listed,
                   "say --url http://HOST:PORT", 2);
  }
  auto address = sys::parse_address(addresses.front());
  return address && address->is_wildcard() ? sys::loopback_ipv4(address->port) : address;
}

Result<void> choose_server(const config::CheckConfig& config, const std::vector<std::string>& command,
                           check::Plan& plan) {
  if (command.empty() && !config.pid) {
    return failure("there is no server to check",
                   "put its command after --, for example: lastcall check -- ./server --port {port}; or name "
                   "one that runs by --pid N",
                   2);
  }
  if (!command.empty() && config.pid) {
    return failure("either a command or --pid, not both", {}, 2);
  }
  plan.command = {.argv = command, .environment = sys::environment()};
  plan.pid = config.pid.value_or(0);
  if (!config.url.empty()) {
    const auto place = check::parse_place(config.url);
    if (!place) {
      return tl::unexpected(about("url", place.error()));
    }
    if (place->path != "/") {
      return failure("--url: it has a path", "give that by --path", 2);
    }
    plan.target = place->target;
    plan.host = place->host;
    return {};
  }
  if (config.pid) {
    return find_address(*config.pid).map([&plan](const sys::Address& address) { plan.target = address; });
  }
  return {};
}

/// Nothing but a --url leads away from this machine.
Result<void> choose_probe(std::string_view flag, const std::string& text, const config::CheckConfig& config,
                          const check::Plan& plan, std::optional<check::Place>& probe) {
  if (text.empty()) {
    return {};
  }
  auto place = check::parse_place(text);
  if (!place) {
    return tl::unexpected(about(flag, place.error()));
  }
  const bool same_host = !config.url.empty() && place->target.host() == plan.target.host();
  if (!place->target.is_loopback() && !same_host) {
    return failure("--" + std::string(flag) + ": " + place->target.text() + " is not on this machine",
                   "only the host of --url is asked elsewhere", 2);
  }
  if (place->host.empty()) {
    place->host = plan.host;
  }
  probe = *std::move(place);
  return {};
}

void choose_load(const config::CheckConfig& config, check::Plan& plan) {
  plan.path = config.path;
  plan.slow_path = config.slow_path;
  plan.upload_path = config.upload_path;
  plan.download_path = config.download_path;
  plan.websocket_path = config.ws_path;
  plan.event_stream_path = config.sse_path;
  plan.headers = config.headers;
  plan.rate = config.rate;
  plan.duration = config.duration;
  plan.start_timeout = config.start_timeout;
  plan.signal = config.signal;
  plan.repeat_signal = config.repeat_signal;
  plan.trials = config.pid ? 1 : config.trials;
  plan.seed = config.seed ? *config.seed : random_seed();
}

check::Redactor redactor_for(const config::CheckConfig& config) {
  check::Redactor redactor;
  for (const std::string& field : config.headers) {
    redactor.add_header(field);
  }
  for (const std::string* path : {&config.path, &config.slow_path, &config.upload_path, &config.download_path,
                                  &config.ws_path, &config.sse_path, &config.ready_path, &config.live_path}) {
    redactor.add_query(*path);
  }
  return redactor;
}

}  // namespace

Error masked(Error error, const check::Redactor& redactor) {
  error.what = redactor.mask(std::move(error.what));
  error.fix = redactor.mask(std::move(error.fix));
  return error;
}

Result<judge::Profile> choose_profile(const config::CheckConfig& config, const judge::Profile& standard) {
  judge::Profile profile = standard;
  if (!config.profile.empty()) {
    const judge::Profile* const named = judge::find_profile(config.profile);
    if (named == nullptr) {
      std::vector<std::string> names;
      std::string listed;
      for (const judge::Profile& each : judge::profiles()) {
        names.push_back(each.name);
        listed += (listed.empty() ? "" : ", ") + each.name;
      }
      const std::string meant = config::nearest(config.profile, names);
      return failure("--profile: there is no '" + config.profile + "'",
                     meant.empty() ? "there are " + listed : "did you mean " + meant + "?", 2);
    }
    profile = *named;
  }
  profile.grace = config.grace.value_or(profile.grace);
  if (profile.grace < kShortestGrace) {
    return failure(
        "--grace: " + print_duration(profile.grace) + " is shorter than " + print_duration(kShortestGrace),
        {}, 2);
  }
  return profile;
}

Result<CheckPlan> make_check_plan(const config::CheckConfig& config,
                                  const std::vector<std::string>& command) {
  auto profile = choose_profile(config, judge::profiles().front());
  if (!profile) {
    return tl::unexpected(std::move(profile).error());
  }
  CheckPlan plan{.title = config.compare ? "bare" : "",
                 .profile = *std::move(profile),
                 .run = {},
                 .shown_command = {},
                 .redactor = redactor_for(config)};
  plan.run.grace = plan.profile.grace;
  choose_load(config, plan.run);
  auto chosen =
      choose_server(config, command, plan.run)
          .and_then([&] {
            return choose_probe("ready-path", config.ready_path, config, plan.run, plan.run.readiness);
          })
          .and_then([&] {
            return choose_probe("live-path", config.live_path, config, plan.run, plan.run.liveness);
          });
  if (!chosen) {
    return tl::unexpected(std::move(chosen).error());
  }
  plan.shown_command = plan.run.starts_server()
                           ? check::redact_command(command)
                           : std::vector<std::string>{"http://" + plan.run.target.text()};
  return plan;
}

}  // namespace lastcall
