// What `lastcall manifest` is asked for, as a deployment, or why that could not work there. It neither knows
// how a manifest is written (deploy/manifest.h) nor writes one. Main thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/options.h"
#include "deploy/manifest.h"

namespace lastcall {

/// Somewhere to run, and what it asks of the settings.
struct ManifestKind {
  std::string_view name;  ///< as --platform says it
  std::vector<deploy::File> (*manifest)(const deploy::Deployment&);
  std::vector<std::string> (*doubts)(const deploy::Deployment&);  ///< null: none
  bool networked;  ///< clients come from outside the container, so not over a Unix socket
  bool probed;     ///< and so do probes
};

/// The words of a command line, divided into those of `manifest` itself and those of `run`, with the command.
struct ManifestWords {
  std::vector<std::string> own;
  std::vector<std::string> of_run;
};

struct ManifestPlan {
  config::ManifestConfig own;
  deploy::Deployment deployment;
  std::vector<std::string> warnings;  ///< sentences without a final period
};

/// Error: status 2, for words that are understood but could not work on that platform too.
[[nodiscard]] Result<ManifestPlan> plan_manifest(const ManifestKind& kind, const ManifestWords& words);

}  // namespace lastcall
