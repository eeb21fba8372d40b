// A training gives the same bits for any number of threads, and every time.
#include <gtest/gtest.h>

#include "tests/train/small_training.h"

namespace unroll {
namespace {

TEST(TrainerTest, TheBitsAreTheSameForAnyNumberOfThreads) {
  const test::Sine<float> sine;
  test::SmallTraining<float> alone(sine);
  test::Listener listener;
  ASSERT_TRUE(alone.trainer.Run(listener, 1e9, test::SaveNothing));
  for (const int threads : {1, 2, 3}) {
    test::SmallTraining<float> training(sine, {30, 0.01, 1}, threads);
    training.trainer.ForceSplit(threads == 3 ? Split::kUnits : Split::kRows);
    ASSERT_TRUE(training.trainer.Run(listener, 1e9, test::SaveNothing));
    EXPECT_EQ(training.Weights(), alone.Weights()) << threads;
    EXPECT_EQ(training.trainer.state(), alone.trainer.state()) << threads;
  }
}

}  // namespace
}  // namespace unroll
