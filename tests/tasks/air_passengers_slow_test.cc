// The first job end to end: 132 months of air passengers, the last 12 held out.
#include <gtest/gtest.h>

#include <span>
#include <string>

#include "tests/support/temporary_folder.h"
#include "unroll/predict/baselines.h"
#include "unroll/predict/forecast.h"
#include "unroll/predict/metrics.h"
#include "unroll/tasks/forecasting.h"

namespace unroll {
namespace {

Series AirPassengers() {
  const std::string path = UNROLL_SOURCE_DIR "/examples/air_passengers.csv";
  const auto text = RealFiles().Read(path, 1 << 20);
  if (!text) throw std::runtime_error(text.error().Message());
  const auto series = ReadSeries(*text, path);
  if (!series) throw std::runtime_error(series.error().Message());
  return *series;
}

TEST(AirPassengersTest, TheForecastBeatsSeasonalNaiveOnMonthsNeverSeen) {
  Series series = AirPassengers();
  ASSERT_EQ(series.values.size(), 144u);
  const std::vector<double> held_out(series.values.end() - 12, series.values.end());
  series.values.resize(132);
  const double naive = MeanAbsoluteError(held_out, SeasonalNaive(series.values, 12, 12));
  EXPECT_NEAR(naive, 47.8, 0.1);
  for (const Precision precision : {Precision::kFp32, Precision::kFp64}) {
    for (const std::uint64_t seed : {1, 2, 3}) {
      ForecastingOptions options;
      options.precision = precision, options.seed = seed;
      const test::TemporaryFolder folder;
      Observer nobody;
      const auto report = Fit(series, options, folder / "m", RealFiles(), nobody);
      ASSERT_TRUE(report) << report.error().Message();
      const auto model = ReadModel(RealFiles(), folder / "m");
      ASSERT_TRUE(model) << model.error().Message();
      const auto forecast = ForecastSeries(*model, series, {});
      ASSERT_TRUE(forecast) << forecast.error().Message();
      EXPECT_EQ(forecast->ds.front(), "1960-01");
      EXPECT_EQ(forecast->ds.back(), "1960-12");
      const double error = MeanAbsoluteError(held_out, forecast->y_hat);
      EXPECT_LT(error, naive * 2 / 3) << NameOf(precision) << ", seed " << seed;
      EXPECT_LT(report->validation_error, report->seasonal_naive_error);
      RecordProperty("mae_" + std::string(NameOf(precision)) + "_" + std::to_string(seed),
                     std::to_string(error));
    }
  }
}

}  // namespace
}  // namespace unroll
