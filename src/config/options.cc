#include "config/options.h"

#include "base/assert.h"

namespace lastcall::config {

std::string Option::environment_name() const {
  std::string name = "LASTCALL_";
  for (const char c : flag) {
    name += c == '-' ? '_' : static_cast<char>(c - 'a' + 'A');
  }
  return name;
}

const Option* find_option(const Table& table, std::string_view flag) {
  const Option* found = nullptr;
  for_each_option(table, [&](const Option& option) { found = option.flag == flag ? &option : found; });
  return found;
}

const Option& option_called(const Table& table, std::string_view flag) {
  const Option* const found = find_option(table, flag);
  LASTCALL_ASSERT(found != nullptr);
  return *found;
}

}  // namespace lastcall::config
