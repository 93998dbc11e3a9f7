// TestSource: a Source whose answers a test sets by hand.
#pragma once

#include "admin/source.h"

namespace lastcall::admin {

struct TestSource final : Source {
  TestSource() { view.readiness.phase = drain::Phase::serving; }

  [[nodiscard]] StatusView status() const override { return view; }

  void add_metrics(Metrics& metrics) const override {
    metrics.family("test_total", Metrics::Type::counter, "A test's own.");
    for (int i = 0; i < samples; ++i) {
      metrics.sample({}, 1);
    }
  }

  StatusView view;
  int samples = 1;
};

}  // namespace lastcall::admin
