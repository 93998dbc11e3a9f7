#include "admin/metrics.h"

#include <limits>

#include <gtest/gtest.h>

namespace lastcall::admin {
namespace {

TEST(Metrics, AFamilyIsItsHelpItsTypeAndItsSamples) {
  Metrics metrics;
  metrics.family("lastcall_requests_total", Metrics::Type::counter, "Requests.");
  metrics.sample({{"method", "GET"}, {"code", "200"}}, 17);
  metrics.sample({}, 1.5);
  EXPECT_EQ(metrics.text(),
            "# HELP lastcall_requests_total Requests.\n"
            "# TYPE lastcall_requests_total counter\n"
            "lastcall_requests_total{method=\"GET\",code=\"200\"} 17\n"
            "lastcall_requests_total 1.5\n");
}

TEST(Metrics, LabelValuesAreEscaped) {
  Metrics metrics;
  metrics.family("m", Metrics::Type::gauge, "M.");
  metrics.sample({{"l", "a\"b\\c\nd"}}, 0);
  EXPECT_TRUE(metrics.text().ends_with("m{l=\"a\\\"b\\\\c\\nd\"} 0\n"));
}

TEST(Metrics, AHistogramIsCumulative) {
  Metrics metrics;
  metrics.family("d", Metrics::Type::histogram, "D.");
  const double bounds[] = {0.1, 1};
  const std::uint64_t counts[] = {3, 0, 2};
  metrics.histogram({{"m", "GET"}}, bounds, counts, 12.25);
  EXPECT_TRUE(
      metrics.text().ends_with("d_bucket{m=\"GET\",le=\"0.1\"} 3\n"
                               "d_bucket{m=\"GET\",le=\"1\"} 3\n"
                               "d_bucket{m=\"GET\",le=\"+Inf\"} 5\n"
                               "d_sum{m=\"GET\"} 12.25\n"
                               "d_count{m=\"GET\"} 5\n"));
}

TEST(Metrics, NumbersThatAreNoneHaveTheirNames) {
  Metrics metrics;
  metrics.family("m", Metrics::Type::gauge, "M.");
  metrics.sample({}, std::numeric_limits<double>::quiet_NaN());
  metrics.sample({}, -std::numeric_limits<double>::infinity());
  EXPECT_TRUE(metrics.text().ends_with("m NaN\nm -Inf\n"));
}

}  // namespace
}  // namespace lastcall::admin
