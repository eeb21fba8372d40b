// A scaling is fitted on the training part alone, goes there and back, and is never infinite.
#include "unroll/data/scaling.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace unroll {
namespace {

std::vector<double> Wavy(std::size_t n) {
  std::vector<double> values(n);
  for (std::size_t t = 0; t < n; ++t) {
    const double step = static_cast<double>(t);
    values[t] = 100 + 2 * step + 20 * std::sin(step * 0.5236) + std::cos(step * step);
  }
  return values;
}

void ExpectUsable(const Scaling& scaling) {
  const Result<void> usable = CheckScaling(scaling);
  EXPECT_TRUE(usable) << usable.error().Message();
}

TEST(ScalingTest, HoldsMeanAndDeviationOfEachDifference) {
  const std::vector<double> y = {1, 2, 4, 7, 5};
  const Scaling s = FitScaling(y, /*season=*/2, /*horizon=*/3, /*logarithm=*/false);
  // Differences by 1: 1 2 3 -2, by 2: 3 5 1, by 3: 6 3.
  const double mean1 = 1, sd1 = std::sqrt((0.0 + 1 + 4 + 9) / 4);
  const double mean2 = 3, sd2 = std::sqrt((0.0 + 4 + 4) / 3);
  const double mean3 = 4.5, sd3 = 1.5;
  EXPECT_EQ(s.season, 2u);
  EXPECT_FALSE(s.logarithm);
  EXPECT_EQ(s.inputs(), 2u);
  EXPECT_EQ(s.horizon(), 3u);
  EXPECT_EQ(s.input_mean, (std::vector<double>{mean1, mean2}));
  EXPECT_EQ(s.input_sd, (std::vector<double>{sd1, sd2}));
  EXPECT_EQ(s.target_mean, (std::vector<double>{mean1, mean2, mean3}));
  const double sd = std::sqrt((sd1 * sd1 + sd2 * sd2 + sd3 * sd3) / 3);
  for (const double target_sd : s.target_sd) EXPECT_NEAR(target_sd, sd, 1e-15);
  ExpectUsable(s);
}

TEST(ScalingTest, WithoutASeasonThereIsOneInput) {
  EXPECT_EQ(FitScaling(Wavy(20), 1, 4, true).inputs(), 1u);
}

TEST(ScalingTest, LogarithmsTurnGrowthIntoAConstant) {
  const Scaling s = FitScaling(std::vector<double>{1, 2, 4, 8}, 1, 1, /*logarithm=*/true);
  EXPECT_NEAR(s.target_mean[0], std::log(2), 1e-15);
  EXPECT_EQ(s.target_sd[0], 1) << "growth that does not vary";
}

TEST(ScalingTest, WhatDoesNotVaryGetsTheDeviationOne) {
  std::vector<double> line;
  for (int t = 0; t < 30; ++t) line.push_back(0.1 * t);  // differences vary by rounding alone
  for (const auto& y : {std::vector<double>(30, 5.0), line}) {
    const Scaling s = FitScaling(y, 12, 6, false);
    EXPECT_EQ(s.input_sd, (std::vector<double>{1, 1}));
    EXPECT_EQ(s.target_sd, std::vector<double>(6, 1.0));
    ExpectUsable(s);
  }
}

TEST(ScalingTest, ValuesAfterTheTrainingPartChangeNothing) {
  std::vector<double> y = Wavy(60);
  const auto training = [&] { return std::span<const double>(y).first(48); };
  const Scaling before = FitScaling(training(), 12, 6, AllPositive(training()));
  for (std::size_t t = 48; t < y.size(); ++t) y[t] = 1e9;
  EXPECT_EQ(FitScaling(training(), 12, 6, AllPositive(training())), before);
}

TEST(ScalingTest, TooFewValuesAreAMistakeOfTheProgrammer) {
  EXPECT_EQ(LeastTrainingValues(12, 6), 14u);
  EXPECT_EQ(LeastTrainingValues(1, 6), 8u);
  EXPECT_THROW(FitScaling(Wavy(13), 12, 6, false), std::logic_error);
  EXPECT_NO_THROW(FitScaling(Wavy(14), 12, 6, false));
  EXPECT_THROW(FitScaling(Wavy(14), 0, 6, false), std::logic_error);
  EXPECT_THROW(FitScaling(Wavy(14), 1, 0, false), std::logic_error);
  EXPECT_THROW(FitScaling(std::vector<double>{1, 0, 1, 1}, 1, 1, true), std::logic_error);
}

TEST(ScalingTest, AllPositiveMeansEveryValue) {
  EXPECT_TRUE(AllPositive(std::vector<double>{1, 1e-300}));
  EXPECT_FALSE(AllPositive(std::vector<double>{1, 0}));
  EXPECT_FALSE(AllPositive(std::vector<double>{-1, 2}));
}

TEST(ScalingTest, AValueWithoutALogarithmIsRefused) {
  Scaling s = FitScaling(Wavy(20), 1, 2, true);
  const auto z = Transform(s, std::vector<double>{5, 0, 7}, "new.csv");
  ASSERT_FALSE(z);
  EXPECT_EQ(
      z.error().Message(),
      "new.csv: expected values above 0, because the model works in their logarithms, found 0 "
      "as value 2 of 3; train a model on data that hold such values");
  s.logarithm = false;
  EXPECT_TRUE(Transform(s, std::vector<double>{5, 0, 7}, "new.csv"));
}

TEST(ScalingTest, UntransformIsTheWayBack) {
  const std::vector<double> y = Wavy(40);
  for (const bool logarithm : {false, true}) {
    const Scaling s = FitScaling(std::span(y).first(30), 12, 5, logarithm);
    const std::vector<double> z = Transform(s, y, "").value();
    const std::size_t t = 30;
    std::vector<double> outputs;
    for (std::size_t k = 1; k <= 5; ++k) {
      outputs.push_back((z[t + k] - z[t] - s.target_mean[k - 1]) / s.target_sd[k - 1]);
    }
    const std::vector<double> back = Untransform(s, z[t], outputs);
    for (std::size_t k = 1; k <= 5; ++k) EXPECT_NEAR(back[k - 1], y[t + k], 1e-11 * y[t + k]);
    EXPECT_EQ(Untransform(s, z[t], std::span(outputs).first(2)).size(), 2u) << "a shorter horizon";
    outputs.push_back(0);
    EXPECT_THROW(Untransform(s, z[t], outputs), std::logic_error);
  }
}

TEST(ScalingTest, AForecastStaysWithinWhatAFileMayHold) {
  const Scaling s = FitScaling(Wavy(20), 1, 2, true);
  const double outputs[] = {1e30, -1e30};
  EXPECT_EQ(Untransform(s, 1, outputs), (std::vector<double>{1e15, 0}));
  const Scaling plain = FitScaling(Wavy(20), 1, 2, false);
  EXPECT_EQ(Untransform(plain, 1, outputs), (std::vector<double>{1e15, -1e15}));
}

TEST(ScalingTest, AScalingFromAFileIsChecked) {
  const Scaling good = FitScaling(Wavy(40), 12, 3, true);
  ExpectUsable(good);
  const double nan = std::nan(""), infinite = std::numeric_limits<double>::infinity();
  const auto refusal = [&](auto change) {
    Scaling s = good;
    change(s);
    const Result<void> usable = CheckScaling(s);
    return usable ? "" : usable.error().Message();
  };
  EXPECT_EQ(refusal([](Scaling& s) { s.season = 0; }), "season: expected at least 1 step, found 0");
  EXPECT_EQ(refusal([](Scaling& s) { s.season = 1; }), "input_mean: expected 1 numbers, found 2");
  EXPECT_EQ(refusal([](Scaling& s) { s.input_sd.pop_back(); }),
            "input_sd: expected 2 numbers, found 1");
  EXPECT_EQ(refusal([](Scaling& s) { s.target_mean.clear(); }),
            "target_mean: expected at least 1 number, found 0");
  EXPECT_EQ(refusal([](Scaling& s) { s.target_sd.push_back(1); }),
            "target_sd: expected 3 numbers, found 4");
  EXPECT_EQ(refusal([&](Scaling& s) { s.input_mean[1] = nan; }),
            "input_mean: expected finite numbers, found nan");
  EXPECT_EQ(refusal([&](Scaling& s) { s.target_mean[2] = infinite; }),
            "target_mean: expected finite numbers, found inf");
  EXPECT_EQ(refusal([](Scaling& s) { s.target_sd[0] = 0; }),
            "target_sd: expected finite numbers above 0, found 0");
  EXPECT_EQ(refusal([&](Scaling& s) { s.input_sd[0] = nan; }),
            "input_sd: expected finite numbers above 0, found nan");
}

TEST(ScalingTest, ForEachFieldNamesEveryField) {
  const Scaling from = FitScaling(Wavy(40), 12, 3, true);
  std::vector<std::string> names;
  Scaling::ForEachField(from, [&](const char* name, const auto&) { names.emplace_back(name); });
  EXPECT_EQ(names, (std::vector<std::string>{"logarithm", "season", "input_mean", "input_sd",
                                             "target_mean", "target_sd"}));
}

RC_GTEST_PROP(ScalingTest, AnyReadableSeriesGivesAUsableScaling, ()) {
  const auto value = rc::gen::map(
      rc::gen::pair(rc::gen::inRange(-15, 16), rc::gen::inRange(-10, 11)),
      [](std::pair<int, int> parts) { return 0.1 * parts.second * std::pow(10, parts.first); });
  const auto y = *rc::gen::container<std::vector<double>>(20, value);
  const Scaling s = FitScaling(y, *rc::gen::inRange<std::size_t>(1, 8), 5, AllPositive(y));
  RC_ASSERT(CheckScaling(s).has_value());
}

}  // namespace
}  // namespace unroll
