// An event stream: the same judgement wherever it is cut, and the one of a reader that sees it whole and
// takes it line by line.
#include "fuzz.h"
#include "http/event_stream.h"

using lastcall::fuzz::Exact;
using lastcall::http::EventStream;

namespace {

struct Judgement {
  bool boundary = true;
  bool retry = false;

  bool operator==(const Judgement&) const = default;
};

Judgement judge(std::string_view in, std::size_t cut) {
  EventStream stream;
  for (const std::string_view part : {in.substr(0, cut), in.substr(cut)}) {
    stream.take(Exact(part).view());
  }
  return {.boundary = stream.at_boundary(), .retry = stream.retry_seen()};
}

/// Taken from boundary to boundary: each that is reached is one, and nothing is passed over.
Judgement judge_by_events(std::string_view in) {
  EventStream stream;
  const Exact whole(in);
  for (std::string_view left = whole.view(); !left.empty();) {
    const std::size_t taken = stream.take_to_boundary(left);
    LASTCALL_ASSERT(taken == left.size() || stream.at_boundary());
    left.remove_prefix(taken);
    stream.take(left.substr(0, 1));  // beyond the boundary
    left.remove_prefix(left.empty() ? 0 : 1);
  }
  return {.boundary = stream.at_boundary(), .retry = stream.retry_seen()};
}

/// "\r\n" and "\r" as "\n".
std::string with_line_feeds(std::string_view in) {
  std::string out;
  for (std::size_t i = 0; i < in.size(); ++i) {
    if (in[i] != '\r') {
      out += in[i];
    } else if (i + 1 == in.size() || in[i + 1] != '\n') {
      out += '\n';
    }
  }
  return out;
}

bool is_retry(std::string_view line) {
  if (!line.starts_with("retry:")) {
    return false;
  }
  line.remove_prefix(line.starts_with("retry: ") ? 7 : 6);
  return !line.empty() && line.find_first_not_of("0123456789") == std::string_view::npos;
}

Judgement judge_by_lines(std::string_view in) {
  const std::string text = with_line_feeds(in);
  std::string_view left = text;
  Judgement result;
  bool in_event = false;
  for (bool first = true; left.find('\n') != std::string_view::npos; first = false) {
    std::string_view line = left.substr(0, left.find('\n'));
    left.remove_prefix(line.size() + 1);
    const std::size_t size = line.size();
    if (first && line.starts_with("\xef\xbb\xbf")) {
      line.remove_prefix(3);
    }
    result.retry |= is_retry(line) && size <= 32;
    const bool field = !line.empty() && line.front() != ':' && !line.starts_with("retry:");
    in_event = !line.empty() && (in_event || field);
  }
  result.boundary = left.empty() && !in_event;
  return result;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view in = lastcall::fuzz::as_text(data, size);
  const Judgement expected = judge_by_lines(in);
  LASTCALL_ASSERT(judge(in, size) == expected);
  LASTCALL_ASSERT(judge_by_events(in) == expected);
  lastcall::fuzz::for_cuts(size, [&](std::size_t cut) { LASTCALL_ASSERT(judge(in, cut) == expected); });
  return 0;
}
