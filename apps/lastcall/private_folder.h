// PrivateFolder: a new folder for temporary files that only we can read, deleted with all that is in it.
#pragma once

#include <filesystem>

#include "base/result.h"

namespace lastcall {

class PrivateFolder {
 public:
  /// Error: it cannot be made.
  [[nodiscard]] static Result<PrivateFolder> make();

  ~PrivateFolder();
  PrivateFolder(PrivateFolder&& other) noexcept;
  PrivateFolder& operator=(PrivateFolder&&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  explicit PrivateFolder(std::filesystem::path path) : path_(std::move(path)) {}

  std::filesystem::path path_;
};

}  // namespace lastcall
