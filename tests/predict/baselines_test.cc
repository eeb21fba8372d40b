// The baselines say what their names say, to the value.
#include "unroll/predict/baselines.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

namespace unroll {
namespace {

using Values = std::vector<double>;

TEST(BaselinesTest, NaiveRepeatsTheLastValue) {
  EXPECT_EQ(Naive(Values{1, 5, 3}, 3), (Values{3, 3, 3}));
}

TEST(BaselinesTest, SeasonalNaiveRepeatsTheLastSeason) {
  EXPECT_EQ(SeasonalNaive(Values{9, 9, 1, 2, 3}, 3, 7), (Values{1, 2, 3, 1, 2, 3, 1}));
  EXPECT_EQ(SeasonalNaive(Values{1, 2, 3}, 3, 2), (Values{1, 2}));
}

TEST(BaselinesTest, DriftGoesOnAlongTheLineThroughFirstAndLast) {
  EXPECT_EQ(Drift(Values{1, 100, 5}, 3), (Values{7, 9, 11}));
  EXPECT_EQ(Drift(Values{4}, 2), (Values{4, 4}));
}

TEST(BaselinesTest, TooFewValuesAreAMistakeOfTheProgrammer) {
  EXPECT_THROW(Naive(Values{}, 1), std::logic_error);
  EXPECT_THROW(Drift(Values{}, 1), std::logic_error);
  EXPECT_THROW(SeasonalNaive(Values{1, 2}, 3, 1), std::logic_error);
  EXPECT_THROW(SeasonalNaive(Values{1, 2}, 0, 1), std::logic_error);
}

}  // namespace
}  // namespace unroll
