#include <algorithm>

#include <fmt/format.h>

#include "deploy/manifest.h"
#include "deploy/quote.h"

namespace lastcall::deploy {
namespace {

constexpr const char* kService =
    R"(# What lastcall printed for its settings; to change one, print it anew: lastcall manifest --help
[Unit]
Description={name}, under lastcall
Requires={name}.socket
Wants=network-online.target
After={name}.socket network-online.target

[Service]
Type=notify
NotifyAccess=main
ExecStart=/usr/local/bin/lastcall run -- {command}
{environment}# lastcall alone is signalled; it drains, and then tells the app.
KillMode=mixed
# The grace period: this and LASTCALL_GRACE are one value, --grace. Print the unit anew rather than change one of them.
TimeoutStopSec={grace}s
# lastcall itself gives up on an app that is not ready in time (--start-timeout).
TimeoutStartSec=infinity
Restart=on-failure

DynamicUser=yes
# The control socket is in it: lastcall status --control /run/{name}/control.sock
RuntimeDirectory={name}
RuntimeDirectoryMode=0700
{logs}NoNewPrivileges=yes
CapabilityBoundingSet=
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectHostname=yes
ProtectControlGroups=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
LockPersonality=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
# AF_NETLINK: lastcall asks the kernel whether a handshake is under way before it closes its listener.
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
UMask=0077

[Install]
WantedBy=multi-user.target
)";

constexpr const char* kSocket = R"([Unit]
Description=The listener of {name}, open while it restarts

[Socket]
ListenStream={socket}
FileDescriptorName=http
NoDelay=yes
Backlog=65535

[Install]
WantedBy=sockets.target
)";

std::string environment(const Deployment& deployment) {
  std::string lines;
  for (const auto& [name, value] : deployment.environment) {
    lines += "Environment=" + systemd_assignment(name, value) + "\n";
  }
  if (!deployment.control_asked) {
    lines +=
        "Environment=" + systemd_assignment("LASTCALL_CONTROL", "/run/" + deployment.name + "/control.sock") +
        "\n";
  }
  return lines;
}

std::string logs_folder(const Deployment& deployment) {
  return "/var/log/" + deployment.name + "/";
}

/// Programs that are given a script have it as an argument with such an ending.
bool is_relative_script(std::string_view word) {
  constexpr std::string_view kEndings[] = {".js", ".mjs", ".cjs", ".ts", ".py", ".rb", ".php", ".jar", ".sh"};
  return word.starts_with("./") || word.starts_with("../") ||
         (!word.starts_with('/') && !word.starts_with('-') &&
          std::ranges::any_of(kEndings, [&](std::string_view ending) { return word.ends_with(ending); }));
}

bool is_relative_program(std::string_view word) {
  return !word.starts_with('/') && word.find('/') != std::string_view::npos;
}

/// To the unit everything else is read-only, or belongs to others (ProtectSystem=strict, DynamicUser=yes).
bool is_writable(const std::string& path, const Deployment& deployment) {
  const std::string folders[] = {logs_folder(deployment), "/run/" + deployment.name + "/", "/tmp/",
                                 "/var/tmp/", "/dev/"};
  return std::ranges::any_of(folders, [&](const std::string& folder) { return path.starts_with(folder); });
}

}  // namespace

std::vector<File> systemd(const Deployment& deployment) {
  using fmt::arg;
  const auto name = arg("name", deployment.name);
  return {{deployment.name + ".service",
           fmt::format(fmt::runtime(kService), name, arg("command", systemd_command(deployment.command)),
                       arg("environment", environment(deployment)), arg("grace", grace_seconds(deployment)),
                       arg("logs", deployment.report.starts_with(logs_folder(deployment))
                                       ? "LogsDirectory=" + deployment.name + "\n"
                                       : ""))},
          {deployment.name + ".socket",
           fmt::format(fmt::runtime(kSocket), name, arg("socket", deployment.socket))}};
}

std::vector<std::string> systemd_doubts(const Deployment& deployment) {
  std::vector<std::string> doubts;
  const auto script = std::ranges::find_if(deployment.command, is_relative_script);
  const bool program = is_relative_program(deployment.command.front());
  if (program || script != deployment.command.end()) {
    doubts.push_back(
        "'" + (program ? deployment.command.front() : *script) +
        "' is relative, and the unit has no WorkingDirectory=: systemd starts it in /; write the "
        "whole path");
  }
  if (!deployment.report.empty() && !is_writable(deployment.report, deployment)) {
    doubts.push_back("the unit may not write --report " + deployment.report + ": write it into " +
                     logs_folder(deployment) + ", which it then gets");
  }
  return doubts;
}

}  // namespace lastcall::deploy
