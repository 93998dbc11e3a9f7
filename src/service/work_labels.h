// WorkLabels: what the named work of one shard is called and when it began, for the report of what was cut.
// Written by whoever enters, read by the report at the same time, without a lock: a name is published by its
// generation, and one that changed while it was read is one whose work has ended. Bounded; past the bound,
// work has no name. Any thread.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lastcall/time.h"
#include "lastcall/work.h"

namespace lastcall::service {

struct LabelGroup;

/// One name. It belongs to whoever claimed it, until WorkLabels::give_back().
class WorkLabel {
 public:
  struct Content {
    std::string text{};
    Time since{};
  };

  /// Cuts off what is longer than WorkScope::kMaxLabel.
  void publish(std::string_view text, Time since);
  void withdraw();

  /// Any thread. Nothing if there is no name, or no longer.
  [[nodiscard]] std::optional<Content> read() const;

 private:
  friend struct LabelGroup;
  friend class WorkLabels;

  using Word = std::uint64_t;
  static constexpr std::size_t kWords = WorkScope::kMaxLabel / sizeof(Word);

  LabelGroup* group_ = nullptr;
  // Odd while there is a name. Whoever reads any word of a later name also sees a later generation.
  std::atomic<std::uint64_t> generation_{0};
  std::atomic<Duration::rep> since_{0};
  std::atomic<std::size_t> length_{0};
  std::array<std::atomic<Word>, kWords> text_{};
};

/// As many names as a word has bits.
struct alignas(64) LabelGroup {
  static constexpr int kSize = 64;

  LabelGroup();

  [[nodiscard]] WorkLabel* claim();
  void give_back(const WorkLabel* label);

  std::atomic<std::uint64_t> free{~std::uint64_t{0}};
  std::array<WorkLabel, kSize> labels{};
};

class WorkLabels {
 public:
  static constexpr int kMaxGroups = 16;

  WorkLabels() = default;
  WorkLabels(const WorkLabels&) = delete;
  WorkLabels& operator=(const WorkLabels&) = delete;
  ~WorkLabels();

  /// Null when all are taken, or memory is out.
  [[nodiscard]] WorkLabel* claim(std::string_view text, Time since);
  static void give_back(WorkLabel* label);

  /// Those of work that is in flight now.
  void read_into(std::vector<WorkLabel::Content>& out) const;

 private:
  LabelGroup* grow(std::atomic<LabelGroup*>& place);

  std::array<std::atomic<LabelGroup*>, kMaxGroups> groups_{};
};

}  // namespace lastcall::service
