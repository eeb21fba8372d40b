// The metrics follow their published definitions.
#include "unroll/predict/metrics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>
#include <vector>

#include "unroll/predict/baselines.h"

namespace unroll {
namespace {

using Values = std::vector<double>;

TEST(MetricsTest, FollowTheirDefinitions) {
  const Values actual = {1, 2, 4}, forecast = {2, 2, 1};
  EXPECT_DOUBLE_EQ(MeanAbsoluteError(actual, forecast), 4.0 / 3);
  EXPECT_DOUBLE_EQ(RootMeanSquaredError(actual, forecast), std::sqrt(10.0 / 3));
  EXPECT_DOUBLE_EQ(SymmetricPercentageError(actual, forecast), (200.0 / 3 + 0 + 600.0 / 5) / 3);
  EXPECT_DOUBLE_EQ(*MeanAbsoluteScaledError(Values{1, 2, 4, 7}, 1, actual, forecast), 4.0 / 3 / 2);
  EXPECT_DOUBLE_EQ(*MeanAbsoluteScaledError(Values{1, 2, 4, 7}, 2, actual, forecast), 4.0 / 3 / 4);
}

TEST(MetricsTest, APerfectForecastHasNoError) {
  const Values y = {0, -1, 3};
  EXPECT_EQ(MeanAbsoluteError(y, y), 0);
  EXPECT_EQ(RootMeanSquaredError(y, y), 0);
  EXPECT_EQ(SymmetricPercentageError(y, y), 0) << "0 / 0 counts as 0";
  EXPECT_EQ(*MeanAbsoluteScaledError(Values{1, 2}, 1, y, y), 0);
}

TEST(MetricsTest, TheSymmetricErrorTakesSizesOfNegativeValues) {
  EXPECT_DOUBLE_EQ(SymmetricPercentageError(Values{-1}, Values{1}), 200);
}

TEST(MetricsTest, TheScaledErrorIsNothingWithoutAScale) {
  const Values one = {1};
  EXPECT_FALSE(MeanAbsoluteScaledError(Values{5, 5, 5}, 1, one, one));
  EXPECT_FALSE(MeanAbsoluteScaledError(Values{1, 2, 3}, 3, one, one));
  EXPECT_TRUE(MeanAbsoluteScaledError(Values{1, 2, 3}, 2, one, one));
}

TEST(MetricsTest, UnequalOrEmptyInputsAreAMistakeOfTheProgrammer) {
  EXPECT_THROW(MeanAbsoluteError(Values{1}, Values{1, 2}), std::logic_error);
  EXPECT_THROW(RootMeanSquaredError(Values{}, Values{}), std::logic_error);
  EXPECT_THROW(MeanAbsoluteScaledError(Values{1, 2}, 0, Values{1}, Values{1}), std::logic_error);
}

TEST(MetricsTest, SeasonalNaiveIsFortySevenPassengersOffInTheLastYear) {
  // The last two years of the air passengers (Box & Jenkins 1970, series G).
  const Values before = {360, 342, 406, 396, 420, 472, 548, 559, 463, 407, 362, 405};
  const Values last = {417, 391, 419, 461, 472, 535, 622, 606, 508, 461, 390, 432};
  EXPECT_NEAR(MeanAbsoluteError(last, SeasonalNaive(before, 12, 12)), 47.8, 0.05);
}

}  // namespace
}  // namespace unroll
