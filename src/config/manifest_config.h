// ManifestConfig: what `lastcall manifest` is told beside the options of `lastcall run`. A plain value; the
// option table holds the defaults.
#pragma once

#include <cstdint>
#include <string>

namespace lastcall::config {

struct ManifestConfig {
  std::string name;   ///< a DNS label (RFC 1123 §2.1): of the Deployment, the unit, the image
  std::string image;  ///< empty: the name
  std::uint32_t replicas{};
  std::string into;    ///< a folder; empty: standard output
  bool force = false;  ///< files there that differ are overwritten
};

}  // namespace lastcall::config
