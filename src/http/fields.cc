#include "http/fields.h"

#include <algorithm>
#include <array>

namespace lastcall::http {

namespace {

FieldName pick(std::string_view name, std::string_view lower, FieldName field) {
  return equals_lower(name, lower) ? field : FieldName::other;
}

FieldName identify_forwarded(std::string_view name) {
  if (!starts_with_lower(name, "x-forwarded-")) {
    return FieldName::other;
  }
  const std::string_view what = name.substr(std::string_view("x-forwarded-").size());
  if (equals_lower(what, "for")) {
    return FieldName::forwarded_for;
  }
  if (equals_lower(what, "host")) {
    return FieldName::forwarded_host;
  }
  return equals_lower(what, "proto") ? FieldName::forwarded_proto : FieldName::forwarded;
}

FieldName identify_extension(std::string_view name) {
  if (name.size() == 12) {
    return pick(name, "x-request-id", FieldName::request_id);
  }
  if (name.size() == 15 && equals_lower(name, "x-request-start")) {
    return FieldName::request_start;
  }
  return identify_forwarded(name);
}

}  // namespace

FieldName identify(std::string_view name) {
  // The first letter alone sorts out most fields of a browser's head.
  switch (name.front() | 0x20) {
    case 'a':
      return pick(name, "accept", FieldName::accept);
    case 'c':
      return name.size() == 10 ? pick(name, "connection", FieldName::connection)
                               : pick(name, "content-length", FieldName::content_length);
    case 'e':
      return pick(name, "expect", FieldName::expect);
    case 'f':
      return pick(name, "forwarded", FieldName::forwarded);
    case 'h':
      return pick(name, "host", FieldName::host);
    case 'k':
      return pick(name, "keep-alive", FieldName::keep_alive);
    case 'p':
      return pick(name, "proxy-connection", FieldName::proxy_connection);
    case 't':
      return name.size() == 2 ? pick(name, "te", FieldName::te)
                              : pick(name, "transfer-encoding", FieldName::transfer_encoding);
    case 'u':
      return pick(name, "upgrade", FieldName::upgrade);
    case 'x':
      return identify_extension(name);
    default:
      return FieldName::other;
  }
}

FieldName identify_as_cgi(std::string_view name) {
  // No name that matters is longer, but an X-Forwarded-* is known by its beginning.
  std::array<char, 32> dashed{};
  const std::size_t size = std::min(name.size(), dashed.size());
  std::replace_copy(name.begin(), name.begin() + size, dashed.begin(), '_', '-');
  return identify({dashed.data(), size});
}

std::optional<std::string_view> find_field(std::string_view lines, std::string_view lower_name) {
  FieldReader reader(lines.data(), lines.data() + lines.size());
  while (reader.read() == FieldReader::Step::field) {
    if (equals_lower(reader.name(), lower_name)) {
      return reader.value();
    }
  }
  return std::nullopt;
}

}  // namespace lastcall::http
