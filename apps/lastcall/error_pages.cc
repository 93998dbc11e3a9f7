#include "error_pages.h"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "base/units.h"
#include "sys/sys.h"

namespace lastcall {
namespace {

struct Type {
  std::string_view ending;
  std::string_view name;
};

constexpr Type kTypes[] = {{".html", "text/html; charset=utf-8"},
                           {".htm", "text/html; charset=utf-8"},
                           {".json", "application/json"},
                           {".txt", "text/plain; charset=utf-8"},
                           {".xml", "application/xml"}};

Failure unusable(const config::ErrorPage& page, const std::string& why) {
  return failure(
      std::to_string(page.status) + "=" + page.file + ": " + why,
      "name a file that ends in .html, .json, .txt or .xml, of at most " + print_size(kMaxErrorPage), 2);
}

Result<proxy::ErrorPage> read(const config::ErrorPage& page) {
  const auto* const type = std::ranges::find_if(
      kTypes, [&](const Type& each) { return std::string_view(page.file).ends_with(each.ending); });
  if (type == std::end(kTypes)) {
    return unusable(page, "what its content is cannot be told from its name");
  }
  int error = 0;
  auto content = sys::read_large_file(page.file, kMaxErrorPage, error);
  if (!content) {
    return unusable(page, std::generic_category().message(-error));
  }
  return proxy::ErrorPage{.type = std::string(type->name), .body = *std::move(content)};
}

}  // namespace

Result<proxy::ErrorPages> read_error_pages(std::span<const config::ErrorPage> pages) {
  proxy::ErrorPages all;
  for (const config::ErrorPage& page : pages) {
    auto read_page = read(page);
    if (!read_page) {
      return tl::unexpected(read_page.error());
    }
    all.insert_or_assign(page.status, *std::move(read_page));
  }
  return all;
}

}  // namespace lastcall
