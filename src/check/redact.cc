#include "check/redact.h"

#include <algorithm>

namespace lastcall::check {
namespace {

constexpr std::size_t kShortestSecret = 3;  // a shorter one would mask half of any text

bool is_secret_name(std::string_view name) {
  constexpr std::string_view kSigns[] = {"password",   "passwd",  "secret",        "token",
                                         "credential", "api-key", "authorization", "cookie",
                                         "apikey",     "api_key", "private-key",   "private_key"};
  std::string lower(name);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  return std::ranges::any_of(
      kSigns, [&lower](std::string_view sign) { return lower.find(sign) != std::string::npos; });
}

/// scheme://user:password@host/path?query, several of them too
std::string redact_urls(std::string word) {
  constexpr std::string_view kMark = "://";
  for (std::size_t mark = word.find(kMark); mark != std::string::npos;) {
    const std::size_t authority = mark + kMark.size();
    if (const std::size_t query = word.find('?', authority); query != std::string::npos) {
      word.replace(query + 1, std::string::npos, kMask);
    }
    const std::size_t end = std::min(word.find_first_of("/?", authority), word.size());
    const std::size_t at = word.rfind('@', end);
    if (at != std::string::npos && at > authority) {
      word.replace(authority, at - authority, kMask);
    }
    mark = word.find(kMark, authority);
  }
  return word;
}

bool announces_secret(std::string_view word) {
  return word.starts_with('-') && word.find('=') == std::string_view::npos && is_secret_name(word);
}

/// Where the value of what is named like a secret begins: "--token=x", "PASSWORD=x", "--header=Cookie:x".
std::size_t find_secret(std::string_view word) {
  constexpr std::string_view kMarks = "=:";
  for (std::size_t mark = word.find_first_of(kMarks); mark != std::string_view::npos;
       mark = word.find_first_of(kMarks, mark + 1)) {
    if (is_secret_name(word.substr(0, mark))) {
      return mark + 1;
    }
  }
  return announces_secret(word) ? word.size() : std::string_view::npos;
}

/// An argument may be a line of several words, for a shell: what follows the first secret is masked with it.
std::string redact_values(std::string line) {
  constexpr std::string_view kBlank = " \t\n";
  for (std::size_t begin = 0; begin < line.size();) {
    const std::size_t end = std::min(line.find_first_of(kBlank, begin), line.size());
    const std::size_t secret = find_secret(std::string_view(line).substr(begin, end - begin));
    if (secret != std::string_view::npos) {
      const std::size_t value = line.find_first_not_of(kBlank, begin + secret);
      return value == std::string::npos ? line : line.replace(value, std::string::npos, kMask);
    }
    begin = end + 1;
  }
  return line;
}

}  // namespace

std::vector<std::string> redact_command(std::span<const std::string> argv) {
  std::vector<std::string> masked;
  bool secret = false;
  for (const std::string& word : argv) {
    // A flag without a value may be followed by another flag.
    const bool is_value = secret && !word.starts_with('-');
    masked.push_back(is_value ? std::string(kMask) : redact_values(redact_urls(word)));
    secret = announces_secret(word);
  }
  return masked;
}

void Redactor::add_header(std::string_view field) {
  const std::size_t value = field.find_first_not_of(" \t", std::min(field.find(':') + 1, field.size()));
  if (value != std::string_view::npos) {
    add(field.substr(value));
  }
}

void Redactor::add_query(std::string_view path) {
  if (const std::size_t mark = path.find('?'); mark != std::string_view::npos) {
    add(path.substr(mark + 1));
  }
}

void Redactor::add(std::string_view secret) {
  if (secret.size() >= kShortestSecret) {
    secrets_.emplace_back(secret);
  }
}

std::string Redactor::mask(std::string text) const {
  for (const std::string& secret : secrets_) {
    for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at)) {
      text.replace(at, secret.size(), kMask);
      at += kMask.size();
    }
  }
  return text;
}

}  // namespace lastcall::check
