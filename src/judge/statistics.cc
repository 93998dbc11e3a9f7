#include <algorithm>
#include <cmath>
#include <limits>

#include "base/assert.h"
#include "judge/judge.h"

namespace lastcall::judge {

namespace {

constexpr double kDoubt = 0.05;
constexpr int kMaxTerms = 20'000;
constexpr int kHalvings = 60;

/// The continued fraction of the incomplete beta function (Abramowitz and Stegun 26.5.8), by Lentz's method.
/// Converges in about sqrt(max(a, b)) terms for x < (a + 1) / (a + b + 2).
double beta_fraction(double a, double b, double x) {
  constexpr double kTiny = 1e-300;
  double value = 1;
  double c = 1;
  double d = 0;
  for (int term = 0; term < kMaxTerms; ++term) {
    const double m = term / 2;  // NOLINT(bugprone-integer-division): the terms come in pairs
    const double numerator = term == 0       ? 1
                             : term % 2 == 0 ? m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
                                             : -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 + numerator * d;
    d = 1 / (std::abs(d) < kTiny ? kTiny : d);
    c = 1 + numerator / c;
    c = std::abs(c) < kTiny ? kTiny : c;
    value *= c * d;
    if (std::abs(1 - c * d) < std::numeric_limits<double>::epsilon()) {
      break;
    }
  }
  return value - 1;
}

/// The regularised incomplete beta function, I_x(a, b).
double incomplete_beta(double a, double b, double x) {
  if (x <= 0 || x >= 1) {
    return x <= 0 ? 0 : 1;
  }
  if (x > (a + 1) / (a + b + 2)) {
    return 1 - incomplete_beta(b, a, 1 - x);
  }
  const double front =
      std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) + b * std::log1p(-x));
  return front * beta_fraction(a, b, x) / a;
}

}  // namespace

double upper_bound_95(std::uint64_t broken, std::uint64_t tried) {
  LASTCALL_ASSERT(tried > 0 && broken <= tried);
  if (broken == tried) {
    return 1;
  }
  const auto k = static_cast<double>(broken);
  const auto n = static_cast<double>(tried);
  if (broken == 0) {
    return -std::expm1(std::log(kDoubt) / n);
  }
  // The rate at which `broken` or fewer would be seen in one of twenty series only.
  double low = k / n;
  double high = 1;
  for (int i = 0; i < kHalvings; ++i) {
    const double middle = (low + high) / 2;
    (incomplete_beta(k + 1, n - k, middle) < 1 - kDoubt ? low : high) = middle;
  }
  return high;
}

}  // namespace lastcall::judge
