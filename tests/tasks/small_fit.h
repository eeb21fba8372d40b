// A fit that takes a moment, and what tests ask about it.
#pragma once

#include <cmath>
#include <string>

#include "tests/support/fake_files.h"
#include "unroll/tasks/forecasting.h"

namespace unroll::test {

/// A growing wave of `size` values with a season of 4.
inline Series Wave(std::size_t size = 60) {
  Series series;
  series.place = "data/wave.csv";
  for (std::size_t t = 0; t < size; ++t) {
    series.values.push_back(100 + static_cast<double>(t) +
                            20 * std::sin(std::acos(-1.0) / 2 * static_cast<double>(t)));
  }
  return series;
}

/// 30 steps of a small network.
inline ForecastingOptions SmallOptions(Precision precision = Precision::kFp32) {
  ForecastingOptions options;
  options.hidden = 5, options.steps = 30, options.season = 4, options.threads = 1;
  options.precision = precision;
  return options;
}

/// Stops after `stop_after` steps (of this run); 0: never.
class Stopper : public Observer {
 public:
  explicit Stopper(std::uint64_t stop_after = 0) : stop_after_(stop_after) {}
  void OnProgress(const Progress& /*progress*/) override { ++steps; }
  bool ShouldStop() override { return steps == stop_after_; }

  std::uint64_t steps = 0;

 private:
  const std::uint64_t stop_after_;
};

}  // namespace unroll::test
