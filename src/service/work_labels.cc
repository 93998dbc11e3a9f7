#include "service/work_labels.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace lastcall::service {

void WorkLabel::publish(std::string_view text, Time since) {
  std::array<Word, kWords> words{};
  const std::size_t length = std::min(text.size(), WorkScope::kMaxLabel);
  std::memcpy(words.data(), text.data(), length);
  // Release, each of them: a reader that sees one of these words sees the generation before it, too.
  for (std::size_t i = 0; i * sizeof(Word) < length; ++i) {
    text_[i].store(words[i], std::memory_order_release);
  }
  length_.store(length, std::memory_order_release);
  since_.store(since.time_since_epoch().count(), std::memory_order_release);
  generation_.store(generation_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
}

void WorkLabel::withdraw() {
  generation_.store(generation_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
}

std::optional<WorkLabel::Content> WorkLabel::read() const {
  const std::uint64_t generation = generation_.load(std::memory_order_acquire);
  if (generation % 2 == 0) {
    return std::nullopt;
  }
  std::array<Word, kWords> words{};
  for (std::size_t i = 0; i < kWords; ++i) {
    words[i] = text_[i].load(std::memory_order_acquire);
  }
  const std::size_t length = length_.load(std::memory_order_acquire);
  const Time since{Duration(since_.load(std::memory_order_acquire))};
  if (generation_.load(std::memory_order_relaxed) != generation) {
    return std::nullopt;
  }
  Content content{std::string(length, '\0'), since};
  std::memcpy(content.text.data(), words.data(), length);
  return content;
}

LabelGroup::LabelGroup() {
  for (WorkLabel& label : labels) {
    label.group_ = this;
  }
}

WorkLabel* LabelGroup::claim() {
  std::uint64_t word = free.load(std::memory_order_relaxed);
  while (word != 0) {
    // Acquire: the next name is written after the last one was withdrawn.
    if (free.compare_exchange_weak(word, word & (word - 1), std::memory_order_acquire,
                                   std::memory_order_relaxed)) {
      return &labels[static_cast<std::size_t>(std::countr_zero(word))];
    }
  }
  return nullptr;
}

void LabelGroup::give_back(const WorkLabel* label) {
  free.fetch_or(std::uint64_t{1} << (label - labels.data()), std::memory_order_release);
}

WorkLabels::~WorkLabels() {
  for (const std::atomic<LabelGroup*>& group : groups_) {
    delete group.load(std::memory_order_acquire);
  }
}

WorkLabel* WorkLabels::claim(std::string_view text, Time since) {
  for (std::atomic<LabelGroup*>& place : groups_) {
    LabelGroup* group = place.load(std::memory_order_acquire);
    if (group == nullptr) {
      group = grow(place);
    }
    WorkLabel* label = group == nullptr ? nullptr : group->claim();
    if (label != nullptr) {
      label->publish(text, since);
      return label;
    }
  }
  return nullptr;
}

void WorkLabels::give_back(WorkLabel* label) {
  label->withdraw();
  label->group_->give_back(label);
}

void WorkLabels::read_into(std::vector<WorkLabel::Content>& out) const {
  for (const std::atomic<LabelGroup*>& place : groups_) {
    const LabelGroup* group = place.load(std::memory_order_acquire);
    if (group == nullptr) {
      return;
    }
    for (const WorkLabel& label : group->labels) {
      if (std::optional<WorkLabel::Content> content = label.read()) {
        out.push_back(std::move(*content));
      }
    }
  }
}

LabelGroup* WorkLabels::grow(std::atomic<LabelGroup*>& place) {
  LabelGroup* const mine = new (std::nothrow) LabelGroup;
  LabelGroup* theirs = nullptr;
  if (mine == nullptr || place.compare_exchange_strong(theirs, mine, std::memory_order_acq_rel)) {
    return mine;
  }
  delete mine;
  return theirs;
}

}  // namespace lastcall::service
