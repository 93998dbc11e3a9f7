#include "testing/verdict_sample.h"

#include <algorithm>
#include <csignal>
#include <span>

namespace lastcall::sample {

namespace {

using judge::Evidence;
using judge::Finding;
using judge::FlowCount;
using judge::Kind;
using judge::Outcome;
using judge::Status;
using judge::Tally;
using judge::Timeline;

constexpr std::size_t kBins = 64;
constexpr std::size_t kSignalBin = 10;
constexpr Duration kBin = 100ms;

using Counts = std::initializer_list<std::pair<Outcome, std::uint64_t>>;

Tally tally_of(Counts counts) {
  Tally tally;
  for (const auto& [outcome, count] : counts) {
    tally.counts[static_cast<std::size_t>(outcome)] = count;
  }
  return tally;
}

/// How a lane goes: some attempts in each bin, until they are cut, refused or have finished.
struct Course {
  std::string name;
  std::string result;
  std::uint32_t rate;          ///< begun in each bin
  std::uint32_t in_flight;     ///< at any time
  std::size_t last_begun;      ///< the bin after which nothing is begun
  std::size_t ended;           ///< the bin by which what was in flight has ended, …
  std::uint32_t cut = 0;       ///< … so many of these in that bin and badly
  bool refused_after = false;  ///< what would have begun later is refused
};

Timeline::Bin bin_of(const Course& course, std::size_t i, std::size_t load_ended) {
  Timeline::Bin bin;
  if (i <= course.last_begun) {
    bin.begun = bin.good = course.rate;
  } else if (course.refused_after && i < load_ended) {
    bin.begun = bin.refused = course.rate;
  }
  if (i < course.ended) {
    bin.in_flight = course.in_flight;
  } else if (i == course.ended) {
    bin.bad += course.cut;
    bin.good += course.in_flight - std::min(course.in_flight, course.cut);
  }
  return bin;
}

Timeline timeline(std::span<const Course> courses, std::size_t load_ended) {
  Timeline result{.begin = -kBin * kSignalBin, .bin = kBin, .lanes = {}, .marks = {}};
  for (const Course& course : courses) {
    Timeline::Lane& lane = result.lanes.emplace_back(Timeline::Lane{course.name, course.result, {}});
    for (std::size_t i = 0; i < kBins; ++i) {
      lane.bins.push_back(bin_of(course, i, load_ended));
    }
  }
  return result;
}

Timeline failed_timeline() {
  const std::array<Course, 9> courses = {{
      {"new connections", "refused from +12 ms, 3 reset", 20, 1, 10, 11, 3, true},
      {"keep-alive", "198 ok, 2 lost", 20, 2, 10, 11, 2},
      {"idle connections", "10 reset", 0, 10, 10, 24, 10},
      {"slow requests", "12 ok, 6 cut", 1, 6, 10, 24, 6},
      {"uploads", "3 ok, 1 cut", 1, 2, 10, 24, 1},
      {"downloads", "2 truncated", 0, 2, 10, 24, 2},
      {"WebSockets", "10 without a Close frame", 0, 10, 10, 24, 10},
      {"readiness", "never red", 10, 0, 10, 11, 0, true},
      {"liveness", "200 to the end", 10, 0, 10, 11, 0, true},
  }};
  Timeline result = timeline(courses, 27);
  result.marks = {{0s, "SIGTERM"}, {12ms, "listener closed"}, {300ms, "SIGTERM again"}, {1412ms, "exit 0"}};
  return result;
}

Timeline passed_timeline() {
  const std::array<Course, 9> courses = {{
      {"new connections", "refused from +103 ms", 20, 1, 10, 11, 0, true},
      {"keep-alive", "220 ok", 20, 2, 11, 12},
      {"idle connections", "10 closed", 0, 10, 10, 21},
      {"slow requests", "18 ok", 1, 6, 10, 30},
      {"uploads", "4 ok", 1, 2, 10, 28},
      {"downloads", "2 ok", 0, 2, 10, 33},
      {"WebSockets", "10 closed with 1001", 0, 10, 10, 12},
      {"readiness", "red from +1 ms", 10, 0, 9, 10},
      {"liveness", "200 to the end", 10, 0, 44, 45},
  }};
  Timeline result = timeline(courses, 48);
  result.marks = {{0s, "SIGTERM"}, {103ms, "listener closed"}, {300ms, "SIGTERM again"}, {3458ms, "exit 0"}};
  return result;
}

/// What neither service is judged by.
std::vector<Finding> with_skipped(std::vector<Finding> findings) {
  const auto skip = [&](std::string_view clause, std::string why) {
    findings.push_back({.clause = clause, .status = Status::skipped, .summary = std::move(why)});
  };
  skip("LC104", "the profile routes no new connections here after the signal");
  skip("LC205", "HTTP/2 is not checked yet");
  skip("LC302", "not visible from outside");
  skip("LC303", "not visible from outside");
  skip("LC402", "not visible from outside");
  skip("LC403", "not visible from outside");
  skip("LC502", "not visible from outside");
  std::ranges::sort(findings, {}, &Finding::clause);
  return findings;
}

Finding passed(std::string_view clause, std::string summary, std::uint64_t tried = 0) {
  return {.clause = clause, .status = Status::passed, .summary = std::move(summary), .tried = tried};
}

struct Chances {
  std::uint64_t tried;
  std::uint64_t broken;
};

Finding failed(std::string_view clause, std::string summary, Chances chances, std::vector<Evidence> evidence,
               std::vector<std::uint32_t> trials = {1, 2, 3}) {
  return {.clause = clause,
          .status = Status::failed,
          .summary = std::move(summary),
          .tried = chances.tried,
          .broken = chances.broken,
          .trials = std::move(trials),
          .evidence = std::move(evidence)};
}

std::vector<Finding> failed_traffic() {
  return {
      failed("LC201", "9 of 612 clients that were connecting were reset", {612, 9},
             {{1, 11ms, "fresh: reset, 0 bytes received (ECONNRESET)"},
              {2, 12ms, "fresh: reset, 0 bytes received (ECONNRESET)"},
              {3, 12ms, "silent: closed before a byte of the response"}}),
      failed("LC202", "27 of 86 requests in flight were cut (18 reset, 9 truncated)", {86, 27},
             {{1, 1408ms, "slow: reset, 0 bytes received (ECONNRESET)"},
              {1, 1409ms, "download: truncated after 5242880 of 8388608 bytes"},
              {2, 1391ms, "upload: reset after 65536 bytes were sent (EPIPE)"}}),
      failed("LC203", "24 connections were closed in mid-use without a word, 6 requests lost with them",
             {240, 24},
             {{1, 13ms,
               "keep-alive: closed 8 ms after its last response, which did not say "
               "`Connection: close`"}}),
      failed("LC204", "30 of 30 idle connections were reset", {30, 30},
             {{1, 1410ms, "idle: ended by a reset (ECONNRESET)"}}),
      failed("LC206", "30 of 30 WebSockets were ended without a Close frame", {30, 30},
             {{1, 1409ms, "websocket: end of the stream, no Close frame"}}),
      {.clause = "LC207",
       .status = Status::inconclusive,
       .summary = "no event stream was in flight at any signal"},
      passed("LC208", "0 of 118 late requests were refused", 118),
  };
}

std::vector<Finding> failed_findings() {
  std::vector<Finding> all = failed_traffic();
  const std::vector<Finding> rest = {
      passed("LC101", "the drain began with the signal"),
      {.clause = "LC102",
       .status = Status::inconclusive,
       .summary = "work was cut with and without a repeated signal"},
      failed("LC103", "readiness stayed green until the listener closed", {3, 3},
             {{1, 9ms, "readiness answered 200"}, {1, 19ms, "readiness was refused (ECONNREFUSED)"}}),
      passed("LC105", "nothing was waited for in vain"),
      failed("LC301", "it had to be killed in 1 of 3 trials", {3, 1}, {{3, 30s, "killed after 30s"}}, {3}),
      passed("LC401", "no orphan, no zombie, no port held"),
      failed("LC501", "exit 0 although 27 requests were cut", {2, 2}, {{1, 1412ms, "exit 0"}}, {1, 2}),
  };
  all.insert(all.end(), rest.begin(), rest.end());
  return with_skipped(std::move(all));
}

std::vector<Finding> passed_findings() {
  return with_skipped({
      passed("LC101", "the drain began with the signal"),
      passed("LC102", "the repeated signal changed nothing"),
      passed("LC103", "red from +1 ms; alive to the end", 1036),
      passed("LC105", "nothing was waited for in vain"),
      passed("LC201", "0 of 664 clients that were connecting were reset", 664),
      passed("LC202", "0 of 90 requests in flight were cut", 90),
      passed("LC203", "246 of 246 connections were told to leave", 246),
      passed("LC204", "0 of 39 idle connections were reset", 39),
      passed("LC206", "30 of 30 WebSockets were closed with 1001", 30),
      passed("LC207", "12 of 12 event streams ended at an event's end", 12),
      passed("LC208", "0 of 124 late requests were refused", 124),
      passed("LC301", "it ended within the grace period of 30s"),
      passed("LC401", "no orphan, no zombie, no port held"),
      passed("LC501", "exit 0, and nothing was cut"),
  });
}

std::vector<FlowCount> failed_flows() {
  return {
      {"new connections", Kind::fresh, 3,
       tally_of({{Outcome::ok, 114}, {Outcome::refused, 1020}, {Outcome::reset, 9}})},
      {"keep-alive", Kind::keep_alive, 5, tally_of({{Outcome::ok, 234}, {Outcome::eof, 6}})},
      {"idle connections", Kind::idle, 30, tally_of({{Outcome::reset, 30}})},
      {"slow requests", Kind::slow, 54, tally_of({{Outcome::ok, 36}, {Outcome::reset, 18}})},
      {"uploads", Kind::upload, 12, tally_of({{Outcome::ok, 9}, {Outcome::reset, 3}})},
      {"downloads", Kind::download, 6, tally_of({{Outcome::truncated, 6}})},
      {"WebSockets", Kind::websocket, 30, tally_of({{Outcome::eof, 30}})},
      {"event streams", Kind::event_stream, 0, {}},
  };
}

std::vector<FlowCount> passed_flows() {
  return {
      {"new connections", Kind::fresh, 3, tally_of({{Outcome::ok, 182}, {Outcome::refused, 2220}})},
      {"keep-alive", Kind::keep_alive, 6, tally_of({{Outcome::ok, 246}})},
      {"idle connections", Kind::idle, 30, tally_of({{Outcome::ok, 30}})},
      {"slow requests", Kind::slow, 54, tally_of({{Outcome::ok, 54}})},
      {"uploads", Kind::upload, 12, tally_of({{Outcome::ok, 12}})},
      {"downloads", Kind::download, 6, tally_of({{Outcome::ok, 6}})},
      {"WebSockets", Kind::websocket, 30, tally_of({{Outcome::ok, 30}})},
      {"event streams", Kind::event_stream, 12, tally_of({{Outcome::ok, 12}})},
  };
}

judge::Verdict verdict_of(std::string title, std::vector<std::string> command) {
  return {.title = std::move(title),
          .command = std::move(command),
          .profile = {.name = "plain", .grace = 30s},
          .seed = 0x7f3a,
          .lag = {.p99 = 180us, .max = 2140us}};
}

}  // namespace

judge::Verdict failed_verdict() {
  judge::Verdict verdict = verdict_of("bare", {"node", "server.js", "--port", "{port}", "--token", "***"});
  verdict.status = Status::failed;
  verdict.findings = failed_findings();
  verdict.flows = failed_flows();
  verdict.trials = {{1, Status::failed, 505, 38, 1412ms, "exit 0"},
                    {2, Status::failed, 507, 31, 1397ms, "exit 0"},
                    {3, Status::failed, 503, 33, {}, "killed after 30s"}};
  verdict.timeline = failed_timeline();
  verdict.timeline_trial = 1;
  return verdict;
}

judge::Verdict passed_verdict() {
  judge::Verdict verdict = verdict_of(
      "lastcall run", {"lastcall", "run", "--", "node", "server.js", "--port", "{port}", "--token", "***"});
  verdict.status = Status::passed;
  verdict.findings = passed_findings();
  verdict.flows = passed_flows();
  verdict.trials = {{1, Status::passed, 931, 0, 3458ms, "exit 0"},
                    {2, Status::passed, 935, 0, 3391ms, "exit 0"},
                    {3, Status::passed, 926, 0, 3404ms, "exit 0"}};
  verdict.timeline = passed_timeline();
  verdict.timeline_trial = 1;
  return verdict;
}

}  // namespace lastcall::sample
