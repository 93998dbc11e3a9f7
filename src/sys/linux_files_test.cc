#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <unistd.h>

#include <gtest/gtest.h>

#include "sys/sys.h"

namespace lastcall::sys {
namespace {

class Files : public testing::Test {
 protected:
  void SetUp() override {
    char pattern[] = "/tmp/lastcall-files-XXXXXX";
    folder_ = ::mkdtemp(pattern);
  }

  void TearDown() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::string path(const char* name) const { return folder_ + "/" + name; }

  std::string folder_;
};

TEST_F(Files, ReplacesAFileWhole) {
  EXPECT_EQ(replace_file(path("report"), "a longer first version"), 0);
  EXPECT_EQ(replace_file(path("report"), "second"), 0);
  EXPECT_EQ(read_file(path("report")), "second");
}

TEST_F(Files, HasAFolderThatNobodyElseCanEnter) {
  EXPECT_EQ(have_private_folder(path("own")), 0);
  EXPECT_EQ(have_private_folder(path("own")), 0) << "it is there already";
  EXPECT_EQ(std::filesystem::status(path("own")).permissions(), std::filesystem::perms::owner_all);
  EXPECT_EQ(have_private_folder(path("missing/own")), -ENOENT);
  EXPECT_EQ(check_private_folder(path("own")), 0);
  EXPECT_EQ(check_private_folder(path("missing")), -ENOENT);
}

TEST_F(Files, TrustsNoFolderThatOthersMayHaveMade) {
  std::filesystem::create_directory(path("open"));
  std::filesystem::permissions(path("open"), std::filesystem::perms::all);
  EXPECT_EQ(have_private_folder(path("open")), -EPERM);
  ASSERT_EQ(have_private_folder(path("own")), 0);
  std::filesystem::create_directory_symlink(path("own"), path("link"));
  EXPECT_EQ(have_private_folder(path("link")), -EPERM);
}

TEST_F(Files, LeavesNoDraftBehindWhenReplacingFails) {
  ASSERT_TRUE(std::filesystem::create_directory(path("taken")));
  EXPECT_LT(replace_file(path("taken"), "text"), 0);
  EXPECT_LT(replace_file(path("missing/report"), "text"), 0);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

TEST_F(Files, WritesToADeviceInPlace) {
  EXPECT_EQ(replace_file("/dev/null", "text"), 0);
  struct stat info{};
  ASSERT_EQ(::stat("/dev/null", &info), 0);
  EXPECT_TRUE(S_ISCHR(info.st_mode));
}

TEST_F(Files, OverwritesOnlyWhatExists) {
  EXPECT_EQ(overwrite_existing(path("log"), "text"), -ENOENT);
  EXPECT_EQ(replace_file(path("log"), "a longer old text"), 0);
  EXPECT_EQ(overwrite_existing(path("log"), "text"), 0);
  EXPECT_EQ(read_file(path("log")), "text");
}

TEST_F(Files, ReadsNothingFromAMissingFile) {
  EXPECT_EQ(read_file(path("missing")), std::nullopt);
}

TEST_F(Files, ReadsAtMostAMebibyte) {
  EXPECT_EQ(replace_file(path("big"), std::string(3 << 20, 'x')), 0);
  EXPECT_EQ(read_file(path("big"))->size(), std::size_t{1} << 20);
}

TEST_F(Files, AreForOurselvesAloneIfAskedForThoughAnotherStoodThere) {
  EXPECT_EQ(replace_file(path("report"), "for everybody"), 0);
  EXPECT_EQ(replace_file(path("report"), "text", Access::ourselves), 0);
  struct stat info{};
  ASSERT_EQ(::stat(path("report").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

TEST_F(Files, ThatCannotBeReplacedAreKnownBeforehand) {
  ASSERT_TRUE(std::filesystem::create_directory(path("folder")));
  EXPECT_EQ(can_replace_file(path("folder")), -EISDIR);
  EXPECT_EQ(can_replace_file(path("missing/report")), -ENOENT);
  EXPECT_EQ(can_replace_file("/dev/null"), 0);
  EXPECT_EQ(can_replace_file(path("report")), 0);
  EXPECT_FALSE(std::filesystem::exists(path("report"))) << "asking changes nothing";
}

TEST_F(Files, AreReadWholeOrNotAtAllIfLarge) {
  EXPECT_EQ(replace_file(path("big"), std::string(3 << 20, 'x')), 0);
  int error = 0;
  EXPECT_EQ(read_large_file(path("big"), 3 << 20, error)->size(), std::size_t{3} << 20);
  EXPECT_EQ(error, 0);
  EXPECT_EQ(read_large_file(path("big"), (3 << 20) - 1, error), std::nullopt);
  EXPECT_EQ(error, -EFBIG);
  EXPECT_EQ(read_large_file(path("missing"), 10, error), std::nullopt);
  EXPECT_EQ(error, -ENOENT);
}

TEST(Terminal, IsNotAFile) {
  const UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  EXPECT_FALSE(is_terminal(null.get()));
  EXPECT_EQ(terminal_width(null.get()), 0);
}

}  // namespace
}  // namespace lastcall::sys
