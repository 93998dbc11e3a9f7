// A settings file: whatever it holds, it is refused with a line or becomes settings of the table, each of
// which its option accepts or refuses by that line.
#include "config/resolve.h"
#include "fuzz.h"

using namespace lastcall::config;
using lastcall::fuzz::Exact;

namespace {

bool names_a_line(const lastcall::Error& error) {
  return error.exit_status == 2 && error.what.starts_with("f:") && error.what[2] >= '1' &&
         error.what[2] <= '9';
}

bool is_of_the_table(std::string_view flag) {
  bool found = false;
  for_each_option(run_table(),
                  [&](const Option& option) { found = found || (option.flag == flag && option.in_file); });
  return found;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Exact in(lastcall::fuzz::as_text(data, size));
  const auto file = parse_settings_file(run_table(), in.view(), "f");
  if (!file) {
    LASTCALL_ASSERT(names_a_line(file.error()));
    return 0;
  }
  for (const auto& [flag, setting] : *file) {
    LASTCALL_ASSERT(is_of_the_table(flag));
  }
  const auto resolved = resolve({}, {}, *file);
  LASTCALL_ASSERT(resolved.has_value() || names_a_line(resolved.error()));
  return 0;
}
