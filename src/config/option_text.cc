#include "config/option_text.h"

namespace lastcall::config {
namespace {

std::string alias_list(const Option& option, Compat of, std::string_view mark) {
  std::string text;
  for (const Alias& alias : option.aliases) {
    if (alias.of != of) {
      continue;
    }
    text += text.empty() ? "" : ", ";
    text.append(mark).append(alias.name).append(mark);
    if (alias.is_bare_number()) {
      text.append(" (").append(alias.unit).append(")");
    }
  }
  return text;
}

}  // namespace

std::string flag_text(const Option& option) {
  std::string text = "--" + std::string(option.flag);
  if (!option.is_switch()) {
    text += " " + std::string(option.value);
  }
  return text;
}

std::string default_text(const Option& option) {
  return std::string(option.standard.empty() ? option.otherwise : option.standard);
}

std::string other_names(const Option& option, std::string_view mark) {
  const std::string always = alias_list(option, Compat::none, mark);
  const std::string thruster = alias_list(option, Compat::thruster, mark);
  std::string text = always.empty() ? "" : " Also: " + always + ".";
  if (!thruster.empty()) {
    text.append(" With ").append(mark).append("--compat thruster").append(mark);
    text += ": " + thruster + ".";
  }
  return text;
}

void append_wrapped(std::string& out, std::string_view text, std::size_t indent, std::size_t columns) {
  std::size_t column = indent;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (column > indent && column + 1 + end > columns) {
      out.append("\n").append(indent, ' ');
      column = indent;
    }
    if (column > indent) {
      out += ' ';
      ++column;
    }
    out.append(text.substr(0, end));
    column += end;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  out += '\n';
}

}  // namespace lastcall::config
