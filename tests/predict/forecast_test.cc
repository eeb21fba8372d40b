// A forecast by hand, its dates, and what it refuses.
#include "unroll/predict/forecast.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "unroll/data/batches.h"
#include "unroll/network/stream.h"

namespace unroll {
namespace {

/// Season 2, horizon 3, random weights.
template <class Real>
Model SmallModel() {
  Model model;
  Specification& s = model.specification;
  s.inputs = 2, s.hidden = 4, s.layers = 2, s.outputs = 3;
  s.precision = sizeof(Real) == 4 ? Precision::kFp32 : Precision::kFp64;
  model.scaling = Scaling{true, 2, {0.01, 0.02}, {0.1, 0.2}, {0.01, 0.02, 0.03}, {0.2, 0.2, 0.2}};
  Network<Real> network(s);
  network.Initialise(11);
  model.weights = network.Unpack(network.weights());
  return model;
}

Series Numbers(std::size_t size) {
  Series series;
  series.id = "a", series.place = "numbers.csv";
  for (std::size_t t = 0; t < size; ++t) {
    series.values.push_back(10 + 3 * std::sin(static_cast<double>(t)));
  }
  return series;
}

template <class Real>
class ForecastTest : public testing::Test {};
using Reals = testing::Types<float, double>;
TYPED_TEST_SUITE(ForecastTest, Reals);

TYPED_TEST(ForecastTest, IsTheLastOutputOfAWalkOverAllValues) {
  const Model model = SmallModel<TypeParam>();
  for (const std::size_t size : {3, 50, 256, 257, 700}) {  // around the stretches it walks in
    const Series series = Numbers(size);
    const auto steps = MakeSteps<TypeParam>(*model.scaling, series.values, {0, 0}, "");
    Network<TypeParam> network(model.specification);
    network.Pack(model.weights, network.weights());
    Stream<TypeParam> stream(network);
    std::span<const TypeParam> output;
    for (std::size_t t = 0; t < size; ++t) output = stream.Advance({&steps->x[t * 2], 2});
    const auto forecast = ForecastSeries(model, series, {});
    ASSERT_TRUE(forecast) << forecast.error().Message();
    EXPECT_EQ(forecast->unique_id, "a");
    ASSERT_EQ(forecast->y_hat.size(), 3u);
    for (std::size_t k = 0; k < 3; ++k) {
      const double mean = 0.01 * static_cast<double>(k + 1);
      const double expected = series.values.back() * std::exp(output[k] * 0.2 + mean);
      EXPECT_NEAR(forecast->y_hat[k], expected, 1e-12 * expected);
      EXPECT_EQ(forecast->ds[k], std::to_string(size + k + 1));
    }
  }
}

TEST(ForecastSeriesTest, AShorterHorizonCutsAndALongerOneIsRefused) {
  const Model model = SmallModel<float>();
  const auto whole = ForecastSeries(model, Numbers(20), {});
  const auto cut = ForecastSeries(model, Numbers(20), {.horizon = 2});
  ASSERT_TRUE(whole && cut);
  EXPECT_EQ(cut->y_hat, std::vector<double>(whole->y_hat.begin(), whole->y_hat.begin() + 2));
  EXPECT_EQ(cut->ds.size(), 2u);
  const auto longer = ForecastSeries(model, Numbers(20), {.horizon = 4});
  ASSERT_FALSE(longer);
  EXPECT_EQ(longer.error().kind, Failure::kUsage);
  EXPECT_EQ(
      longer.error().Message(),
      "--horizon: expected at most 3, for which the model was trained, found 4; train a model "
      "with this horizon");
}

TEST(ForecastSeriesTest, DatesGoOnInTheirForm) {
  Series series = Numbers(12);
  series.dates = DateAxis{DateForm::kMonth, DateUnit::kMonths, 12 * 1949, 1, 1};
  const auto forecast = ForecastSeries(SmallModel<float>(), series, {});
  ASSERT_TRUE(forecast);
  EXPECT_EQ(forecast->ds, (std::vector<std::string>{"1950-01", "1950-02", "1950-03"}));
}

TEST(ForecastSeriesTest, ASeriesMustReachBackOneSeason) {
  const auto refused = ForecastSeries(SmallModel<float>(), Numbers(2), {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Failure::kBadData);
  EXPECT_EQ(refused.error().Message(),
            "numbers.csv: expected at least 3 values, one more than the model's season, found 2");
}

TEST(ForecastSeriesTest, AModelWithoutAScalingIsRefused) {
  Model model = SmallModel<float>();
  model.scaling.reset();
  const auto refused = ForecastSeries(model, Numbers(10), {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Failure::kBadData);
  EXPECT_EQ(refused.error().Message(),
            "model: expected a scaling, from the values of a series to its numbers, found none; "
            "forecast with a model that was trained on a series");
}

TEST(ForecastSeriesTest, ValuesWithoutALogarithmAreRefused) {
  Series series = Numbers(10);
  series.values[4] = 0;
  const auto refused = ForecastSeries(SmallModel<float>(), series, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Failure::kBadData);
  EXPECT_EQ(refused.error().found, "0 as value 5 of 10");
}

TEST(ForecastSeriesTest, MemoryAndThreadsAreAskedFirst) {
  const auto memory = ForecastSeries(SmallModel<float>(), Numbers(10), {.memory_limit = 1000});
  ASSERT_FALSE(memory);
  EXPECT_EQ(memory.error().kind, Failure::kSystem);
  const auto threads = ForecastSeries(SmallModel<float>(), Numbers(10), {.threads = -1});
  ASSERT_FALSE(threads);
  EXPECT_EQ(threads.error().place, "--threads");
}

TEST(ForecastSeriesTest, AnyNumberOfThreadsGivesTheSameBits) {
  const Model model = SmallModel<float>();
  const auto one = ForecastSeries(model, Numbers(300), {.threads = 1});
  const auto three = ForecastSeries(model, Numbers(300), {.threads = 3});
  ASSERT_TRUE(one && three);
  EXPECT_EQ(one->y_hat, three->y_hat);
}

}  // namespace
}  // namespace unroll
