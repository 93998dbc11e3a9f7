#include "plan.h"

#include <algorithm>
#include <cerrno>
#include <thread>

#include "error_pages.h"
#include "service_manager.h"
#include "sys/sys.h"

namespace lastcall {
namespace {

constexpr std::uint64_t kOtherFiles = 128;        // logs, pools in transition, admin connections
constexpr std::uint64_t kFilesPerConnection = 2;  // the client's and the app's side

Result<sys::Address> free_loopback_port() {
  const auto any = sys::parse_address("127.0.0.1:0");
  const sys::UniqueFd probe(sys::listen_on(*any, 1));
  if (!probe) {
    return failure("no free port for the app on 127.0.0.1", "name one with --app-port N");
  }
  return sys::local_address(probe.get());
}

Result<sys::Address> upstream_address(const config::Resolved& resolved) {
  const config::RunConfig& config = resolved.run;
  if (!config.upstream.empty()) {
    return address_setting(resolved, "upstream");
  }
  if (config.app_port) {
    return sys::parse_address("127.0.0.1:" + std::to_string(*config.app_port));
  }
  return free_loopback_port();
}

constexpr std::string_view kPlaceholder = "{port}";

/// Error: two settings that say where the app listens, and differ.
Result<void> check_app_port(const config::Resolved& resolved, const sys::Address& upstream) {
  const config::Setting& port = setting_of(resolved, "app-port");
  const bool asked = port.source > config::Source::compat && resolved.run.app_port;
  const bool differs = upstream.is_unix() || upstream.port != resolved.run.app_port;
  if (!asked || resolved.run.upstream.empty() || !differs) {
    return {};
  }
  return failure(port.where + " says that the app listens on port " + port.text + ", and " +
                     setting_of(resolved, "upstream").where + " on " + upstream.text(),
                 "leave one of them out", 2);
}

/// Error: the app's port is asked for, and it has none.
Result<void> check_placeholder(const std::vector<std::string>& command, const sys::Address& upstream) {
  const bool wants_port = std::ranges::any_of(
      command, [](const std::string& word) { return word.find(kPlaceholder) != std::string::npos; });
  if (!wants_port || !upstream.is_unix()) {
    return {};
  }
  return failure(
      "{port} means nothing in the command: with --upstream " + upstream.text() + " the app has none",
      "write the socket's path there instead", 2);
}

std::string with_port(std::string text, const std::string& port) {
  for (std::size_t at = text.find(kPlaceholder); at != std::string::npos; at = text.find(kPlaceholder, at)) {
    text.replace(at, kPlaceholder.size(), port);
    at += port.size();
  }
  return text;
}

// Our own PORT, where we listen, must never reach an app that would listen there too; and no word of the
// app's to our service manager.
std::vector<std::string> child_environment(const std::string& port) {
  std::vector<std::string> environment = sys::environment();
  std::erase_if(environment, [](const std::string& entry) {
    const std::string_view name = std::string_view(entry).substr(0, entry.find('='));
    return name == "PORT" || is_for_us_alone(name);
  });
  if (!port.empty()) {
    environment.push_back("PORT=" + port);
  }
  return environment;
}

/// An app where we listen would be ourselves: each request would come back as another.
bool is_ourselves(const sys::Address& listen, const sys::Address& upstream) {
  if (listen == upstream) {
    return true;
  }
  const bool any_host = listen.host() == "::" || listen.host() == "0.0.0.0";
  return !upstream.is_unix() && listen.port == upstream.port && any_host && upstream.is_loopback();
}

drain::BudgetSettings budget_settings(const config::RunConfig& config) {
  return {.grace = config.grace,
          .drain_timeout = config.drain_timeout,
          .app_stop = config.app_stop,
          .reserve = config.reserve,
          .idle_grace = config.idle_grace,
          .lame_duck = {.min = config.lame_duck_min,
                        .quiet = config.lame_duck_quiet,
                        .max = config.lame_duck_max},
          .lame_duck_may_shrink = config.lame_duck_may_shrink};
}

/// Where a grace period comes from that nobody asked for, and how another one is said.
std::string raise_grace(const config::Resolved& resolved) {
  if (setting_of(resolved, "grace").source != config::Source::preset) {
    return {};
  }
  const config::Platform& platform = resolved.platform;
  std::string text =
      "; this grace is what " + std::string(platform.name) + " gives by default: if it gives more";
  if (!platform.grace_setting.empty()) {
    text += " (" + std::string(platform.grace_setting) + ")";
  }
  return text + ", say so with --grace";
}

/// Who set the parts of a budget that do not fit each other.
std::string set_by(const config::Resolved& resolved) {
  constexpr std::string_view kParts[] = {"grace",     "drain-timeout", "app-stop",       "reserve",
                                         "lame-duck", "lame-duck-min", "lame-duck-quiet"};
  std::string text;
  for (const std::string_view part : kParts) {
    const config::Setting& setting = setting_of(resolved, part);
    if (setting.source != config::Source::standard) {
      text += (text.empty() ? "" : ", ") + origin_of(setting);
    }
  }
  return text.empty() ? text : " (set by " + text + ")";
}

std::vector<proxy::StreamRule> stream_rules(const config::RunConfig& config) {
  std::vector<proxy::StreamRule> rules;
  for (const config::StreamRule& rule : config.stream_rules) {
    rules.push_back({.prefix = rule.prefix, .policy = static_cast<proxy::StreamPolicy>(rule.policy)});
  }
  return rules;
}

}  // namespace

Result<sys::Address> address_setting(const config::Resolved& resolved, std::string_view flag) {
  const config::Setting& setting = setting_of(resolved, flag);
  auto address = sys::parse_address(setting.text);
  if (!address) {
    Error error = std::move(address).error();
    error.what = origin_of(setting) + ": " + error.what;
    return tl::unexpected(std::move(error));
  }
  return address;
}

Result<Plan> make_plan(const CommandLine& line, const std::optional<sys::Address>& passed) {
  if (line.arguments.command.empty()) {
    return config::missing_command(config::run_table());
  }
  Plan plan;
  const auto listen = passed ? Result<sys::Address>(*passed) : address_setting(line.resolved, "listen");
  if (!listen) {
    return tl::unexpected(listen.error());
  }
  plan.listen = *listen;
  const auto upstream = upstream_address(line.resolved);
  if (!upstream) {
    return tl::unexpected(upstream.error());
  }
  plan.upstream = *upstream;
  const auto sound = check_app_port(line.resolved, plan.upstream).and_then([&] {
    return check_placeholder(line.arguments.command, plan.upstream);
  });
  if (!sound) {
    return tl::unexpected(sound.error());
  }
  if (is_ourselves(plan.listen, plan.upstream)) {
    return failure(
        "the app's address " + plan.upstream.text() + " is the one that lastcall itself listens on",
        "give the app another port with --app-port, or lastcall another one with --listen or PORT", 2);
  }

  const std::string port = plan.upstream.is_unix() ? "" : std::to_string(plan.upstream.port);
  for (const std::string& word : line.arguments.command) {
    plan.argv.push_back(with_port(word, port));
  }
  plan.environment = child_environment(port);

  const auto budget = make_budget(line.resolved);
  if (!budget) {
    return tl::unexpected(budget.error());
  }
  plan.budget = *budget;

  auto error_pages = read_error_pages(line.resolved.run.error_pages);
  if (!error_pages) {
    Error error = std::move(error_pages).error();
    error.what = origin_of(setting_of(line.resolved, "error-page")) + ": " + error.what;
    return tl::unexpected(std::move(error));
  }
  plan.error_pages = *std::move(error_pages);
  return plan;
}

Result<void> app_port_is_free(const config::RunConfig& config) {
  if (!config.app_port || !config.upstream.empty()) {
    return {};
  }
  const sys::Address address = sys::loopback_ipv4(*config.app_port);
  const int probe = sys::listen_on(address, 1);
  const sys::UniqueFd closed_again(probe);
  if (probe != -EADDRINUSE) {
    return {};
  }
  return failure("the app's port is taken: another process listens on " + address.text() +
                     ", and would get the app's requests",
                 "stop that process, or give the app another port with --app-port N");
}

Result<CheckedBudget> make_budget(const config::Resolved& resolved) {
  drain::BudgetSettings settings = budget_settings(resolved.run);
  CheckedBudget checked;
  if (settings.drain_timeout && resolved.run.drain_timeout_may_shrink) {
    auto clamped =
        drain::clamp_drain(settings, *settings.drain_timeout, setting_of(resolved, "drain-timeout").where);
    settings.drain_timeout = clamped.drain;
    checked.warning = std::move(clamped.warning);
    if (!checked.warning.empty()) {
      checked.warning += raise_grace(resolved);
    }
  }
  const auto plan = drain::plan_budget(settings);
  if (!plan) {
    Error error = plan.error();
    error.what += set_by(resolved);
    error.fix += raise_grace(resolved);
    return tl::unexpected(std::move(error));
  }
  checked.plan = *plan;
  return checked;
}

std::vector<std::string> warnings_of(const config::Resolved& resolved, const CheckedBudget& budget) {
  std::vector<std::string> warnings = resolved.warnings;
  if (!budget.warning.empty()) {
    warnings.push_back(budget.warning);
  }
  return warnings;
}

unsigned workers_of(const config::RunConfig& config) {
  return config.workers != 0 ? config.workers : std::max(1U, std::thread::hardware_concurrency());
}

std::uint64_t connections_of(const config::RunConfig& config, std::uint64_t file_limit) {
  const std::uint64_t files = std::max(file_limit, 2 * kOtherFiles) - kOtherFiles;
  return config.max_conns != 0 ? config.max_conns : files / kFilesPerConnection;
}

proxy::Settings proxy_settings(const config::RunConfig& config, const Plan& plan, std::uint64_t file_limit) {
  return {.upstream = plan.upstream,
          .workers = workers_of(config),
          .health_paths = config.health_paths,
          .ready_while_delay = config.ready_while_delay,
          .trust_forwarded = config.forward_headers,
          .head_limits = {.head_bytes = config.max_head, .fields = config.max_headers},
          .max_body = config.max_body,
          .max_connections = connections_of(config, file_limit),
          .idle_timeout = config.idle_timeout,
          .send_timeout = config.send_timeout,
          .header_timeout = config.header_timeout,
          .upstream_timeout = config.upstream_timeout,
          .idle_grace = config.idle_grace,
          .min_body_rate = config.min_body_rate,
          .buffer_request = config.buffer_request,
          .buffer_response = config.buffer_response,
          .error_pages = plan.error_pages,
          .stream_rules = stream_rules(config),
          .ws_close_code = config.ws_close_code,
          .ws_close_reason = config.ws_close_reason,
          .ws_grace = config.ws_grace,
          .access_log = config.access_log};
}

}  // namespace lastcall
