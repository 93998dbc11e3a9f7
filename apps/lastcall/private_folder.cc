#include "private_folder.h"

#include <array>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "sys/sys.h"

namespace lastcall {

Result<PrivateFolder> PrivateFolder::make() {
  std::array<std::byte, 8> random{};
  sys::random_bytes(random);
  std::string name = "lastcall-";
  for (const std::byte byte : random) {
    name += fmt::format("{:02x}", static_cast<unsigned>(byte));
  }
  std::error_code error;
  auto path = std::filesystem::temp_directory_path(error) / name;
  if (error || !std::filesystem::create_directory(path, error)) {
    return failure("cannot make the folder " + path.string() + ": " + error.message());
  }
  PrivateFolder folder(std::move(path));
  std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_all, error);
  if (error) {
    return failure("cannot make the folder " + folder.path().string() + " private: " + error.message());
  }
  return folder;
}

PrivateFolder::~PrivateFolder() {
  std::error_code ignored;
  if (!path_.empty()) {
    std::filesystem::remove_all(path_, ignored);
  }
}

PrivateFolder::PrivateFolder(PrivateFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}

}  // namespace lastcall
