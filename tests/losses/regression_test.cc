// Errors against numbers, by hand: at the kinks, far out, and summed up.
#include "unroll/losses/regression.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

#include "tests/losses/judged_case.h"

namespace unroll {
namespace {

using test::JudgedCase;
using test::kInfinity;
using test::kNan;

TEST(SquaredErrorTest, IsTheSumOrTheMeanOverWhatCounts) {
  const SquaredError<double> loss;
  JudgedCase<double> c(2, 1, 2, 1);
  c.outputs = {1, -2, 0.5, 3}, c.target = {0, 1, kNan, 2}, c.mask = {1, 1, 0, 1};
  EXPECT_EQ(c.Evaluate(loss, Reduction::kSum), 1 + 9 + 1);
  EXPECT_EQ(c.d_outputs, (std::vector<double>{2, -6, 0, 2}));
  EXPECT_EQ(c.Evaluate(loss, Reduction::kMean), 11.0 / 3);
  EXPECT_EQ(c.d_outputs, (std::vector<double>{2.0 / 3, -6.0 / 3, 0, 2.0 / 3}));
}

TEST(SquaredErrorTest, IsSummedInDoubleInTheOrderOfMemory) {
  JudgedCase<float> c = test::RandomCase<float>("squared", 1, 1);
  c.outputs[0] = 1e8F;
  double sum = 0;
  for (std::size_t i = 0; i < c.target.size(); ++i) {
    const double off = static_cast<double>(c.outputs[i]) - static_cast<double>(c.target[i]);
    if (c.mask[i] != 0) sum += off * off;
  }
  EXPECT_EQ(c.Evaluate(SquaredError<float>()), sum);
}

TEST(AbsoluteErrorTest, HasNoSlopeWhereItIsMet) {
  JudgedCase<double> c(1, 1, 3, 1);
  c.outputs = {2, 5, -1}, c.target = {2, 3, 1};
  EXPECT_EQ(c.Evaluate(AbsoluteError<double>()), 4);
  EXPECT_EQ(c.d_outputs, (std::vector<double>{0, 1, -1}));
}

TEST(HuberErrorTest, IsASquareThatBecomesALine) {
  JudgedCase<double> c(1, 1, 5, 1);
  c.outputs = {0, 1, 2, -3, 1e200};
  EXPECT_EQ(c.Evaluate(HuberError<double>(2)), 0 + 0.5 + 2 + 4 + 2e200);
  EXPECT_EQ(c.d_outputs, (std::vector<double>{0, 1, 2, -2, 2}));
  EXPECT_EQ(JudgedCase<double>({kInfinity}, 0).WithoutGradient(HuberError<double>(2)), kInfinity);
  for (const double delta : {0.0, -1.0, kNan, kInfinity}) {
    EXPECT_THROW(HuberError<double>{delta}, std::logic_error) << delta;
  }
}

TEST(QuantileErrorTest, TheOutputsOfATargetLieSideBySide) {
  const QuantileError<double> loss({0.25, 0.5});
  JudgedCase<double> c(1, 1, 2, 2);
  c.outputs = {0, 4, 10, 10}, c.target = {2, 10};
  EXPECT_EQ(c.Evaluate(loss), 0.25 * 2 + 0.5 * 2);
  EXPECT_EQ(c.d_outputs, (std::vector<double>{-0.25, 0.5, 0, 0}));
  c.mask = {0, 1};
  EXPECT_EQ(c.Evaluate(loss), 0);
  EXPECT_EQ(c.d_outputs, std::vector<double>(4, 0.0));
  for (const std::vector<double>& wrong : std::vector<std::vector<double>>{{}, {0.5, 0.5}, {1}}) {
    EXPECT_THROW(QuantileError<double>{wrong}, std::logic_error);
  }
}

TEST(QuantileErrorTest, IsLeastAtTheQuantile) {
  // 1, 2, ..., 9: of these, 2.25 have less below them than 3 has.
  const QuantileError<double> loss({0.25});
  const auto error = [&](double output) {
    JudgedCase<double> c(9, 1, 1, 1);
    for (int i = 0; i < 9; ++i) c.outputs[i] = output, c.target[i] = i + 1;
    return c.Evaluate(loss);
  };
  EXPECT_LT(error(3), error(2.9));
  EXPECT_LT(error(3), error(3.1));
}

}  // namespace
}  // namespace unroll
