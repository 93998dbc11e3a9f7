#include "config/help.h"

#include <algorithm>
#include <string_view>

namespace lastcall::config {
namespace {

constexpr std::size_t kMinColumns = 80;
constexpr std::size_t kMaxColumns = 100;
constexpr std::size_t kIndent = 26;  // of the help beside the flags

constexpr std::string_view kIntroduction =
    R"(lastcall lets an HTTP app stop without losing a request: on SIGTERM it finishes
what it has while the app still runs, and only then passes the signal on.

Usage:
  lastcall run [OPTIONS] -- COMMAND [ARGUMENT...]
  lastcall config [OPTIONS]    print each effective value and its source

Examples:
  # Serve on $PORT, else on :8080; the app finds its own port in $PORT
  lastcall run -- npm start

  # An app that takes its port as an argument
  lastcall run -- gunicorn --bind 127.0.0.1:{port} app:app

  # Over a Unix socket, which costs less than TCP
  lastcall run --upstream unix:/tmp/app.sock -- puma -b unix:///tmp/app.sock

  # Kubernetes, terminationGracePeriodSeconds: 30, probes from outside the pod
  lastcall run --grace 30s --lame-duck 8s --admin :9797 -- ./app

  # Stopped within 20 s, whatever happens
  LASTCALL_GRACE=20s lastcall run -- ./app
)";

constexpr std::string_view kEnding =
    R"(Every option can be set by an environment variable too: --app-port is LASTCALL_APP_PORT, a switch is set by
on. A flag wins over LASTCALL_*, that wins over
the variables of other tools (Also:), those over the default. Of
an option given twice the last counts. D is a duration with its unit: 30s, 1m30s, 250ms. SIZE is 512B, 32KiB, 1MiB.

Exit status: the app's own; 0 if it ended by the signal passed on; 1 if anything was cut or killed; 2 usage;
125 lastcall failed (port taken, app never ready); 126 command not executable; 127 command not found.
)";

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

std::string alias_list(const Option& option, std::string_view mark) {
  std::string text;
  for (const Alias& alias : option.aliases) {
    text += text.empty() ? "" : ", ";
    text.append(mark).append(alias.name).append(mark);
    if (alias.is_bare_number()) {
      text.append(" (").append(alias.unit).append(")");
    }
  }
  return text;
}

/// Appends `text` in lines of at most `columns`, the following ones indented.
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

/// Wraps each paragraph anew, so that the prose fits any width.
void append_prose(std::string& out, std::string_view prose, std::size_t columns) {
  while (!prose.empty()) {
    const std::size_t end = std::min(prose.find("\n\n"), prose.size());
    std::string paragraph(prose.substr(0, end));
    std::ranges::replace(paragraph, '\n', ' ');
    append_wrapped(out, paragraph, 0, columns);
    out += '\n';
    prose.remove_prefix(std::min(end + 2, prose.size()));
  }
}

void append_option(std::string& out, const Option& option, std::size_t columns) {
  std::string help(option.help);
  if (!option.is_switch()) {
    help += " Default: " + default_text(option) + ".";
  }
  if (!option.aliases.empty()) {
    help += " Also: " + alias_list(option, "") + ".";
  }
  append_entry(out, flag_text(option), help, columns);
}

/// A table cell must not end early.
std::string cell(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    escaped += c == '|' ? "\\|" : std::string(1, c);
  }
  return escaped;
}

void append_row(std::string& out, const Option& option) {
  std::string help(option.help);
  if (!option.aliases.empty()) {
    help += " Also: " + alias_list(option, "`") + ".";
  }
  const std::string standard =
      option.standard.empty() ? std::string(option.otherwise) : "`" + default_text(option) + "`";
  out += "| `" + cell(flag_text(option)) + "` | `" + option.environment_name() + "` | " + cell(standard) +
         " | " + cell(help) + " |\n";
}

}  // namespace

std::string help_text(std::size_t columns) {
  columns = std::clamp(columns, kMinColumns, kMaxColumns);
  std::string out(kIntroduction);
  for (const Group& group : groups()) {
    out.append("\n").append(group.title).append(":\n");
    for (const Option& option : group.options) {
      append_option(out, option, columns);
    }
  }
  out += "\nOther:\n";
  append_entry(out, "-h, --help", "Print this.", columns);
  append_entry(out, "--version", "Print the version.", columns);
  out += '\n';
  append_prose(out, kEnding, columns);
  return out;
}

std::string options_markdown() {
  std::string out =
      "# Options of `lastcall run`\n\n"
      "Generated from the option table (`src/config/options.cc`); `scripts/docs` renews it.\n\n"
      "A flag wins over its `LASTCALL_*` variable, that over the variables of other tools named in the last "
      "column, those\n"
      "over the default. A variable that is set but empty counts as not set. Durations and sizes carry "
      "units: `30s`,\n"
      "`1m30s`, `250ms`; `512B`, `32KiB`, `1MiB`. `lastcall config` prints every effective value and where "
      "it came from.\n";
  for (const Group& group : groups()) {
    out.append("\n## ").append(group.title).append("\n\n");
    out += "| Option | Environment | Default | Meaning |\n|---|---|---|---|\n";
    for (const Option& option : group.options) {
      append_row(out, option);
    }
  }
  return out;
}

std::string describe(const Resolved& resolved) {
  std::size_t flag_width = 0;
  std::size_t text_width = 0;
  const auto shown = [](const Setting& setting) {
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
    out.append(text).append(text_width - text.size() + 2, ' ').append(setting.where).append("\n");
  }
  return out;
}

}  // namespace lastcall::config
