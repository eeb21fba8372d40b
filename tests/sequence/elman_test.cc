// What only Elman's network promises. What every cell promises (gradients, odd sizes, the same bits
// for any number of threads) is in the tests beside this one, and runs on it unasked.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/paper.h"

namespace unroll {
namespace {

/// The state after one more step, by the equation of Elman (1990).
constexpr auto kByThePaper = [](const auto& layer, const auto* x, const test::PaperState& before) {
  test::PaperState after = before;
  for (std::size_t j = 0; j < layer.H; ++j) {
    after[0][j] =
        std::tanh(test::InputSum(layer, 0, j, x) + test::RecurrentSum(layer, 0, j, before[0]));
  }
  return after;
};

TEST(ElmanTest, FollowsThePaperOnEveryInstructionSet) {
  EXPECT_LE(test::WorstAgainstThePaper<double>("elman", kByThePaper), 1e-14);
  EXPECT_LE(test::WorstAgainstThePaper<float>("elman", kByThePaper), 3e-6);
}

TEST(ElmanTest, ItsTapeIsOneVectorAStep) { EXPECT_EQ(FindCell("elman")->slots, 1); }

}  // namespace
}  // namespace unroll
