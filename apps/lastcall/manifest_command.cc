// `lastcall manifest`: what a platform needs to run an app under lastcall, from the options of `run`.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "commands.h"
#include "config/help.h"
#include "config/suggest.h"
#include "manifest_plan.h"
#include "surroundings.h"
#include "sys/sys.h"

namespace lastcall {
namespace {

constexpr ManifestKind kKinds[] = {{.name = "kubernetes",
                                    .manifest = deploy::kubernetes,
                                    .doubts = nullptr,
                                    .networked = true,
                                    .probed = true},
                                   {.name = "systemd",
                                    .manifest = deploy::systemd,
                                    .doubts = deploy::systemd_doubts,
                                    .networked = false,
                                    .probed = false},
                                   {.name = "docker",
                                    .manifest = deploy::docker,
                                    .doubts = deploy::docker_doubts,
                                    .networked = true,
                                    .probed = false}};

constexpr std::size_t kMostCompared = 1U << 20U;

ManifestWords divide(std::span<const std::string> words) {
  ManifestWords divided;
  for (std::size_t at = 0; at < words.size(); ++at) {
    const std::string& word = words[at];
    if (word == "--") {
      divided.of_run.insert(divided.of_run.end(), words.begin() + static_cast<std::ptrdiff_t>(at),
                            words.end());
      break;
    }
    const std::size_t equals = word.find('=');
    const config::Option* const ours =
        word.starts_with("--") ? config::find_option(config::manifest_table(), word.substr(2, equals - 2))
                               : nullptr;
    std::vector<std::string>& side = ours != nullptr ? divided.own : divided.of_run;
    side.push_back(word);
    const bool value_follows = ours != nullptr && !ours->is_switch() && equals == std::string::npos;
    if (value_follows && at + 1 < words.size()) {
      side.push_back(words[++at]);
    }
  }
  return divided;
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

std::string path_in(const std::string& folder, const deploy::File& file) {
  return (std::filesystem::path(folder) / file.name).string();
}

/// Error: what is there may be somebody's own work.
Result<void> check_nothing_is_lost(const std::string& folder, const std::vector<deploy::File>& files) {
  std::string differing;
  for (const deploy::File& file : files) {
    const std::string path = path_in(folder, file);
    int error = 0;
    const auto found = sys::read_large_file(path, kMostCompared, error);
    if (error != -ENOENT && found != file.text) {
      differing += (differing.empty() ? "" : ", ") + path;
    }
  }
  if (differing.empty()) {
    return {};
  }
  return failure(differing + " is there already, and differs: nothing was written",
                 "name another folder with --into, or overwrite with --force", 1);
}

Result<void> check_writable(const std::string& folder, const std::vector<deploy::File>& files) {
  for (const deploy::File& file : files) {
    const std::string path = path_in(folder, file);
    if (const int result = sys::can_replace_file(path); result < 0) {
      return failure("cannot write " + path + ": " + std::strerror(-result),
                     "name another folder with --into", 1);
    }
  }
  return {};
}

Result<int> write_into(const std::string& folder, bool force, const std::vector<deploy::File>& files) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  const auto checked = check_writable(folder, files).and_then([&] {
    return force ? Result<void>() : check_nothing_is_lost(folder, files);
  });
  if (!checked) {
    return tl::unexpected(checked.error());
  }
  for (const deploy::File& file : files) {
    const std::string path = path_in(folder, file);
    if (const int result = sys::replace_file(path, file.text); result < 0) {
      return failure("cannot write " + path + ": " + std::strerror(-result),
                     "name another folder with --into", 1);
    }
    print(path + "\n");
  }
  return 0;
}

Result<int> manifest(const ManifestKind& kind, std::span<const std::string> words) {
  return plan_manifest(kind, divide(words)).and_then([&](const ManifestPlan& plan) {
    caution(plan.warnings);
    const auto files = kind.manifest(plan.deployment);
    return plan.own.into.empty() ? Result<int>(print(together(files)))
                                 : write_into(plan.own.into, plan.own.force, files);
  });
}

Error unknown_kind(const std::string& word) {
  std::vector<std::string> known;
  for (const ManifestKind& kind : kKinds) {
    known.emplace_back(kind.name);
  }
  const std::string meant = word == "k8s" ? "kubernetes" : config::nearest(word, known);
  return {.what = word.empty() ? "for which platform?" : "there is no manifest for '" + word + "'",
          .fix = meant.empty() ? "lastcall manifest kubernetes|systemd|docker [OPTIONS] -- COMMAND…"
                               : "did you mean lastcall manifest " + meant + "?",
          .exit_status = 2};
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
  const auto* const kind = std::ranges::find(kKinds, first, &ManifestKind::name);
  if (kind == std::end(kKinds)) {
    return complain(unknown_kind(first));
  }
  const auto status = manifest(*kind, words.subspan(1));
  return status ? *status : complain(status.error());
}

}  // namespace lastcall
