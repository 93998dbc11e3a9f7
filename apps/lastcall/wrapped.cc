#include "wrapped.h"

#include "base/units.h"
#include "check/ports.h"
#include "surroundings.h"

namespace lastcall {
namespace {

constexpr const char* kTitle = "lastcall run";

/// Behind a balancer that probes ten times a second.
constexpr Duration kNoticed = 2s;

struct Wrapping {
  Duration grace{};
  Duration lame_duck{};
  std::string health_path{};  ///< on the app's port; empty: none
  std::string admin = "off";
};

std::vector<std::string> before_app(const std::string& program, const Wrapping& how) {
  std::vector<std::string> words = {
      program,   "run",        "--listen", "127.0.0.1:{port}", "--admin",
      how.admin, "--platform", "none",     "--grace",          print_duration(how.grace)};
  if (how.lame_duck > 0s) {
    words.insert(words.end(), {"--lame-duck", print_duration(how.lame_duck), "--lame-duck-min",
                               print_duration(how.lame_duck / 2)});
  }
  if (!how.health_path.empty()) {
    words.insert(words.end(), {"--health-path", how.health_path});
  }
  words.insert(words.end(), {"--log-format", "text", "--"});
  return words;
}

/// The app's port is for `lastcall run` to choose (check::on_port).
std::string leave_port(std::string word) {
  constexpr std::string_view kPort = "{port}";
  constexpr std::string_view kLeft = "{{port}}";
  for (std::size_t at = word.find(kPort); at != std::string::npos; at = word.find(kPort, at + kLeft.size())) {
    word.replace(at, kPort.size(), kLeft);
  }
  return word;
}

std::vector<std::string> wrapped(const std::vector<std::string>& app, const Wrapping& how) {
  std::vector<std::string> words = before_app(own_path(), how);
  for (const std::string& word : app) {
    words.push_back(leave_port(word));
  }
  return words;
}

std::vector<std::string> wrapped_as_shown(const std::vector<std::string>& app, const Wrapping& how) {
  std::vector<std::string> words = before_app("lastcall", how);
  words.insert(words.end(), app.begin(), app.end());
  return words;
}

std::string path_on_same_port(const std::optional<check::Place>& place) {
  return place && place->target.port == 0 ? place->path.substr(0, place->path.find('?')) : std::string();
}

check::Place place_at(const sys::Address& address, std::string path) {
  return {.target = address, .host = "localhost", .path = std::move(path)};
}

}  // namespace

CheckPlan under_lastcall(CheckPlan bare) {
  CheckPlan plan = std::move(bare);
  const sys::Address admin = sys::loopback_ipv4(check::lasting_port());
  const Wrapping how{.grace = plan.run.grace,
                     .lame_duck = 2 * plan.profile.routed,
                     .health_path = path_on_same_port(plan.run.readiness),
                     .admin = admin.text()};
  plan.run.command.argv = wrapped(plan.run.command.argv, how);
  plan.shown_command = wrapped_as_shown(plan.shown_command, how);
  if (how.health_path.empty()) {
    plan.run.readiness = place_at(admin, "/readyz");
  }
  if (path_on_same_port(plan.run.liveness).empty()) {
    plan.run.liveness = place_at(admin, "/livez");
  }
  plan.title = kTitle;
  return plan;
}

check::RollingPlan under_lastcall(check::RollingPlan bare) {
  check::RollingPlan plan = std::move(bare);
  const Wrapping how{.grace = plan.grace,
                     .lame_duck = kNoticed,
                     .health_path = plan.ready_path.substr(0, plan.ready_path.find('?'))};
  plan.command.argv = wrapped(plan.command.argv, how);
  plan.shown_command = wrapped_as_shown(plan.shown_command, how);
  plan.title = kTitle;
  return plan;
}

}  // namespace lastcall
