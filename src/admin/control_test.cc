#include "admin/control.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "admin/status_text.h"
#include "admin/test_source.h"

namespace lastcall::admin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

struct TestControl final : Control {
  [[nodiscard]] PrivateView look(std::size_t most) const override {
    asked_for.push_back(most);
    return {.status = TestSource().view, .pid = 17, .exchanges = open};
  }

  bool set_unready(bool wanted) override {
    if (!shutting_down) {
      unready = wanted;
    }
    return !shutting_down;
  }

  std::vector<drain::OpenExchange> open;
  bool unready = false;
  bool shutting_down = false;
  mutable std::vector<std::size_t> asked_for;
};

drain::OpenExchange slow(std::string path, Duration age) {
  return {.method = "GET",
          .path = std::move(path),
          .client = "10.0.0.7",
          .stage = "waiting",
          .age = age,
          .bytes_in = 120,
          .bytes_out = 4096};
}

TEST(ControlPages, StatusNamesEveryExchange) {
  TestControl control;
  control.open = {slow("/slow", 12s)};
  const Response response = answer({.path = "/status"}, control);
  EXPECT_EQ(response.content_type, "application/json");
  const auto body = nlohmann::json::parse(response.body);
  EXPECT_EQ(body["phase"], "serving");
  EXPECT_EQ(body["unready"], false);
  EXPECT_EQ(body["pid"], 17);
  EXPECT_EQ(body["exchanges"], nlohmann::json::parse(R"([{"method":"GET","path":"/slow","client":"10.0.0.7",
      "stage":"waiting","age_seconds":12.0,"bytes_in":120,"bytes_out":4096}])"));
  EXPECT_THAT(control.asked_for, ElementsAre(kMaxExchangesListed)) << "one look, however much is told";
}

TEST(ControlPages, TheReportComesAtTheEnd) {
  TestControl control;
  EXPECT_TRUE(answer({.path = "/report"}, control).later);
  EXPECT_FALSE(answer({.method = http::Method::post, .path = "/report"}, control).later);
}

TEST(ControlPages, CountsAreTheStatusOfThePublicListener) {
  const TestSource source;
  TestControl control;
  const Response response = answer({.path = "/counts"}, control);
  EXPECT_EQ(response.body, answer({.path = "/status"}, source).body);
  EXPECT_THAT(control.asked_for, ElementsAre(0));
}

TEST(ControlPages, APathThatIsNoTextSpoilsNoStatus) {
  TestControl control;
  control.open = {slow("/\xff\x1b[2J", 1s)};
  EXPECT_TRUE(nlohmann::json::accept(answer({.path = "/status"}, control).body));
  const Response text = answer({.path = "/status", .accept = "text/plain"}, control);
  EXPECT_THAT(text.body, HasSubstr("/\\xff\\x1b[2J"));
}

TEST(ControlPages, PostDrainsAndDeleteTakesItBack) {
  TestControl control;
  EXPECT_EQ(answer({.method = http::Method::post, .path = "/drain"}, control).status, 200);
  EXPECT_TRUE(control.unready);
  EXPECT_EQ(answer({.method = http::Method::delete_, .path = "/drain"}, control).status, 200);
  EXPECT_FALSE(control.unready);
}

TEST(ControlPages, NoGetChangesAnything) {
  TestControl control;
  for (const auto method : {http::Method::get, http::Method::head, http::Method::put}) {
    const Response response = answer({.method = method, .path = "/drain"}, control);
    EXPECT_EQ(response.status, 405);
    EXPECT_THAT(render(response, false), HasSubstr("\r\nAllow: POST, DELETE\r\n"));
  }
  EXPECT_FALSE(control.unready);
  EXPECT_EQ(answer({.method = http::Method::post, .path = "/status"}, control).status, 405);
  EXPECT_EQ(answer({.path = "/metrics"}, control).status, 404);
}

TEST(ControlPages, AShutdownUnderWayIsADrainAndCannotBeTakenBack) {
  TestControl control;
  control.shutting_down = true;
  EXPECT_EQ(answer({.method = http::Method::post, .path = "/drain"}, control).status, 200);
  EXPECT_EQ(answer({.method = http::Method::delete_, .path = "/drain"}, control).status, 409);
}

TEST(StatusText, CountsByRouteAndShowsTheOldestOfEach) {
  TestSource source;
  source.view.in_flight = {.requests = 3, .idle = 4};
  const std::string text =
      status_text(source.view, {slow("/slow", 12s), slow("/other", 3s), slow("/slow", 2s)});
  EXPECT_THAT(text, HasSubstr("phase      serving, ready\nin flight  3 requests, 4 idle\n"));
  EXPECT_THAT(text, testing::ContainsRegex("    2  GET /slow  +12.00 s  10.0.0.7 +waiting +240 +8 192\n"));
  EXPECT_THAT(text, testing::ContainsRegex("    1  GET /other +3.00 s  10.0.0.7 +waiting +120 +4 096\n"));
}

TEST(StatusText, SaysWhyItIsNotReadyAndHowMuchTimeIsLeft) {
  TestSource source;
  source.view.readiness.unready = true;
  EXPECT_THAT(status_text(source.view, {}), HasSubstr("phase      serving, unready\n"));
  EXPECT_THAT(status_text(source.view, {}), Not(HasSubstr("route")));
  source.view.readiness.phase = drain::Phase::draining;
  source.view.shutdown = ShutdownView{.elapsed = 4s, .drain_deadline = 30s, .deadline = 40s};
  const std::string text = status_text(source.view, {});
  EXPECT_THAT(text, HasSubstr("phase      draining\n"));
  EXPECT_THAT(text, HasSubstr("time left  26.00 s until what is in flight is cut, 36.00 s until the app is"));
}

TEST(StatusText, ShowsABoundedNumberOfRoutes) {
  std::vector<drain::OpenExchange> many;
  for (int i = 0; i < 100; ++i) {
    many.push_back(slow("/" + std::to_string(i), 1s));
  }
  EXPECT_THAT(status_text(TestSource().view, many), HasSubstr("       and 60 more routes\n"));
}

}  // namespace
}  // namespace lastcall::admin
