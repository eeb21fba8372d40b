// The steps of a series say what is known at each, and count only the errors that may be counted.
#include "unroll/data/batches.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace unroll {
namespace {

/// Numbers that cannot be mistaken for one another: means 0 and deviations as told.
Scaling PlainScaling(std::size_t season, std::size_t horizon) {
  Scaling s;
  s.season = season;
  s.input_mean.assign(season > 1 ? 2 : 1, 0.0);
  s.input_sd.assign(season > 1 ? 2 : 1, 1.0);
  s.target_mean.assign(horizon, 0.0);
  s.target_sd.assign(horizon, 1.0);
  return s;
}

template <class Real>
class BatchesTest : public testing::Test {};
using Reals = testing::Types<float, double>;
TYPED_TEST_SUITE(BatchesTest, Reals);

TYPED_TEST(BatchesTest, InputsAreChangesSinceTheStepAndTheSeasonBefore) {
  using Real = TypeParam;
  const std::vector<double> y = {1, 3, 6, 10};
  const auto steps = MakeSteps<Real>(PlainScaling(2, 1), y, {0, 4}, "").value();
  EXPECT_EQ(steps.T, 4u);
  EXPECT_EQ(steps.I, 2u);
  EXPECT_EQ(steps.x, (std::vector<Real>{0, 0, 2, 0, 3, 5, 4, 7}));
  EXPECT_EQ(MakeSteps<Real>(PlainScaling(1, 1), y, {0, 4}, "")->x, (std::vector<Real>{0, 2, 3, 4}));
}

TYPED_TEST(BatchesTest, TargetsAreTheNextValuesSeenFromTheStep) {
  using Real = TypeParam;
  const std::vector<double> y = {1, 3, 6, 10};
  const auto steps = MakeSteps<Real>(PlainScaling(1, 2), y, {0, 4}, "").value();
  EXPECT_EQ(steps.N, 2u);
  EXPECT_EQ(steps.target, (std::vector<Real>{2, 5, 3, 7, 4, 0, 0, 0}));
  EXPECT_EQ(steps.mask, (std::vector<Real>{1, 1, 1, 1, 1, 0, 0, 0}));
}

TYPED_TEST(BatchesTest, OnlyErrorsAboutJudgedValuesCount) {
  using Real = TypeParam;
  const std::vector<double> y = {1, 3, 6, 10, 15};
  const auto training = MakeSteps<Real>(PlainScaling(1, 2), y, {0, 3}, "").value();
  EXPECT_EQ(training.mask, (std::vector<Real>{1, 1, 1, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(training.target, (std::vector<Real>{2, 5, 3, 0, 0, 0, 0, 0, 0, 0}));
  const auto validation = MakeSteps<Real>(PlainScaling(1, 2), y, {3, 5}, "").value();
  EXPECT_EQ(validation.mask, (std::vector<Real>{0, 0, 0, 1, 1, 1, 1, 0, 0, 0}));
  EXPECT_EQ(validation.target, (std::vector<Real>{0, 0, 0, 7, 4, 9, 5, 0, 0, 0}));
}

TYPED_TEST(BatchesTest, MeansAndDeviationsAreTakenOut) {
  using Real = TypeParam;
  Scaling s = PlainScaling(2, 2);
  s.input_mean = {1, 2};
  s.input_sd = {2, 4};
  s.target_mean = {3, 4};
  s.target_sd = {0.5, 0.25};
  const auto steps = MakeSteps<Real>(s, std::vector<double>{1, 3, 6}, {0, 3}, "").value();
  EXPECT_EQ(steps.x, (std::vector<Real>{0, 0, 0.5, 0, 1, 0.75}));
  EXPECT_EQ(steps.target, (std::vector<Real>{-2, 4, 0, 0, 0, 0}));
}

TYPED_TEST(BatchesTest, ValuesAfterTheJudgedOnesReachNoTarget) {
  using Real = TypeParam;
  std::vector<double> y = {1, 3, 6, 10, 15, 21};
  const Scaling s = PlainScaling(2, 3);
  const auto before = MakeSteps<Real>(s, y, {0, 4}, "").value();
  y[4] = y[5] = 1e9;
  const auto after = MakeSteps<Real>(s, y, {0, 4}, "").value();
  EXPECT_EQ(after.target, before.target);
  EXPECT_EQ(after.mask, before.mask);
  for (std::size_t i = 0; i < 4 * s.inputs(); ++i) EXPECT_EQ(after.x[i], before.x[i]);
}

TYPED_TEST(BatchesTest, WildValuesStayFinite) {
  using Real = TypeParam;
  Scaling s = PlainScaling(1, 1);
  s.input_sd = s.target_sd = {1e-300};
  const auto steps = MakeSteps<Real>(s, std::vector<double>{0, 1e15, -1e15}, {0, 3}, "").value();
  EXPECT_EQ(steps.x, (std::vector<Real>{0, 1e6, -1e6}));
  EXPECT_EQ(steps.target, (std::vector<Real>{1e6, -1e6, 0}));
}

TYPED_TEST(BatchesTest, LogarithmsAreTakenWhereTheScalingSays) {
  using Real = TypeParam;
  Scaling s = PlainScaling(1, 1);
  s.logarithm = true;
  const auto steps = MakeSteps<Real>(s, std::vector<double>{1, 8}, {0, 2}, "").value();
  EXPECT_EQ(steps.x[1], static_cast<Real>(std::log(8.0)));
  EXPECT_FALSE(MakeSteps<Real>(s, std::vector<double>{1, -8}, {0, 2}, "a.csv"));
}

TYPED_TEST(BatchesTest, JudgingValuesThatAreNotThereIsAMistakeOfTheProgrammer) {
  using Real = TypeParam;
  const std::vector<double> y = {1, 2};
  EXPECT_THROW((void)MakeSteps<Real>(PlainScaling(1, 1), y, {0, 3}, ""), std::logic_error);
  EXPECT_THROW((void)MakeSteps<Real>(PlainScaling(1, 1), y, {2, 1}, ""), std::logic_error);
}

}  // namespace
}  // namespace unroll
