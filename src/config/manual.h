// The manual page lastcall(1), from the list of commands and the option tables, in the man(7) language. Any
// thread.
#pragma once

#include <string>

namespace lastcall::config {

[[nodiscard]] std::string manual_page();

}  // namespace lastcall::config
