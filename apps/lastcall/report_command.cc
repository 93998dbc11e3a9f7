// `lastcall report`: a drain report of `lastcall run`, told to a person or drawn as a page.
#include <cstring>
#include <optional>

#include "commands.h"
#include "report/drain_document.h"
#include "report/drain_report.h"
#include "report/page.h"
#include "surroundings.h"
#include "sys/sys.h"

namespace lastcall {
namespace {

struct Request {
  std::string file;
  bool html = false;
  std::string out = "-";
};

Failure misuse(const std::string& what) {
  return failure(what, "lastcall report FILE [--html [OUT]]", 2);
}

Result<Request> understand(std::span<const std::string> words) {
  constexpr std::string_view kHtmlInto = "--html=";
  if (words.empty() || (words.front().starts_with('-') && words.front() != "-")) {
    return misuse("which report? The file comes first");
  }
  Request request{.file = words.front()};
  words = words.subspan(1);
  if (words.empty()) {
    return request;
  }
  request.html = true;
  if (words.size() == 1 && words.front().starts_with(kHtmlInto)) {
    request.out = words.front().substr(kHtmlInto.size());
  } else if (words.front() != "--html" || words.size() > 2) {
    return misuse("the report command does not understand '" + words[words.size() > 2 ? 2 : 0] + "'");
  } else if (words.size() == 2) {
    request.out = words.back();
  }
  if (request.out.starts_with('-') && request.out != "-") {
    return misuse("--html: '" + request.out + "' is no file but an option; a file of that name is ./" +
                  request.out);
  }
  return request.out.empty() ? Result<Request>(misuse("--html= names no file")) : request;
}

Result<std::string> tell(const Request& request) {
  constexpr std::size_t kMost = 1 << 20;
  const std::string from = request.file == "-" ? "/dev/stdin" : request.file;
  int error = 0;
  const std::optional<std::string> json = sys::read_large_file(from, kMost, error);
  if (!json) {
    return failure("cannot read " + request.file + ": " + std::strerror(-error),
                   "name the file that `lastcall run --report FILE` wrote, of at most 1 MiB", 2);
  }
  if (request.html) {
    return report::drain_report_page(*json);
  }
  return report::parse_drain_document(*json).map(
      [](const report::DrainDocument& document) { return report::to_text(document.report); });
}

int write_out(const std::string& text, const std::string& out) {
  if (out == "-") {
    return print(text);
  }
  if (const int result = sys::replace_file(out, text); result < 0) {
    return complain({.what = "cannot write " + out + ": " + std::strerror(-result), .fix = {}});
  }
  return 0;
}

}  // namespace

int report_command(std::span<const std::string> words) {
  if (!words.empty() && (words.front() == "--help" || words.front() == "-h")) {
    return print_help("report");
  }
  const auto request = understand(words);
  if (!request) {
    return complain(request.error());
  }
  const auto text = tell(*request);
  return text ? write_out(*text, request->out) : complain(text.error());
}

}  // namespace lastcall
