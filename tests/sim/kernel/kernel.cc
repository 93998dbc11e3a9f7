#include "sim/kernel/kernel.h"

#include <utility>

#include "base/assert.h"

namespace lastcall::sim {
namespace {

Kernel* alive = nullptr;

constexpr int kFirstDescriptor = 3;

}  // namespace

Kernel& kernel() {
  LASTCALL_ASSERT(alive != nullptr);
  return *alive;
}

Kernel::Kernel(std::uint64_t seed, const Faults& faults, Trace trace)
    : faults_(faults),
      trace_(std::move(trace)),
      random_(seed),
      fibers_(timeline_, random_),
      network_(wire()),
      processes_(timeline_, fibers_, random_) {
  LASTCALL_ASSERT(alive == nullptr);
  alive = this;
}

Kernel::~Kernel() {
  alive = nullptr;
}

/// The lowest free number, as always: who uses one after its close meets another's.
int Kernel::open(std::shared_ptr<File> file) {
  int fd = kFirstDescriptor;
  while (files_.contains(fd)) {
    ++fd;
  }
  files_.emplace(fd, std::move(file));
  return fd;
}

void Kernel::close(int fd) {
  const auto found = files_.find(fd);
  if (found == files_.end()) {
    misused(fmt::format("close of descriptor {}, which is not open", fd));
    return;
  }
  const std::shared_ptr<File> file = std::move(found->second);
  files_.erase(found);
  if (std::dynamic_pointer_cast<Listener>(file) != nullptr) {
    trace("closes the listener");
  }
  for (const auto& [other, candidate] : files_) {
    if (const auto poller = std::dynamic_pointer_cast<Poller>(candidate)) {
      poller->remove(fd);
    }
  }
  file->closed();
}

std::shared_ptr<File> Kernel::file(int fd) {
  const auto found = files_.find(fd);
  if (found == files_.end()) {
    misused(fmt::format("use of descriptor {}, which is not open", fd));
    return nullptr;
  }
  return found->second;
}

bool Kernel::fails(int percent) {
  const bool fault = armed_ && percent > 0 && random_.percent(percent);
  failed_calls_ += fault ? 1 : 0;
  return fault;
}

void Kernel::misused(std::string how) {
  trace("misuse: {}", how);
  misuses_.push_back(std::move(how));
}

}  // namespace lastcall::sim
