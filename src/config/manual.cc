#include "config/manual.h"

#include "config/command_list.h"
#include "config/option_text.h"

namespace lastcall::config {
namespace {

constexpr std::size_t kColumns = 100;

constexpr std::string_view kHead =
    R"(.\" Generated from the option tables (src/config); scripts/docs renews it.
.TH LASTCALL 1 "" lastcall "User Commands"
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
)";

// What stands in no table: variables and files that are not settings, and where to read on.
constexpr std::string_view kOtherVariables = R"(.TP
.B NO_COLOR
If it is set to anything, nothing is coloured.
.TP
.B XDG_RUNTIME_DIR
Where the control socket is, if it is set.
.TP
.B NOTIFY_SOCKET\fR, \fBWATCHDOG_USEC\fR, \fBLISTEN_FDS
The service manager's: readiness, status and more time are told to it, sockets are taken from it.
)";

constexpr std::string_view kFiles = R"(.SH FILES
.TP
.I /run/lastcall/PID.sock
The control socket, unless $XDG_RUNTIME_DIR or \-\-control says otherwise.
.TP
.I /dev/termination\-log
Gets the drain report, if it exists.
)";

constexpr std::string_view kSeeAlso = R"(.SH SEE ALSO
.BR kill (1),
.BR sd_notify (3),
.BR systemd.kill (5),
.BR systemd.service (5),
.BR signal (7)
.PP
.B lastcall explain
tells the contract that a shutdown keeps, clause by clause.
)";

constexpr std::string_view kExitStatus = "Exit status: ";

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
  std::string_view between;
  for_each_paragraph(table.ending, [&](const Paragraph& paragraph) {
    if (paragraph.text.starts_with(kExitStatus)) {
      return;
    }
    out += between;
    append_paragraph(out, paragraph.text);
    between = ".PP\n";
  });
}

/// A command that has no table of its own; or a word of where its options stand.
void append_command(std::string& out, const Command& command) {
  const std::string name(command.name);
  out += ".SS \"" +
         escaped("lastcall " + name + (command.usage.empty() ? "" : " ") + std::string(command.usage)) +
         "\"\n";
  if (command.about.empty()) {
    const bool has_options = !command.tables.empty();
    append_paragraph(out, std::string(command.summary) + (has_options ? "; its options follow below" : ""));
    return;
  }
  std::string_view between;
  for_each_paragraph(command.about, [&](const Paragraph& paragraph) {
    out += between;
    if (paragraph.is_verbatim()) {
      out += ".EX\n" + escaped(paragraph.text) + "\n.EE\n";
    } else {
      append_paragraph(out, paragraph.text);
    }
    between = ".PP\n";
  });
  for (const Flag& flag : command.flags) {
    out += ".TP\n.B \"" + escaped(flag.text()) + "\"\n";
    append_paragraph(out, flag.help);
  }
}

/// What it says of its exit status, or the table of its options does.
std::string exit_status_of(const Command& command) {
  std::string status(command.status);
  if (!status.empty() || command.tables.empty()) {
    return status;
  }
  for_each_paragraph(command.tables.front()->ending, [&status](const Paragraph& paragraph) {
    if (paragraph.text.starts_with(kExitStatus)) {
      status = paragraph.text.substr(kExitStatus.size());
    }
  });
  return status;
}

void append_exit_statuses(std::string& out) {
  out += ".SH EXIT STATUS\n";
  for (const Command& command : commands()) {
    if (const std::string status = exit_status_of(command); !status.empty()) {
      out.append(".TP\n.B lastcall ").append(command.name).append("\n");
      append_paragraph(out, status);
    }
  }
}

void append_environment(std::string& out) {
  out += ".SH ENVIRONMENT\n.TP\n.BI LASTCALL_ NAME\n";
  append_paragraph(
      out, "Sets an option of run, as told with each; a flag wins over it. An empty one counts as not set.");
  for_each_option(run_table(), [&out](const Option& option) {
    for (const Alias& alias : option.aliases) {
      if (alias.of == Compat::none) {
        out.append(".TP\n.B ").append(alias.name).append("\n");
        append_paragraph(
            out, "Sets --" + std::string(option.flag) + ": " + std::string(alias.unit) + ", a bare number.");
      }
    }
  });
  out += kOtherVariables;
}

/// Those of a table's introduction: a line that begins with # says what the next lines are.
void append_examples(std::string& out, const Table& table) {
  constexpr std::string_view kBegin = "Examples:\n";
  const std::size_t begin = table.introduction.find(kBegin);
  for_each_paragraph(table.introduction.substr(begin + kBegin.size()), [&out](const Paragraph& paragraph) {
    const std::size_t first_end = paragraph.text.find('\n');
    append_paragraph(out += ".PP\n", std::string_view(paragraph.text).substr(4, first_end - 4));
    out += ".PP\n.EX\n" + escaped(paragraph.text.substr(first_end + 1)) + "\n.EE\n";
  });
}

}  // namespace

std::string manual_page() {
  const auto tables = {&run_table(), &check_table(), &manifest_table()};
  std::string out(kHead);
  out += ".SH COMMANDS\n";
  for (const Command& command : commands()) {
    append_command(out, command);
  }
  for (const Table* const table : tables) {
    append_table(out, *table);
  }
  append_exit_statuses(out);
  append_environment(out);
  out += kFiles;
  out += ".SH EXAMPLES\n";
  for (const Table* const table : tables) {
    append_examples(out, *table);
  }
  return out.append(kSeeAlso);
}

}  // namespace lastcall::config
