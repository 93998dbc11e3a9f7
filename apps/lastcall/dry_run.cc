#include "dry_run.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/units.h"
#include "budget_text.h"
#include "proxy/stream_ends.h"

namespace lastcall {
namespace {

/// The option that something follows from, and where it was set; `otherwise`, if nobody set it.
std::string source_of(const config::Resolved& resolved, std::string_view flag,
                      std::string_view otherwise = "default") {
  const config::Setting& setting = setting_of(resolved, flag);
  if (setting.text.empty()) {
    return std::string(otherwise);
  }
  const std::string option = "--" + std::string(flag);
  return setting.where == option ? option : option + ", " + setting.where;
}

std::string row(std::string_view head, std::string_view what, std::string_view source) {
  return fmt::format("  {:<9} {}{}\n", head, what, source.empty() ? "" : fmt::format("  ({})", source));
}

bool takes_a_free_port(const config::RunConfig& run) {
  return run.upstream.empty() && !run.app_port;
}

/// In single quotes, where a shell would part or change the word.
std::string as_shells_write_it(const std::string& word) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=@,+%{}";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) {
    return word;
  }
  std::string quoted = "'";
  for (const char c : word) {
    quoted += c == '\'' ? "'\\''" : std::string(1, c);
  }
  return quoted + "'";
}

/// The command as it was given where its port is not known yet.
std::string command_of(const CommandLine& line, const Plan& plan) {
  const auto& words = takes_a_free_port(line.resolved.run) ? line.arguments.command : plan.argv;
  std::string command;
  for (const std::string& word : words) {
    command.append(command.empty() ? "" : " ").append(as_shells_write_it(word));
  }
  return command;
}

/// What was asked for beyond that: a row for each.
std::string describe_wishes(const config::Resolved& resolved) {
  constexpr std::pair<std::string_view, std::string_view> kWishes[] = {
      {"health", "health-path"}, {"report", "report"}, {"log", "access-log"}};
  std::string out;
  for (const auto& [head, flag] : kWishes) {
    const config::Setting& setting = setting_of(resolved, flag);
    if (setting.source != config::Source::standard) {
      out += row(head, flag == "access-log" ? "every request: " + setting.text : setting.text,
                 source_of(resolved, flag));
    }
  }
  return out;
}

std::string describe_addresses(const CommandLine& line, const Plan& plan) {
  const config::RunConfig& run = line.resolved.run;
  const std::string_view app_source = run.upstream.empty() ? "app-port" : "upstream";
  std::string out = row("clients", plan.listen.text(), source_of(line.resolved, "listen"));
  out += takes_a_free_port(run) ? row("app", "127.0.0.1 at a free port, found at each start",
                                      source_of(line.resolved, "app-port"))
                                : row("app", plan.upstream.text(), source_of(line.resolved, app_source));
  out += row("admin", setting_of(line.resolved, "admin").text, source_of(line.resolved, "admin"));
  out += row("ready", setting_of(line.resolved, "ready-check").text, source_of(line.resolved, "ready-check"));
  return out + describe_wishes(line.resolved);
}

std::string describe_lame_duck(const config::Resolved& resolved, const drain::LameDuck& duck) {
  if (duck.max == 0s) {
    return row("0s", "the signal: readiness fails, and the listener is closed",
               source_of(resolved, "lame-duck"));
  }
  const bool stays_ready = resolved.run.ready_while_delay;
  return row("0s",
             stays_ready ? "the signal: still ready, and everybody is served"
                         : "the signal: readiness fails; everybody is still served",
             stays_ready ? source_of(resolved, "ready-while-delay") : "") +
         row(print_duration(duck.min), "answers say Connection: close; who connects anew is still served",
             source_of(resolved, "lame-duck-min", duck.min < 3s ? "half of the lame duck" : "default")) +
         row(print_duration(duck.max),
             std::string(stays_ready ? "readiness fails, and " : "") +
                 "the listener is closed; earlier, once nobody has connected anew for " +
                 print_duration(duck.quiet),
             source_of(resolved, "lame-duck"));
}

std::string describe_streams(const config::Resolved& resolved, const drain::BudgetPlan& budget) {
  const Duration begin = budget.lame_duck.max;
  const Duration spread = round_down(proxy::stream_spread(budget.drain - begin));
  const std::string over = spread == 0s ? "at once" : "spread over " + print_duration(spread);
  return row(begin == 0s ? "0s" : print_duration(begin),
             "WebSockets get their Close and event streams end, " + over +
                 (begin == 0s ? "" : "; earlier, if the listener is closed"),
             source_of(resolved, "stream-policy"));
}

std::string describe_shutdown(const config::Resolved& resolved, const drain::BudgetPlan& budget) {
  const Duration idle = std::min(budget.lame_duck.max + budget.idle_grace, budget.drain);
  const std::string signal = setting_of(resolved, "stop-signal").text;
  const std::string told = signal.empty() ? "the app gets the signal" : "the app gets " + signal;
  const std::string notify = setting_of(resolved, "notify-signal").text;
  const bool bounded = resolved.run.grace.has_value();
  const std::string end = resolved.platform.name.empty() ? "it may be killed from now on"
                                                         : std::string(resolved.platform.name) + " kills";
  return (notify == "none" ? std::string()
                           : row("0s", "the app gets " + notify, source_of(resolved, "notify-signal"))) +
         describe_lame_duck(resolved, budget.lame_duck) + describe_streams(resolved, budget) +
         row(print_duration(idle), "idle connections are closed; earlier, if the listener is",
             source_of(resolved, "idle-grace")) +
         row("then", "as soon as no connection can carry a request, " + told, {}) +
         row(print_duration(budget.drain), "at the latest: what is left is cut, and " + told,
             source_of(resolved, "drain-timeout",
                       bounded ? "what app-stop and reserve leave of the grace period" : "default")) +
         row(print_duration(budget.grace - budget.reserve),
             "what still runs of the app is killed; the report is written", source_of(resolved, "reserve")) +
         row(print_duration(budget.grace), "the grace period is over: " + end,
             source_of(resolved, "grace", "drain-timeout + app-stop + reserve"));
}

}  // namespace

std::string describe_plan(const CommandLine& line, const Plan& plan) {
  const config::Resolved& resolved = line.resolved;
  return "would run: " + command_of(line, plan) + "\n" + describe_addresses(line, plan) +
         "\nplatform: " + describe_platform(resolved) +
         "\na shutdown: " + describe_budget(resolved, plan.budget.plan) + "\n" +
         describe_shutdown(resolved, plan.budget.plan);
}

std::vector<std::string> doubts(const drain::BudgetPlan& budget) {
  std::vector<std::string> found;
  const Duration left = budget.drain - budget.lame_duck.max;
  if (budget.lame_duck.max > 0s && left < budget.lame_duck.max) {
    found.push_back("a lame duck of " + print_duration(budget.lame_duck.max) + " may leave requests only " +
                    print_duration(left) + " to finish; lower --lame-duck or raise --grace");
  }
  if (budget.idle_grace > left) {
    found.push_back("an idle grace of " + print_duration(budget.idle_grace) + " is cut to the " +
                    print_duration(std::max<Duration>(left, 0s)) + " that the drain may have left");
  }
  return found;
}

}  // namespace lastcall
