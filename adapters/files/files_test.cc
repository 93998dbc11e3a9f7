#include "lastcall/files.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sys/sys.h"

namespace lastcall::files {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Files : public ::testing::Test {
 public:
  ~Files() override { std::filesystem::remove_all(folder_); }

 protected:
  Files() {
    std::string name = std::filesystem::temp_directory_path() / "lastcall-files-XXXXXX";
    folder_ = ::mkdtemp(name.data());
  }

  std::string path(const char* name) const { return folder_ / name; }

  std::filesystem::path folder_;
  OpenFiles files_;
};

TEST_F(Files, FlushesAndClosesAStream) {
  std::FILE* journal = std::fopen(path("journal").c_str(), "we");
  std::fputs("paid", journal);
  files_.add("journal", journal);
  const Closed closed = files_.close();
  EXPECT_EQ(closed.files, 1);
  EXPECT_THAT(closed.errors, IsEmpty());
  EXPECT_EQ(sys::read_file(path("journal")), "paid");
}

TEST_F(Files, FlushesAndClosesAnOfstream) {
  std::ofstream journal(path("journal"));
  journal << "paid";
  files_.add("journal", journal, path("journal"));
  EXPECT_THAT(files_.close().errors, IsEmpty());
  EXPECT_FALSE(journal.is_open());
  EXPECT_EQ(sys::read_file(path("journal")), "paid");
}

TEST_F(Files, ClosesADescriptor) {
  std::FILE* journal = std::fopen(path("journal").c_str(), "we");
  const int copy = sys::duplicate(::fileno(journal));
  std::fclose(journal);
  files_.add("journal", copy);
  EXPECT_THAT(files_.close().errors, IsEmpty());
  EXPECT_EQ(sys::sync_file(copy), -EBADF);
}

TEST_F(Files, ClosesWhatHasNoDiskWithoutAnError) {
  sys::Pipe pipe = sys::pipe_create();
  files_.add("pipe", pipe.writer.release());
  EXPECT_THAT(files_.close().errors, IsEmpty());
  char byte = 0;
  EXPECT_EQ(sys::read_pipe(pipe.reader.get(), {&byte, 1}), 0);
}

TEST_F(Files, TellsEachFileThatCouldNotBeWritten) {
  std::FILE* full = std::fopen("/dev/full", "we");
  std::fputs("paid", full);
  files_.add("journal", full);
  std::ofstream stream("/dev/full");
  stream << "paid";
  files_.add("audit", stream, "/dev/full");
  files_.add("closed by somebody else", 1'000'000);
  const Closed closed = files_.close();
  EXPECT_EQ(closed.files, 3);
  EXPECT_THAT(closed.errors,
              ElementsAre("journal: flush: No space left on device", "audit: flush: No space left on device",
                          "closed by somebody else: fsync: Bad file descriptor"));
}

TEST_F(Files, TellsThatAnEarlierWriteFailed) {
  std::FILE* full = std::fopen("/dev/full", "we");
  std::setvbuf(full, nullptr, _IONBF, 0);
  std::fputs("paid", full);
  files_.add("journal", full);
  EXPECT_THAT(files_.close().errors, ElementsAre("journal: an earlier write failed"));
}

TEST_F(Files, ClosesEachOnce) {
  files_.add("journal", std::fopen(path("journal").c_str(), "we"));
  EXPECT_EQ(files_.close().files, 1);
  EXPECT_EQ(files_.close().files, 0);
}

}  // namespace
}  // namespace lastcall::files
