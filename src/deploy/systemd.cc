#include <fmt/format.h>

#include "deploy/manifest.h"
#include "deploy/quote.h"

namespace lastcall::deploy {
namespace {

constexpr const char* kService = R"([Unit]
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
NoNewPrivileges=yes
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
  return lines;
}

}  // namespace

std::vector<File> systemd(const Deployment& deployment) {
  using fmt::arg;
  const auto name = arg("name", deployment.name);
  return {{deployment.name + ".service",
           fmt::format(fmt::runtime(kService), name, arg("command", systemd_command(deployment.command)),
                       arg("environment", environment(deployment)), arg("grace", grace_seconds(deployment)))},
          {deployment.name + ".socket",
           fmt::format(fmt::runtime(kSocket), name, arg("socket", deployment.socket))}};
}

}  // namespace lastcall::deploy
