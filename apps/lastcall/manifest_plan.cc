#include "manifest_plan.h"

#include <algorithm>
#include <iterator>

#include "plan.h"
#include "surroundings.h"

namespace lastcall {
namespace {

Failure of_another_kind(const std::string& flag, const ManifestKind& kind) {
  return failure(flag + " means nothing to a manifest for " + std::string(kind.name), "leave it out", 2);
}

Result<config::ManifestConfig> read_own(const std::vector<std::string>& words, const ManifestKind& kind) {
  const auto arguments = config::parse_arguments(config::manifest_table(), words);
  if (!arguments) {
    return tl::unexpected(arguments.error());
  }
  if (arguments->given.contains("replicas") && kind.name != "kubernetes") {
    return of_another_kind("--replicas", kind);
  }
  if (arguments->given.contains("image") && kind.name == "systemd") {
    return of_another_kind("--image", kind);
  }
  return config::resolve_manifest(*arguments);
}

/// The presets are those of the platform that the manifest is for: another's would be a contradiction.
Result<void> take_platform(config::Arguments& arguments, const config::SettingsFile& file,
                           const ManifestKind& kind) {
  const auto flag = arguments.given.find("platform");
  const auto line = file.find("platform");
  std::string where;
  std::string asked(kind.name);
  if (flag != arguments.given.end()) {
    where = "--platform";
    asked = flag->second.back();
  } else if (line != file.end()) {
    where = line->second.where + ": platform";
    asked = line->second.values.back();
  }
  arguments.given["platform"] = {std::string(kind.name)};
  if (asked == kind.name) {
    return {};
  }
  return failure(where + " is " + asked + ", and the manifest is for " + std::string(kind.name),
                 "leave it out: a manifest's platform is its own", 2);
}

/// Those of the command line and of --config: a manifest must not depend on the shell it was printed in.
Result<CommandLine> read_settings(const std::vector<std::string>& words, const ManifestKind& kind) {
  std::vector<std::string> own_flags;
  config::for_each_option(config::manifest_table(), [&own_flags](const config::Option& option) {
    own_flags.push_back("--" + std::string(option.flag));
  });
  auto arguments = config::parse_arguments(config::run_table(), words, own_flags);
  if (!arguments) {
    return tl::unexpected(std::move(arguments).error());
  }
  if (arguments->command.empty()) {
    return config::missing_command(config::manifest_table());
  }
  auto file = read_settings_file(config::settings_file_path(*arguments, {}));
  if (!file) {
    return tl::unexpected(std::move(file).error());
  }
  return take_platform(*arguments, *file, kind)
      .and_then([&] { return config::resolve(*arguments, {}, *file); })
      .map(
          [&](config::Resolved resolved) { return CommandLine{*std::move(arguments), std::move(resolved)}; });
}

std::vector<deploy::Variable> environment(const config::Resolved& resolved) {
  std::vector<deploy::Variable> variables;
  for (const config::Setting& setting : resolved.settings) {
    const bool written_otherwise = setting.option->flag == "listen" || !setting.option->in_file;
    if (setting.source != config::Source::standard && !written_otherwise) {
      variables.push_back({setting.option->environment_name(), setting.text});
    }
  }
  return variables;
}

std::string as_systemd_writes_it(const sys::Address& address) {
  if (address.is_unix()) {
    return address.path;
  }
  return address.is_wildcard() && address.family == sys::Address::Family::ipv6 ? std::to_string(address.port)
                                                                               : address.text();
}

/// What is of use at a terminal alone.
Result<void> check_switches(const config::RunConfig& run) {
  if (run.foreground) {
    return failure("--foreground gives the app a terminal, and where a manifest is used there is none",
                   "leave it out", 2);
  }
  if (run.dry_run) {
    return failure("--dry-run is of lastcall run: a manifest starts nothing anyway",
                   "leave it out; lastcall run --dry-run tells one shutdown, instant by instant", 2);
  }
  return {};
}

/// The files that a setting names, as they are written.
std::vector<std::string> files_of(const config::RunConfig& run, std::string_view flag) {
  constexpr std::string_view kUnix = "unix:";
  constexpr std::string_view kAbstract = "unix:@";  // no file
  std::vector<std::string> files;
  if (flag == "error-page") {
    std::ranges::transform(run.error_pages, std::back_inserter(files), &config::ErrorPage::file);
  } else if (flag == "report" || flag == "control") {
    files.push_back(flag == "report" ? run.report : run.control_path);
  } else if (const std::string& address = flag == "listen" ? run.listen : run.upstream;
             address.starts_with(kUnix) && !address.starts_with(kAbstract)) {
    files.push_back(address.substr(kUnix.size()));
  }
  return files;
}

/// A path is one of the machine, or the image, that the manifest is used on; which folder lastcall is started
/// in there nobody knows.
Result<void> check_paths(const config::Resolved& resolved) {
  for (const std::string_view flag : {"listen", "upstream", "control", "report", "error-page"}) {
    for (const std::string& file : files_of(resolved.run, flag)) {
      if (!file.empty() && !file.starts_with('/')) {
        return failure(origin_of(setting_of(resolved, flag)) + ": " + file +
                           " is relative, and a manifest is used in another folder than this",
                       "write the whole path that it has there", 2);
      }
    }
  }
  return {};
}

Result<sys::Address> reachable_listener(const config::Resolved& resolved, const ManifestKind& kind,
                                        const std::string& name) {
  const auto listen = address_setting(resolved, "listen");
  if (!listen) {
    return listen;
  }
  const std::string said = "--listen " + resolved.run.listen;
  if (kind.networked && listen->is_loopback()) {
    return failure(said + " cannot be reached from outside the container", "name a port: --listen :8080", 2);
  }
  if (!listen->is_unix() && listen->port == 0) {
    return failure(said + " is another port at each start", "name one: --listen :8080", 2);
  }
  if (listen->path.starts_with("/run/" + name + "/")) {
    return failure(said + " is in the folder of the unit, which goes away each time it stops",
                   "name another one: --listen unix:/run/" + name + ".sock", 2);
  }
  return listen;
}

/// Where probes and people go; a port of 0 if that is off. Error: nobody would answer there.
Result<sys::Address> reachable_admin(const config::Resolved& resolved, const ManifestKind& kind,
                                     const sys::Address& listen) {
  const config::RunConfig& run = resolved.run;
  if (run.admin.empty()) {
    return kind.probed ? failure("--admin is off, and the platform's probes ask it", "leave it out", 2)
                       : Result<sys::Address>(sys::Address{});
  }
  const auto admin = address_setting(resolved, "admin");
  if (!admin) {
    return admin;
  }
  const bool same_host = listen.is_wildcard() || admin->is_wildcard() || listen == *admin;
  if (!admin->is_unix() && !listen.is_unix() && admin->port == listen.port && same_host) {
    return failure("--listen " + run.listen + " and --admin " + run.admin + " are one port",
                   "give each its own: --listen :8080 --admin :9797", 2);
  }
  if (kind.probed && (admin->is_loopback() || admin->port == 0)) {
    return failure("--admin " + run.admin + " cannot be reached by the platform's probes",
                   "leave it out, or name a port: --admin :9797", 2);
  }
  return admin;
}

Result<ManifestPlan> plan_deployment(const ManifestKind& kind, const config::ManifestConfig& own,
                                     const CommandLine& line) {
  const config::Resolved& resolved = line.resolved;
  const auto listen =
      check_switches(resolved.run).and_then([&] { return check_paths(resolved); }).and_then([&] {
        return reachable_listener(resolved, kind, own.name);
      });
  if (!listen) {
    return tl::unexpected(listen.error());
  }
  const auto admin = reachable_admin(resolved, kind, *listen);
  if (!admin) {
    return tl::unexpected(admin.error());
  }
  const auto budget = make_budget(resolved);
  if (!budget) {
    return tl::unexpected(budget.error());
  }
  return ManifestPlan{
      .own = own,
      .deployment = {.name = own.name,
                     .image = own.image.empty() ? own.name : own.image,
                     .replicas = own.replicas,
                     .command = line.arguments.command,
                     .environment = environment(resolved),
                     .listen = resolved.run.listen,
                     .socket = as_systemd_writes_it(*listen),
                     .port = listen->port,
                     .admin_port = admin->port,
                     .grace = budget->plan.grace,
                     .report = resolved.run.report,
                     .control_asked = setting_of(resolved, "control").source != config::Source::standard},
      .warnings = warnings_of(resolved, *budget)};
}

}  // namespace

Result<ManifestPlan> plan_manifest(const ManifestKind& kind, const ManifestWords& words) {
  const auto own = read_own(words.own, kind);
  if (!own) {
    return tl::unexpected(own.error());
  }
  const auto line = read_settings(words.of_run, kind);
  if (!line) {
    return tl::unexpected(line.error());
  }
  return plan_deployment(kind, *own, *line).map([&](ManifestPlan plan) {
    if (kind.doubts != nullptr) {
      std::ranges::move(kind.doubts(plan.deployment), std::back_inserter(plan.warnings));
    }
    return plan;
  });
}

}  // namespace lastcall
