#include "config/manual.h"

#include "config/command_list.h"
#include "config/option_text.h"

namespace lastcall::config {
namespace {

constexpr std::size_t kColumns = 100;

constexpr std::string_view kHead =
    R"(.\" Generated from the option tables (src/config); scripts/docs renews it.
.TH LASTCALL 1
.SH NAME
lastcall \- any service stops without dropping a request
.SH SYNOPSIS
.B lastcall
.I COMMAND
.RI [ OPTIONS ]
.RB [ \-\- ]
.RI [ ARGUMENT .\|.\|.]
.SH DESCRIPTION
.B lastcall run
wraps an HTTP app: on SIGTERM it finishes the requests in flight while the app still runs, and only then passes
the signal on.
.B lastcall check
proves whether a server shuts down gracefully.
.B lastcall help
.I COMMAND
has examples.
.SH COMMANDS
)";

/// Text that troff takes as it is, whatever it begins with.
std::string escaped(std::string_view text) {
  std::string out;
  bool word_begins = true;
  for (const char c : text) {
    out += word_begins && (c == '.' || c == '\'') ? "\\&" : "";
    word_begins = c == ' ';
    switch (c) {
      case '\\':
        out += "\\e";
        break;
      case '-':
        out += "\\-";
        break;
      case '`':
        out += "\\(ga";
        break;
      case '\'':
        out += "\\(aq";
        break;
      default:
        out += c;
    }
  }
  return out;
}

void append_paragraph(std::string& out, std::string_view text) {
  append_wrapped(out, escaped(text), 0, kColumns);
}

void append_option(std::string& out, const Table& table, const Option& option) {
  out += ".TP\n.B \"" + escaped(flag_text(option)) + "\"\n";
  std::string text(option.help);
  text += option.is_switch() ? "" : " Default: " + default_text(option) + ".";
  text += table.environment ? " Environment: " + option.environment_name() + "." : "";
  append_paragraph(out, text + other_names(option, ""));
}

void append_table(std::string& out, const Table& table) {
  std::string title(table.command);
  for (char& c : title) {
    c = static_cast<char>(c - 'a' + 'A');
  }
  out += ".SH OPTIONS OF " + title + "\n";
  for (const Group& group : table.groups) {
    out += ".SS " + escaped(group.title) + "\n";
    for (const Option& option : group.options) {
      append_option(out, table, option);
    }
  }
  out += ".SS Notes\n";
  std::string_view between = "";
  for_each_paragraph(table.ending, [&](const std::string& paragraph) {
    out += between;
    append_paragraph(out, paragraph);
    between = ".PP\n";
  });
}

}  // namespace

std::string manual_page() {
  std::string out(kHead);
  for (const Command& command : commands()) {
    out.append(".TP\n.B lastcall ").append(command.name).append("\n");
    append_paragraph(out, command.summary);
  }
  for (const Table* const table : {&run_table(), &check_table(), &manifest_table()}) {
    append_table(out, *table);
  }
  return out;
}

}  // namespace lastcall::config
