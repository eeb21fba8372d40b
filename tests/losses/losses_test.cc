// What every loss promises, one after the other from the list: its plain formula, PyTorch's values,
// its gradient by differences, masks, reductions, and what it says of numbers that are none.
#include "unroll/losses/losses.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>

#include "tests/losses/judged_case.h"
#include "tests/support/golden.h"
#include "tests/support/instruction_sets.h"

namespace unroll {
namespace {

using test::JudgedCase;
using test::kInfinity;
using test::kNan;
using test::OptionsOf;
using test::RandomCase;

template <class Real>
std::unique_ptr<Loss<Real>> Made(const LossOptions& options) {
  auto loss = MakeLoss<Real>(options);
  if (!loss) throw std::logic_error(loss.error().Message());
  return std::move(*loss);
}

/// e of one target as its formula stands in a book.
long double PlainError(const LossOptions& options, const double* o, double y) {
  const long double off = static_cast<long double>(o[0]) - y;
  if (options.name == "squared") return off * off;
  if (options.name == "absolute") return std::abs(off);
  if (options.name == "huber") {
    const long double size = std::abs(off), delta = options.delta;
    return size <= delta ? off * off / 2 : delta * (size - delta / 2);
  }
  if (options.name == "quantile") {
    long double sum = 0;
    for (std::size_t k = 0; k < options.quantiles.size(); ++k) {
      const long double q = options.quantiles[k], above = static_cast<long double>(y) - o[k];
      sum += std::max(q * above, (q - 1) * above);
    }
    return sum;
  }
  if (options.name == "gaussian") {
    const long double sigma =
        options.floor + std::log(1 + std::exp(static_cast<long double>(o[1])));
    const long double z = off / sigma, pi = std::numbers::pi_v<long double>;
    return -std::log(std::exp(-z * z / 2) / (sigma * std::sqrt(2 * pi)));
  }
  if (options.name == "softmax") {
    long double sum = 0;
    for (std::size_t k = 0; k < options.classes; ++k) {
      sum += std::exp(static_cast<long double>(o[k]));
    }
    return -std::log(std::exp(static_cast<long double>(o[static_cast<std::size_t>(y)])) / sum);
  }
  const long double p = 1 / (1 + std::exp(-static_cast<long double>(o[0])));  // binary
  return -y * std::log(p) - (1 - y) * std::log(1 - p);
}

class EveryLossTest : public testing::TestWithParam<std::string> {
 protected:
  const LossOptions options = OptionsOf(GetParam());
  const std::unique_ptr<Loss<double>> loss = Made<double>(options);
  const std::size_t K = loss->outputs_per_target();
};

TEST_P(EveryLossTest, IsItsPlainFormulaOverWhatCounts) {
  const JudgedCase<double> c = RandomCase<double>(GetParam(), K, 1);
  long double sum = 0;
  std::size_t count = 0;
  for (std::size_t i = 0; i < c.target.size(); ++i) {
    if (c.mask[i] == 0) continue;
    sum += PlainError(options, &c.outputs[i * K], c.target[i]);
    ++count;
  }
  ASSERT_EQ(count, 21u);
  test::ForEachInstructionSet([&] {
    const double found = c.WithoutGradient(*loss), expected = static_cast<double>(sum);
    EXPECT_NEAR(found, expected, 1e-13 * expected);
    EXPECT_EQ(c.WithoutGradient(*loss, Reduction::kMean), found / 21);
  });
}

TEST_P(EveryLossTest, AgreesWithPyTorch) {
  const test::Golden golden = test::ReadGolden("losses.txt");
  const auto at = [&](const std::string& what) -> const std::vector<double>& {
    return golden.at(GetParam() + "." + what).numbers;
  };
  LossOptions theirs;
  theirs.name = GetParam();
  if (GetParam() == "huber") theirs.delta = at("delta")[0];
  if (GetParam() == "gaussian") theirs.floor = at("floor")[0];
  if (GetParam() == "softmax") theirs.classes = static_cast<std::uint64_t>(at("classes")[0]);
  if (GetParam() == "quantile") theirs.quantiles = at("quantiles");
  const std::unique_ptr<Loss<double>> same = Made<double>(theirs);
  JudgedCase<double> c(4, 3, 2, same->outputs_per_target());
  ASSERT_EQ(c.outputs.size(), at("outputs").size());
  c.outputs = at("outputs"), c.target = at("target"), c.mask = at("mask");
  for (const auto& [reduction, name] :
       {std::pair(Reduction::kSum, "sum"), std::pair(Reduction::kMean, "mean")}) {
    const double expected = at(name)[0];
    EXPECT_NEAR(c.Evaluate(*same, reduction), expected, 1e-13 * std::abs(expected)) << name;
    const std::vector<double>& gradient = at(std::string("d_") + name);
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      EXPECT_NEAR(c.d_outputs[i], gradient[i], 1e-13) << name << " " << i;
    }
  }
}

TEST_P(EveryLossTest, ItsGradientIsThatOfDifferences) {
  for (const Reduction reduction : {Reduction::kSum, Reduction::kMean}) {
    JudgedCase<double> c = RandomCase<double>(GetParam(), K, 2);
    const double error = c.Evaluate(*loss, reduction);
    EXPECT_EQ(c.WithoutGradient(*loss, reduction), error);
    const auto largest = std::max_element(c.d_outputs.begin(), c.d_outputs.end());
    ASSERT_GT(*largest, 0);
    for (std::size_t i = 0; i < c.outputs.size(); ++i) {
      const double kept = c.outputs[i], step = 1e-5;
      c.outputs[i] = kept + step;
      const double above = c.WithoutGradient(*loss, reduction);
      c.outputs[i] = kept - step;
      const double below = c.WithoutGradient(*loss, reduction);
      c.outputs[i] = kept;
      EXPECT_NEAR(c.d_outputs[i], (above - below) / (2 * step), 1e-7 * *largest) << i;
    }
  }
}

TEST_P(EveryLossTest, IsTheSameInFloat) {
  const std::unique_ptr<Loss<float>> single = Made<float>(options);
  JudgedCase<float> in_float = RandomCase<float>(GetParam(), K, 3);
  JudgedCase<double> in_double(in_float.T, in_float.B, in_float.N, K);
  const auto copy = [](const std::vector<float>& from, std::vector<double>& to) {
    to.assign(from.begin(), from.end());
  };
  copy(in_float.outputs, in_double.outputs), copy(in_float.target, in_double.target);
  copy(in_float.mask, in_double.mask);
  test::ForEachInstructionSet([&] {
    const double expected = in_double.Evaluate(*loss, Reduction::kMean);
    EXPECT_NEAR(in_float.Evaluate(*single, Reduction::kMean), expected, 1e-13 * expected);
    for (std::size_t i = 0; i < in_float.outputs.size(); ++i) {
      const double slope = in_double.d_outputs[i];
      EXPECT_NEAR(in_float.d_outputs[i], slope, 2e-7 * std::abs(slope)) << i;
    }
  });
}

TEST_P(EveryLossTest, WhatStandsBehindTheMaskNeverMatters) {
  JudgedCase<double> clean = RandomCase<double>(GetParam(), K, 4);
  const double error = clean.Evaluate(*loss, Reduction::kMean);
  for (const double garbage : {kNan, kInfinity, -kInfinity, 1e308, -1.5}) {
    JudgedCase<double> c = RandomCase<double>(GetParam(), K, 4);
    for (std::size_t i = 0; i < c.target.size(); ++i) {
      if (c.mask[i] != 0) continue;
      c.target[i] = garbage;
      std::fill_n(c.outputs.begin() + static_cast<std::ptrdiff_t>(i * K), K, garbage);
    }
    EXPECT_EQ(c.Evaluate(*loss, Reduction::kMean), error);
    EXPECT_EQ(c.d_outputs, clean.d_outputs);
  }
}

TEST_P(EveryLossTest, WhereNothingCountsThereIsNoError) {
  JudgedCase<double> c = RandomCase<double>(GetParam(), K, 5);
  std::fill(c.mask.begin(), c.mask.end(), 0);
  c.target[0] = kNan;
  for (const Reduction reduction : {Reduction::kSum, Reduction::kMean}) {
    std::fill(c.d_outputs.begin(), c.d_outputs.end(), kNan);
    EXPECT_EQ(c.Evaluate(*loss, reduction), 0);
    EXPECT_EQ(c.d_outputs, std::vector<double>(c.outputs.size(), 0.0));
  }
}

TEST_P(EveryLossTest, ATargetThatItDoesNotTakeIsSeen) {
  std::vector<double> wrong{kNan, kInfinity, -kInfinity};
  if (GetParam() == "softmax") {
    wrong.insert(wrong.end(), {-1, 0.5, 1.0 + 1e-9, static_cast<double>(K), 1e30, -1e-300});
  }
  if (GetParam() == "binary") wrong.insert(wrong.end(), {-0.01, 1.01, -1e-300, 255});
  for (const double target : wrong) {
    EXPECT_FALSE(loss->Takes(target)) << target;
    JudgedCase<double> c = RandomCase<double>(GetParam(), K, 6);
    c.Evaluate(*loss);
    const std::vector<double> good = c.d_outputs;
    ASSERT_NE(c.mask[3], 0);
    c.target[3] = target;
    EXPECT_TRUE(std::isnan(c.Evaluate(*loss))) << target;
    EXPECT_TRUE(std::isnan(c.WithoutGradient(*loss))) << target;
    for (std::size_t i = 0; i < c.outputs.size(); ++i) {
      if (i / K == 3) {
        EXPECT_TRUE(std::isnan(c.d_outputs[i])) << target;
      } else {
        EXPECT_EQ(c.d_outputs[i], good[i]) << target;
      }
    }
  }
  for (const double target : {0.0, -0.0, 1.0}) EXPECT_TRUE(loss->Takes(target)) << target;
}

TEST_P(EveryLossTest, AnOutputThatIsNoNumberIsSeen) {
  for (std::size_t k = 0; k < K; ++k) {
    JudgedCase<double> c = RandomCase<double>(GetParam(), K, 7);
    c.outputs[3 * K + k] = kNan;
    EXPECT_TRUE(std::isnan(c.Evaluate(*loss))) << k;
    EXPECT_TRUE(std::isnan(c.d_outputs[3 * K + k])) << k;
    EXPECT_TRUE(std::isnan(c.WithoutGradient(*loss))) << k;
    EXPECT_FALSE(std::isnan(c.d_outputs[5 * K])) << "another target";
  }
}

TEST_P(EveryLossTest, OtherShapesAreRefused) {
  const JudgedCase<double> c = RandomCase<double>(GetParam(), K, 8);
  const Judged<double> right = c.View();
  const Shape other{{'T', 1}, {'B', c.T * c.B}, {'O', c.N * K}};
  const auto evaluate = [&](const Judged<double>& judged, const Shape& d_outputs) {
    return loss->Evaluate(judged, Reduction::kSum, {nullptr, d_outputs});
  };
  EXPECT_NO_THROW(evaluate(right, right.outputs.shape));
  EXPECT_THROW(evaluate(right, other), std::logic_error);
  Judged<double> wrong = right;
  wrong.target.shape = other;
  EXPECT_THROW(evaluate(wrong, right.outputs.shape), std::logic_error);
  wrong = right, wrong.mask.shape = other;
  EXPECT_THROW(evaluate(wrong, right.outputs.shape), std::logic_error);
  wrong = right, wrong.outputs.shape = {{'T', c.T}, {'O', c.N * K}};
  EXPECT_THROW(evaluate(wrong, wrong.outputs.shape), std::logic_error);
  if (K == 1) return;
  wrong = right, wrong.outputs.shape = {{'T', c.T}, {'B', c.B}, {'O', c.N * K - 1}};
  EXPECT_THROW(evaluate(wrong, wrong.outputs.shape), std::logic_error);
}

std::vector<std::string> Names() {
  std::vector<std::string> names;
  for (const LossFacts& loss : Losses()) names.emplace_back(loss.name);
  return names;
}
INSTANTIATE_TEST_SUITE_P(Losses, EveryLossTest, testing::ValuesIn(Names()),
                         [](const auto& loss) { return loss.param; });

TEST(LossOptionsTest, EachHasItsOwnNumberOfOutputs) {
  for (const auto& [name, K] : std::vector<std::pair<std::string, std::size_t>>{{"squared", 1},
                                                                                {"absolute", 1},
                                                                                {"huber", 1},
                                                                                {"quantile", 4},
                                                                                {"gaussian", 2},
                                                                                {"softmax", 19},
                                                                                {"binary", 1}}) {
    EXPECT_EQ(Made<float>(OptionsOf(name))->outputs_per_target(), K) << name;
  }
  EXPECT_EQ(LossNames(), "squared, absolute, huber, quantile, gaussian, softmax, binary");
}

std::string MessageFor(const LossOptions& options) {
  const auto loss = MakeLoss<double>(options);
  return loss ? "" : loss.error().Message();
}

TEST(LossOptionsTest, AnUnknownNameIsRefusedWithTheKnownOnes) {
  LossOptions options;
  options.name = "hinge\n";
  EXPECT_EQ(MessageFor(options),
            "loss: expected one of squared, absolute, huber, quantile, gaussian, softmax, binary, "
            "found \"hinge\\x0A\"");
  EXPECT_EQ(CheckLossOptions(options).error().kind, Failure::kUsage);
}

TEST(LossOptionsTest, AnOptionThatTheLossDoesNotReadIsRefused) {
  LossOptions options = OptionsOf("huber");
  EXPECT_EQ(MessageFor(options), "");
  options.name = "squared";
  EXPECT_EQ(
      MessageFor(options),
      "loss.delta: expected it to be left alone, found 0.6; the loss squared does not read it");
  for (const LossFacts& its : Losses()) {
    for (const LossFacts& other : Losses()) {
      options = OptionsOf(std::string(its.name));
      options.name = other.name;
      const bool fits = its.option.empty() || its.name == other.name;
      EXPECT_EQ(MessageFor(options).empty(), fits) << other.name << ", options of " << its.name;
    }
  }
}

TEST(LossOptionsTest, AValueOutOfItsRangeIsRefused) {
  for (const double size : {0.0, -1.0, kNan, kInfinity}) {
    for (const std::string name : {"huber", "gaussian"}) {
      LossOptions options = OptionsOf(name);
      (name == "huber" ? options.delta : options.floor) = size;
      const std::string message = MessageFor(options);
      EXPECT_EQ(
          message.rfind(name == "huber" ? "loss.delta: expected a finite number above 0, found "
                                        : "loss.floor: expected a finite number above 0, found ",
                        0),
          0u)
          << message;
    }
  }
  for (const std::vector<double>& quantiles : std::vector<std::vector<double>>{
           {}, {0}, {1}, {0.5, 0.5}, {0.9, 0.1}, {kNan}, {0.1, kNan}, {0.5, 1.5}}) {
    LossOptions options = OptionsOf("quantile");
    options.quantiles = quantiles;
    EXPECT_NE(MessageFor(options).find("each above the one before"), std::string::npos);
  }
  for (const std::uint64_t classes : {0u, 1u, (1u << 24) + 1}) {
    LossOptions options = OptionsOf("softmax");
    options.classes = classes;
    EXPECT_EQ(MessageFor(options), "loss.classes: expected a number from 2 to 16777216, found " +
                                       std::to_string(classes));
  }
}

}  // namespace
}  // namespace unroll
