// Manifests: what a platform is given to run an app under lastcall, as text. Pure: it reads no settings and
// writes no file; the same deployment gives the same bytes. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"

namespace lastcall::deploy {

struct Variable {
  std::string name;
  std::string value;
};

struct Deployment {
  std::string name;  ///< a DNS label
  std::string image;
  std::uint32_t replicas = 1;
  std::vector<std::string> command;   ///< the app's; not empty
  std::vector<Variable> environment;  ///< lastcall's settings but for the address to listen on
  std::string listen;                 ///< that address
  std::string socket;                 ///< the same as systemd writes it: "8080", "/run/app.sock"
  std::uint16_t port = 0;             ///< and its port; 0: a Unix socket
  std::uint16_t admin_port = 0;       ///< where probes are answered
  Duration grace{};                   ///< from the platform's signal to its SIGKILL
  std::string report;                 ///< the file of the drain report; empty: none
  bool control_asked = false;         ///< the environment says where the control socket is
};

struct File {
  std::string name;
  std::string text;
  bool of_folder = false;  ///< it is of use only beside the others
};

/// The grace period as platforms count it: whole seconds, rounded up.
[[nodiscard]] std::int64_t grace_seconds(const Deployment& deployment);

/// A Deployment, a Service and a PodDisruptionBudget, and the kustomization that names them. Needs both
/// ports.
[[nodiscard]] std::vector<File> kubernetes(const Deployment& deployment);

/// A unit that is stopped as lastcall needs it, and its socket.
[[nodiscard]] std::vector<File> systemd(const Deployment& deployment);

/// What the unit will probably not find, or not be allowed to: sentences without a final period.
[[nodiscard]] std::vector<std::string> systemd_doubts(const Deployment& deployment);

/// An image of lastcall and the app alone.
[[nodiscard]] std::vector<File> docker(const Deployment& deployment);

/// The same of what will probably not be in the image.
[[nodiscard]] std::vector<std::string> docker_doubts(const Deployment& deployment);

}  // namespace lastcall::deploy
