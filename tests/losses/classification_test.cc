// Scores of any size: nothing overflows, and nothing is lost where a class is all but certain.
#include "unroll/losses/classification.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include "tests/losses/judged_case.h"
#include "tests/support/instruction_sets.h"

namespace unroll {
namespace {

using test::JudgedCase;
using test::kInfinity;
using test::kNan;

template <class Real>
class ScoresTest : public testing::Test {
 protected:
  static constexpr Real kMost = std::numeric_limits<Real>::max();
  using Numbers = std::vector<Real>;
};
using Reals = testing::Types<float, double>;
TYPED_TEST_SUITE(ScoresTest, Reals);

TYPED_TEST(ScoresTest, VastScoresDoNotOverflow) {
  using Real = TypeParam;
  const SoftmaxCrossEntropy<Real> loss(3);
  const Real most = this->kMost / 2;
  test::ForEachInstructionSet([&] {
    JudgedCase<Real> right({most, -most, 0}, 0);
    EXPECT_EQ(right.Evaluate(loss), 0);
    EXPECT_EQ(right.d_outputs, (std::vector<Real>{0, 0, 0}));
    JudgedCase<Real> wrong({most, -most, 0}, 1);
    EXPECT_EQ(wrong.Evaluate(loss), 2 * static_cast<double>(most));
    EXPECT_EQ(wrong.d_outputs, (std::vector<Real>{1, -1, 0}));
    JudgedCase<Real> equal({most, most, most}, 2);
    EXPECT_NEAR(equal.Evaluate(loss), std::log(3.0), 1e-15);
    EXPECT_NEAR(equal.d_outputs[0], 1.0 / 3, 1e-7);
  });
}

TYPED_TEST(ScoresTest, WhatIsAllButCertainKeepsItsError) {
  using Real = TypeParam;
  const SoftmaxCrossEntropy<Real> loss(4);
  test::ForEachInstructionSet([&] {
    JudgedCase<Real> c({-40, 10, -41, -40}, 1);
    const double others = 2 * std::exp(-50.0) + std::exp(-51.0);
    EXPECT_NEAR(c.Evaluate(loss) / others, 1, 1e-14);
    EXPECT_NEAR(static_cast<double>(c.d_outputs[1]) / -others, 1, 3e-7);
    EXPECT_NEAR(static_cast<double>(c.d_outputs[0]) / std::exp(-50.0), 1, 3e-7);
  });
}

TYPED_TEST(ScoresTest, AClassCanBeImpossible) {
  using Real = TypeParam;
  constexpr Real kNever = -std::numeric_limits<Real>::infinity();
  const SoftmaxCrossEntropy<Real> loss(3);
  test::ForEachInstructionSet([&] {
    JudgedCase<Real> c({1, kNever, 1}, 0);
    EXPECT_NEAR(c.Evaluate(loss), std::log(2.0), 1e-15);
    EXPECT_EQ(c.d_outputs, (std::vector<Real>{Real(-0.5), 0, Real(0.5)}));
    c.target[0] = 1;
    EXPECT_EQ(c.Evaluate(loss), kInfinity);
    EXPECT_EQ(c.d_outputs, (std::vector<Real>{Real(0.5), -1, Real(0.5)}));
    for (const std::vector<Real>& scores :
         std::vector<std::vector<Real>>{{kNever, kNever, kNever}, {0, -kNever, 0}}) {
      JudgedCase<Real> none(scores, 1);
      EXPECT_TRUE(std::isnan(none.Evaluate(loss)));
      for (const Real slope : none.d_outputs) EXPECT_TRUE(std::isnan(slope));
    }
  });
}

TYPED_TEST(ScoresTest, BinaryScoresOfAnySizeHaveAnError) {
  using Real = TypeParam;
  const BinaryCrossEntropy<Real> loss;
  const Real most = this->kMost, infinite = std::numeric_limits<Real>::infinity();
  const auto expect = [&](Real score, Real target, double error, double slope) {
    JudgedCase<Real> c({score}, target);
    EXPECT_NEAR(c.Evaluate(loss) / error, 1, 1e-15) << score << " " << target;
    EXPECT_NEAR(static_cast<double>(c.d_outputs[0]) / slope, 1, 1e-7) << score << " " << target;
  };
  for (const Real sign : {Real(1), Real(-1)}) {
    const Real right = sign > 0 ? 1 : 0, wrong = 1 - right;
    expect(sign * most, wrong, static_cast<double>(most), sign);
    expect(sign * 40, right, std::exp(-40.0), -sign * std::exp(-40.0));
    expect(sign * 40, wrong, 40, sign);
    expect(0, right, std::log(2.0), -0.5 * sign);
    for (const Real vast : {most, infinite}) {
      JudgedCase<Real> certain({sign * vast}, right);
      EXPECT_EQ(certain.Evaluate(loss), 0);
      EXPECT_EQ(certain.d_outputs[0], 0);
    }
    JudgedCase<Real> impossible({sign * infinite}, wrong);
    EXPECT_EQ(impossible.Evaluate(loss), kInfinity);
    EXPECT_EQ(impossible.d_outputs[0], sign);
  }
}

TEST(SoftmaxCrossEntropyTest, TheLastClassOfAFloatIsStillTold) {
  constexpr std::size_t kMost = SoftmaxCrossEntropy<float>::kMostClasses;
  const SoftmaxCrossEntropy<float> loss(kMost);
  EXPECT_TRUE(loss.Takes(static_cast<float>(kMost - 1)));
  EXPECT_FALSE(loss.Takes(static_cast<float>(kMost)));
  for (const std::size_t classes : {std::size_t{0}, std::size_t{1}, kMost + 1}) {
    EXPECT_THROW(SoftmaxCrossEntropy<float>{classes}, std::logic_error) << classes;
  }
}

}  // namespace
}  // namespace unroll
