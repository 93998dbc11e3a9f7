// `lastcall manifest`: what a platform needs to run an app under lastcall, from the options of `run`.
#include <algorithm>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "commands.h"
#include "config/help.h"
#include "deploy/manifest.h"
#include "plan.h"
#include "surroundings.h"
#include "sys/sys.h"

namespace lastcall {
namespace {

/// Somewhere to run, and what it asks of the settings.
struct Kind {
  std::string_view name;  ///< as --platform says it
  std::vector<deploy::File> (*manifest)(const deploy::Deployment&);
  bool networked;  ///< clients come from outside the container, so not over a Unix socket
  bool probed;     ///< and so do probes
};

constexpr Kind kKinds[] = {
    {.name = "kubernetes", .manifest = deploy::kubernetes, .networked = true, .probed = true},
    {.name = "systemd", .manifest = deploy::systemd, .networked = false, .probed = false},
    {.name = "docker", .manifest = deploy::docker, .networked = true, .probed = false}};

/// The words that are options of `manifest` itself, and those of `run`.
struct Words {
  std::vector<std::string> own;
  std::vector<std::string> of_run;
};

Words divide(std::span<const std::string> words) {
  Words divided;
  for (std::size_t at = 0; at < words.size(); ++at) {
    const std::string& word = words[at];
    if (word == "--") {
      divided.of_run.insert(divided.of_run.end(), words.begin() + static_cast<std::ptrdiff_t>(at),
                            words.end());
      break;
    }
    const std::size_t equals = word.find('=');
    const bool ours = word.starts_with("--") &&
                      config::find_option(config::manifest_table(), word.substr(2, equals - 2)) != nullptr;
    std::vector<std::string>& side = ours ? divided.own : divided.of_run;
    side.push_back(word);
    if (ours && equals == std::string::npos && at + 1 < words.size()) {
      side.push_back(words[++at]);
    }
  }
  return divided;
}

Result<config::ManifestConfig> read_own(const std::vector<std::string>& words) {
  return config::parse_arguments(config::manifest_table(), words).and_then(config::resolve_manifest);
}

/// Those of the command line and of --config: a manifest must not depend on the shell it was printed in.
Result<CommandLine> read_settings(const std::vector<std::string>& words, const Kind& kind) {
  auto arguments = config::parse_arguments(config::run_table(), words);
  if (!arguments) {
    return tl::unexpected(std::move(arguments).error());
  }
  if (arguments->command.empty()) {
    return config::missing_command(config::manifest_table());
  }
  arguments->given.try_emplace("platform", std::vector{std::string(kind.name)});
  auto file = read_settings_file(config::settings_file_path(*arguments, {}));
  if (!file) {
    return tl::unexpected(std::move(file).error());
  }
  return config::resolve(*arguments, {}, *file).map([&](config::Resolved resolved) {
    return CommandLine{*std::move(arguments), std::move(resolved)};
  });
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

/// Where the probes go. Error: nobody would answer them there.
Result<std::uint16_t> probed_port(const config::Resolved& resolved) {
  const config::RunConfig& run = resolved.run;
  if (run.admin.empty()) {
    return failure("--admin is off, and the platform's probes ask it", "leave it out", 2);
  }
  const auto address = address_setting(resolved, "admin");
  if (!address) {
    return tl::unexpected(address.error());
  }
  if (address->is_loopback()) {
    return failure("--admin " + run.admin + " cannot be reached by the platform's probes",
                   "leave it out, or name a port: --admin :9797", 2);
  }
  return address->port;
}

Result<deploy::Deployment> plan_deployment(const Kind& kind, const config::ManifestConfig& own,
                                           const CommandLine& line) {
  const config::RunConfig& run = line.resolved.run;
  const auto listen = address_setting(line.resolved, "listen");
  if (!listen) {
    return tl::unexpected(listen.error());
  }
  if (kind.networked && listen->is_unix()) {
    return failure("--listen " + run.listen + " cannot be reached from outside the container",
                   "name a port: --listen :8080", 2);
  }
  const auto budget = make_budget(line.resolved);
  if (!budget) {
    return tl::unexpected(budget.error());
  }
  caution(warnings_of(line.resolved, *budget));
  deploy::Deployment deployment{.name = own.name,
                                .image = own.image.empty() ? own.name : own.image,
                                .replicas = own.replicas,
                                .command = line.arguments.command,
                                .environment = environment(line.resolved),
                                .listen = run.listen,
                                .socket = as_systemd_writes_it(*listen),
                                .port = listen->port,
                                .grace = budget->plan.grace};
  if (!kind.probed) {
    return deployment;
  }
  return probed_port(line.resolved).map([&](std::uint16_t port) {
    deployment.admin_port = port;
    return deployment;
  });
}

std::string together(const std::vector<deploy::File>& files) {
  std::string text;
  for (const deploy::File& file : files) {
    if (!file.of_folder) {
      text.append(text.empty() ? "" : "\n").append("# ").append(file.name).append("\n").append(file.text);
    }
  }
  return text;
}

Result<int> write_into(const std::string& folder, const std::vector<deploy::File>& files) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  for (const deploy::File& file : files) {
    const std::string path = folder + "/" + file.name;
    if (const int result = sys::replace_file(path, file.text); result < 0) {
      return failure("cannot write " + path + ": " + std::strerror(-result),
                     "name another folder with --into", 1);
    }
    print(path + "\n");
  }
  return 0;
}

Result<int> manifest(const Kind& kind, std::span<const std::string> words) {
  const Words divided = divide(words);
  const auto own = read_own(divided.own);
  if (!own) {
    return tl::unexpected(own.error());
  }
  const auto line = read_settings(divided.of_run, kind);
  if (!line) {
    return tl::unexpected(line.error());
  }
  return plan_deployment(kind, *own, *line).and_then([&](const deploy::Deployment& deployment) {
    const auto files = kind.manifest(deployment);
    return own->into.empty() ? Result<int>(print(together(files))) : write_into(own->into, files);
  });
}

}  // namespace

int manifest_command(std::span<const std::string> words) {
  const auto end = std::ranges::find(words, "--");
  const bool asks =
      std::any_of(words.begin(), end, [](const auto& word) { return word == "--help" || word == "-h"; });
  if (asks) {
    return print(
        config::help_text(config::manifest_table(), static_cast<std::size_t>(sys::terminal_width(1))));
  }
  const std::string first = words.empty() ? "" : words.front();
  const auto* const kind = std::ranges::find(kKinds, first, &Kind::name);
  if (kind == std::end(kKinds)) {
    return complain(
        {.what = first.empty() ? "for which platform?" : "there is no manifest for '" + first + "'",
         .fix = "lastcall manifest kubernetes|systemd|docker [OPTIONS] -- COMMAND…",
         .exit_status = 2});
  }
  const auto status = manifest(*kind, words.subspan(1));
  return status ? *status : complain(status.error());
}

}  // namespace lastcall
