// The normal distribution where its scale is next to nothing, or vast.
#include "unroll/losses/likelihood.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <stdexcept>

#include "tests/losses/judged_case.h"

namespace unroll {
namespace {

using test::JudgedCase;
using test::kInfinity;
using test::kNan;

const double kConstant = std::log(2 * std::numbers::pi) / 2;

TEST(GaussianLikelihoodTest, TheScaleStaysAboveItsFloor) {
  const GaussianLikelihood<double> loss(0.5);
  for (const double r : {-1e3, -1e308, -kInfinity}) {
    JudgedCase<double> c({3, r}, 2);
    EXPECT_EQ(c.Evaluate(loss), std::log(0.5) + 2 + kConstant);
    EXPECT_EQ(c.d_outputs, (std::vector<double>{4, 0}));
  }
}

TEST(GaussianLikelihoodTest, TheScaleGrowsAsItsOutput) {
  const GaussianLikelihood<double> loss(1e-3);
  JudgedCase<double> c({3, 1e6}, 2);
  EXPECT_NEAR(c.Evaluate(loss), std::log(1e6) + kConstant, 1e-8);
  EXPECT_NEAR(c.d_outputs[1] * 1e6, 1, 1e-8) << "the slope of log(r)";
  c.outputs[1] = 1e308;
  EXPECT_TRUE(std::isfinite(c.Evaluate(loss)));
  c.outputs[1] = kInfinity;
  EXPECT_EQ(c.Evaluate(loss), kInfinity);
}

TEST(GaussianLikelihoodTest, GradientsAreBoundedByTheFloor) {
  const GaussianLikelihood<float> loss(1e-3);
  for (float r = -1000; r < 1000; r += 0.5F) {
    JudgedCase<float> c({1, r}, 0);
    EXPECT_TRUE(std::isfinite(c.Evaluate(loss))) << r;
    EXPECT_LE(std::abs(c.d_outputs[0]), 1.0001e6F) << r;
    EXPECT_LE(std::abs(c.d_outputs[1]), 1.0001e9F) << r;
  }
}

TEST(GaussianLikelihoodTest, AFloorThatIsNoneIsRefused) {
  for (const double floor : {0.0, -1.0, kNan, kInfinity}) {
    EXPECT_THROW(GaussianLikelihood<double>{floor}, std::logic_error) << floor;
  }
}

}  // namespace
}  // namespace unroll
