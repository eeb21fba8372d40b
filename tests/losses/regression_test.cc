// The squared error by hand, its gradient by differences, and what the mask leaves out.
#include "unroll/losses/regression.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

namespace unroll {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Two steps, one row, two outputs.
struct Case {
  Shape shape{{'T', 2}, {'B', 1}, {'O', 2}};
  std::vector<double> outputs{1, -2, 0.5, 3}, target{0, 1, kNan, 2}, mask{1, 1, 0, 1};
  std::vector<double> d_outputs = std::vector<double>(4, kNan);

  double Evaluate(Reduction reduction) {
    return SquaredError<double>().Evaluate(
        {{outputs.data(), shape}, {target.data(), shape}, {mask.data(), shape}}, reduction,
        {d_outputs.data(), shape});
  }
};

TEST(SquaredErrorTest, IsTheSumOrTheMeanOverWhatCounts) {
  Case c;
  EXPECT_EQ(c.Evaluate(Reduction::kSum), 1 + 9 + 1);
  EXPECT_EQ(c.d_outputs, (std::vector<double>{2, -6, 0, 2}));
  EXPECT_EQ(c.Evaluate(Reduction::kMean), 11.0 / 3);
  EXPECT_EQ(c.d_outputs, (std::vector<double>{2.0 / 3, -6.0 / 3, 0, 2.0 / 3}));
}

TEST(SquaredErrorTest, ItsGradientIsThatOfDifferences) {
  for (const Reduction reduction : {Reduction::kSum, Reduction::kMean}) {
    Case c;
    c.Evaluate(reduction);
    const std::vector<double> gradient = c.d_outputs;
    for (std::size_t i = 0; i < 4; ++i) {
      const double kept = c.outputs[i], step = 1e-4;
      c.outputs[i] = kept + step;
      const double above = c.Evaluate(reduction);
      c.outputs[i] = kept - step;
      const double below = c.Evaluate(reduction);
      c.outputs[i] = kept;
      EXPECT_NEAR(gradient[i], (above - below) / (2 * step), 1e-9) << i;
    }
  }
}

TEST(SquaredErrorTest, WhatStandsBehindTheMaskNeverMatters) {
  for (const double garbage : {kNan, kInfinity, 1e308}) {
    Case c;
    c.target[2] = c.outputs[2] = garbage;
    EXPECT_EQ(c.Evaluate(Reduction::kMean), 11.0 / 3);
    EXPECT_EQ(c.d_outputs[2], 0);
  }
}

TEST(SquaredErrorTest, WhereNothingCountsThereIsNoError) {
  Case c;
  c.mask = {0, 0, 0, 0};
  for (const Reduction reduction : {Reduction::kSum, Reduction::kMean}) {
    EXPECT_EQ(c.Evaluate(reduction), 0);
    EXPECT_EQ(c.d_outputs, std::vector<double>(4, 0.0));
  }
}

TEST(SquaredErrorTest, TheGradientMayBeLeftOut) {
  const Case c;
  EXPECT_EQ(SquaredError<double>().Evaluate(
                {{c.outputs.data(), c.shape}, {c.target.data(), c.shape}, {c.mask.data(), c.shape}},
                Reduction::kSum, {nullptr, c.shape}),
            11);
}

TEST(SquaredErrorTest, OtherShapesAreRefused) {
  const Case c;
  const Shape other{{'T', 4}, {'B', 1}, {'O', 1}};
  for (int wrong = 0; wrong < 3; ++wrong) {
    const auto shape = [&](int i) { return i == wrong ? other : c.shape; };
    EXPECT_THROW(
        (void)SquaredError<double>().Evaluate(
            {{c.outputs.data(), c.shape}, {c.target.data(), shape(0)}, {c.mask.data(), shape(1)}},
            Reduction::kSum, {nullptr, shape(2)}),
        std::logic_error);
  }
}

}  // namespace
}  // namespace unroll
