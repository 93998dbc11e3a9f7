#include "config/suggest.h"

#include <algorithm>
#include <vector>

namespace lastcall::config {
namespace {

constexpr std::size_t kMaxWord = 64;   // the work grows with its square
constexpr std::size_t kLeastPart = 3;  // letters of a part that says which flag is meant

/// Optimal string alignment distance.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) {
    last[j] = j;
  }
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
    before_last.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

/// --app-port for --port: the only candidate of which `word` is the last part.
std::string only_one_ending_in(std::string_view word, std::span<const std::string> candidates) {
  const std::string_view name = word.substr(std::min(word.find_first_not_of('-'), word.size()));
  const std::string ending = "-" + std::string(name);
  std::string found;
  for (const std::string& candidate : candidates) {
    if (name.size() < kLeastPart || name == word || !candidate.ends_with(ending) || candidate == word) {
      continue;
    }
    if (!found.empty()) {
      return {};
    }
    found = candidate;
  }
  return found;
}

}  // namespace

std::string nearest_within(std::string_view word, std::span<const std::string> candidates, std::size_t most) {
  if (word.empty() || word.size() > kMaxWord) {
    return {};
  }
  std::string best;
  std::size_t best_distance = most + 1;
  for (const std::string& candidate : candidates) {
    if (const std::size_t edits = distance(word, candidate); edits < best_distance) {
      best_distance = edits;
      best = candidate;
    }
  }
  return best;
}

std::string nearest(std::string_view word, std::span<const std::string> candidates) {
  if (std::string ended = only_one_ending_in(word, candidates); !ended.empty()) {
    return ended;
  }
  std::string best = nearest_within(word, candidates, std::max<std::size_t>(1, word.size() / 3));
  if (!best.empty() || word.empty()) {
    return best;
  }
  const auto begun =
      std::ranges::find_if(candidates, [word](const std::string& c) { return c.starts_with(word); });
  return begun == candidates.end() ? std::string() : *begun;
}

}  // namespace lastcall::config
