// The option table of `lastcall manifest`.
#include <algorithm>

#include "config/options.h"
#include "config/setters.h"

namespace lastcall::config {
namespace {

using C = ManifestConfig;

constexpr std::string_view kIntroduction =
    R"(lastcall manifest prints what a platform needs to run an app under lastcall, for
the settings that are given: the same options as those of lastcall run, of the
command line and of --config, and no variable of this shell.

Usage:
  lastcall manifest kubernetes|systemd|docker [OPTIONS] -- COMMAND [ARGUMENT...]

  kubernetes  a Deployment, a Service and a PodDisruptionBudget
  systemd     a service and the socket that stays open while it restarts
  docker      a Dockerfile whose image holds the app, lastcall and nothing else

Examples:
  # Straight into the cluster
  lastcall manifest kubernetes --name shop --image registry.example/shop:7 \
    --grace 45s -- /app/server | kubectl apply -f -

  # A folder for kustomize
  lastcall manifest kubernetes --name shop --into deploy/shop -- /app/server

  # The unit and the socket
  lastcall manifest systemd --name shop --into units -- /usr/bin/shop
)";

constexpr std::string_view kEnding =
    R"(All other options are those of lastcall run (lastcall run --help): they become environment variables of the
manifest, and the grace period becomes the platform's own as well, so that the two cannot differ.

Exit status: 0; 1 if a file could not be written, or is there already and differs; 2 usage, or settings that cannot
work there.
)";

constexpr std::string_view kNote =
    R"(All other options are those of [`lastcall run`](options.md); [deploy.md](deploy.md) says what becomes of them.
)";

constexpr std::size_t kMaxLabel = 63;  // RFC 1123 §2.1

bool is_label_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

Result<void> set_name(C& config, std::string_view text) {
  const bool is_label = !text.empty() && text.size() <= kMaxLabel && text.front() != '-' &&
                        text.back() != '-' && std::ranges::all_of(text, is_label_character);
  if (!is_label) {
    return failure("'" + std::string(text) + "' is no name that every platform takes",
                   "use at most 63 of a-z, 0-9 and -, with a letter or digit at both ends", 2);
  }
  config.name = text;
  return {};
}

Result<void> set_image(C& config, std::string_view text) {
  const bool clean = std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f && c != '"'; });
  if (text.empty() || !clean) {
    return failure("'" + std::string(text) + "' is no image", "write it as registry.example/shop:7", 2);
  }
  config.image = text;
  return {};
}

constexpr Option kManifest[] = {
    {.flag = "name",
     .value = "NAME",
     .standard = "app",
     .help = "What the Deployment, the unit or the image is called.",
     .set = SetterOf<C>(set_name)},
    {.flag = "image",
     .value = "IMAGE",
     .otherwise = "the name",
     .help = "The image of the Deployment, with lastcall and the app in it.",
     .set = SetterOf<C>(set_image)},
    {.flag = "replicas",
     .value = "N",
     .standard = "2",
     .help = "How many pods the Deployment has.",
     .set = SetterOf<C>(set_count<&C::replicas, 1, 10'000>)},
    {.flag = "into",
     .value = "DIR",
     .otherwise = "standard output",
     .help = "Write the files into this folder, with a kustomization.yaml for Kubernetes.",
     .set = SetterOf<C>(set_text<&C::into>)},
    {.flag = "force",
     .standard = "off",
     .help = "Overwrite files of that folder that differ; without it nothing is written then.",
     .set = SetterOf<C>(set_switch<&C::force>)},
};

constexpr Group kGroups[] = {{"The manifest", kManifest}};

constexpr Table kTable = {.command = "manifest",
                          .introduction = kIntroduction,
                          .ending = kEnding,
                          .source = "src/config/manifest_options.cc",
                          .note = kNote,
                          .example = "lastcall manifest kubernetes --name shop -- /app/server",
                          .environment = false,
                          .groups = kGroups};

}  // namespace

const Table& manifest_table() {
  return kTable;
}

}  // namespace lastcall::config
