#include "config/help.h"

#include <algorithm>
#include <string_view>

#include "config/command_list.h"
#include "config/option_text.h"

namespace lastcall::config {
namespace {

constexpr std::size_t kMinColumns = 80;
constexpr std::size_t kMaxColumns = 100;
constexpr std::size_t kIndent = 26;  // of the help beside the flags

void append_entry(std::string& out, const std::string& flag, const std::string& help, std::size_t columns) {
  out.append("  ").append(flag);
  const std::size_t used = flag.size() + 2;
  if (used + 2 > kIndent) {
    out.append("\n").append(kIndent, ' ');
  } else {
    out.append(kIndent - used, ' ');
  }
  append_wrapped(out, help, kIndent, columns);
}

void append_option(std::string& out, const Option& option, std::size_t columns) {
  std::string help(option.help);
  if (!option.is_switch()) {
    help += " Default: " + default_text(option) + ".";
  }
  help += other_names(option, "");
  append_entry(out, flag_text(option), help, columns);
}

void append_paragraph(std::string& out, const Paragraph& paragraph, std::size_t columns) {
  if (paragraph.is_verbatim()) {
    out += paragraph.text + "\n";
    return;
  }
  append_wrapped(out, paragraph.text, 0, columns);
}

/// A table cell must not end early.
std::string cell(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    escaped += c == '|' ? "\\|" : std::string(1, c);
  }
  return escaped;
}

void append_row(std::string& out, const Table& table, const Option& option) {
  const std::string help = std::string(option.help) + other_names(option, "`");
  const std::string standard =
      option.standard.empty() ? std::string(option.otherwise) : "`" + default_text(option) + "`";
  out += "| `" + cell(flag_text(option)) + "` | ";
  out += table.environment ? "`" + option.environment_name() + "` | " : "";
  out += cell(standard) + " | " + cell(help) + " |\n";
}

}  // namespace

std::string help_text(const Table& table, std::size_t columns) {
  columns = std::clamp(columns, kMinColumns, kMaxColumns);
  std::string out(table.introduction);
  for (const Group& group : table.groups) {
    out.append("\n").append(group.title).append(":\n");
    for (const Option& option : group.options) {
      append_option(out, option, columns);
    }
  }
  out += "\nOther:\n";
  append_entry(out, "-h, --help", "Print this.", columns);
  append_entry(out, "--version", "Print the version.", columns);
  out += '\n';
  // Each paragraph is wrapped anew, so that the prose fits any width.
  for_each_paragraph(table.ending, [&](const Paragraph& paragraph) {
    append_wrapped(out, paragraph.text, 0, columns);
    out += '\n';
  });
  return out;
}

std::string command_help(std::string_view name, std::size_t columns) {
  columns = std::clamp(columns, kMinColumns, kMaxColumns);
  const Command& command = *std::ranges::find(commands(), name, &Command::name);
  std::string out = "Usage: lastcall " + std::string(name) + " " + std::string(command.usage) + "\n\n";
  for_each_paragraph(command.about, [&](const Paragraph& paragraph) {
    append_paragraph(out, paragraph, columns);
    out += '\n';
  });
  for (const Flag& flag : command.flags) {
    append_entry(out, flag.text(), std::string(flag.help), columns);
  }
  out += command.flags.empty() ? "" : "\n";
  append_wrapped(out, "Exit status: " + std::string(command.status), 0, columns);
  return out;
}

std::string options_markdown(const Table& table) {
  std::string out = "# Options of `lastcall " + std::string(table.command) + "`\n\n";
  out.append("Generated from the option table (`")
      .append(table.source)
      .append("`); `scripts/docs` renews it.\n\n");
  out += table.note;
  for (const Group& group : table.groups) {
    out.append("\n## ").append(group.title).append("\n\n");
    out += table.environment ? "| Option | Environment | Default | Meaning |\n|---|---|---|---|\n"
                             : "| Option | Default | Meaning |\n|---|---|---|\n";
    for (const Option& option : group.options) {
      append_row(out, table, option);
    }
  }
  return out;
}

std::string describe(const Resolved& resolved, const Used& used) {
  std::size_t flag_width = 0;
  std::size_t text_width = 0;
  const auto shown = [&used](const Setting& setting) {
    if (const auto found = used.find(setting.option->flag); found != used.end()) {
      return found->second;
    }
    return setting.text.empty() ? "(" + std::string(setting.option->otherwise) + ")" : setting.text;
  };
  for (const Setting& setting : resolved.settings) {
    flag_width = std::max(flag_width, setting.option->flag.size());
    text_width = std::max(text_width, shown(setting).size());
  }
  std::string out;
  for (const Setting& setting : resolved.settings) {
    const std::string text = shown(setting);
    out.append("--").append(setting.option->flag).append(flag_width - setting.option->flag.size() + 2, ' ');
    out.append(text).append(text_width - text.size() + 2, ' ').append(setting.where);
    const bool asked = setting.source > Source::standard && text != setting.text;
    out.append(asked ? ", asked: " + setting.text : "").append("\n");
  }
  return out;
}

}  // namespace lastcall::config
