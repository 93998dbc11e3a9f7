#include "lastcall/files.h"

#include <cerrno>
#include <fstream>
#include <mutex>
#include <system_error>
#include <utility>

#include "sys/sys.h"

namespace lastcall::files {
namespace {

/// What went wrong with one file, or nothing. Goes on to the close after an error, and tells the first one.
class Outcome {
 public:
  /// `result`: 0 or a negative errno.
  void add(const char* what, int result) {
    if (result < 0 && error_.empty()) {
      error_ = std::string(what) + ": " + std::system_category().message(-result);
    }
  }

  /// For what leaves its reason in errno, or none.
  void add_failure(const char* what, bool failed) {
    if (failed && error_.empty()) {
      error_ = errno != 0 ? std::string(what) + ": " + std::system_category().message(errno) : what;
    }
  }

  [[nodiscard]] std::string error() && { return std::move(error_); }

 private:
  std::string error_;
};

int needed(int sync_result) {
  return sync_result == -EINVAL || sync_result == -EROFS ? 0 : sync_result;
}

std::string close_stream(std::FILE* file) {
  Outcome outcome;
  errno = 0;
  outcome.add_failure("an earlier write failed", std::ferror(file) != 0);
  outcome.add_failure("flush", std::fflush(file) != 0);
  outcome.add("fsync", needed(sys::sync_file(::fileno(file))));
  outcome.add_failure("close", std::fclose(file) != 0);
  return std::move(outcome).error();
}

std::string close_descriptor(int fd) {
  Outcome outcome;
  outcome.add("fsync", needed(sys::sync_file(fd)));
  sys::close_fd(fd);  // after a sync it has nothing left to say
  return std::move(outcome).error();
}

std::string close_ofstream(std::ofstream& file, const std::string& path) {
  Outcome outcome;
  errno = 0;
  outcome.add_failure("an earlier write failed", file.fail());
  file.flush();
  outcome.add_failure("flush", file.fail());
  // It does not give away its descriptor; any other of the same file does as well.
  outcome.add("fsync", needed(sys::sync_path(path)));
  file.close();
  outcome.add_failure("close", file.fail());
  return std::move(outcome).error();
}

}  // namespace

struct OpenFiles::State {
  struct File {
    std::string name;
    std::function<std::string()> close;  ///< what went wrong, or nothing
  };

  void add(File file) {
    const std::lock_guard lock(mutex);
    files.push_back(std::move(file));
  }

  [[nodiscard]] Closed close();
  void close(const StepContext& step);

  std::mutex mutex;
  std::vector<File> files;  ///< guarded by mutex
};

OpenFiles::OpenFiles() : state_(std::make_shared<State>()) {}

void OpenFiles::add(std::string name, std::FILE* file) {
  state_->add({std::move(name), [file] { return close_stream(file); }});
}

void OpenFiles::add(std::string name, int fd) {
  state_->add({std::move(name), [fd] { return close_descriptor(fd); }});
}

void OpenFiles::add(std::string name, std::ofstream& file, std::string path) {
  state_->add({std::move(name), [&file, path = std::move(path)] { return close_ofstream(file, path); }});
}

Closed OpenFiles::close() {
  return state_->close();
}

void OpenFiles::close(const StepContext& step) {
  state_->close(step);
}

Result<void> OpenFiles::close_with(Coordinator& coordinator, Step step) {
  return coordinator.add_step(std::move(step),
                              [state = state_](const StepContext& context) { state->close(context); });
}

Closed OpenFiles::State::close() {
  std::vector<File> closing;
  {
    const std::lock_guard lock(mutex);
    closing.swap(files);
  }
  Closed closed;
  for (const File& file : closing) {
    const std::string error = file.close();
    if (!error.empty()) {
      closed.errors.push_back(file.name + ": " + error);
    }
    ++closed.files;
  }
  return closed;
}

void OpenFiles::State::close(const StepContext& step) {
  const Closed closed = close();
  for (const std::string& error : closed.errors) {
    step.lost(error);
  }
  step.note(std::to_string(closed.files) + (closed.files == 1 ? " file closed" : " files closed"));
}

}  // namespace lastcall::files
