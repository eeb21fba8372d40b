// Every rule is PyTorch's, on every instruction set, and says where it ends in numbers that are
// none.
#include "unroll/train/optimizer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "tests/support/golden.h"
#include "tests/support/instruction_sets.h"
#include "tests/support/random_numbers.h"
#include "unroll/kernels/update.h"
#include "unroll/kernels/vector.h"
#include "unroll/train/threshold.h"

namespace unroll {
namespace {

using test::ForEachInstructionSet;
using test::Golden;

/// A golden's rows `row` of `a` and of `b`, end to end.
std::vector<double> Row(const Golden& golden, const std::string& a, const std::string& b,
                        std::size_t row) {
  std::vector<double> joined;
  for (const std::string& name : {a, b}) {
    const test::GoldenTensor& tensor = golden.at(name);
    const std::size_t width = tensor.extents.back();
    for (std::size_t i = 0; i < width; ++i) joined.push_back(tensor.numbers[row * width + i]);
  }
  return joined;
}

void ExpectNear(std::span<const double> found, const std::vector<double>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_NEAR(found[i], expected[i], 1e-12 * std::max(1.0, std::abs(expected[i]))) << i;
  }
}

OptimizerOptions OptionsOf(const Golden& golden, const std::string& name) {
  OptimizerOptions options;
  options.rule = *FindRule(name.substr(0, name.find('_')));
  const auto set = [&](const char* setting, auto& to) {
    const auto found = golden.find(name + "." + setting);
    if (found != golden.end()) to = found->second.numbers.at(0) != 0 ? found->second.numbers[0] : 0;
  };
  set("momentum", options.momentum);
  set("nesterov", options.nesterov);
  set("weight_decay", options.weight_decay);
  set("alpha", options.alpha);
  set("beta_1", options.beta_1);
  set("beta_2", options.beta_2);
  set("eps", options.epsilon);
  return options;
}

const char* const kCases[] = {"sgd",     "sgd_decay",        "sgd_momentum", "sgd_nesterov",
                              "rmsprop", "rmsprop_momentum", "adam",         "adam_decay",
                              "adamw",   "adamw_decay"};

TEST(OptimizerTest, AgreesWithPyTorch) {
  const Golden golden = test::ReadGolden("optimizers.txt");
  ForEachInstructionSet([&] {
    ThreadPool pool(1);
    for (const std::string name : kCases) {
      SCOPED_TRACE(name);
      const OptimizerOptions options = OptionsOf(golden, name);
      std::vector<double> w = Row(golden, "a_0", "b_0", 0);
      Optimizer<double> optimizer(w.size(), options);
      for (std::size_t t = 0; t < 10; ++t) {
        const std::vector<double> g = Row(golden, "gradient_a", "gradient_b", t);
        const double norm = EuclideanNorm<double>(g, pool);
        EXPECT_NEAR(norm, golden.at("norm").numbers[t], 1e-12 * norm);
        ASSERT_TRUE(optimizer.Update(w, g, golden.at(name + ".lr").numbers[0],
                                     ThresholdFactor(norm, golden.at("clip").numbers[0]), pool));
        ExpectNear(w, Row(golden, name + ".a", name + ".b", t));
      }
      const std::vector<std::string> moments = MomentNames(options);
      for (std::size_t k = 0; k < moments.size(); ++k) {
        const std::string moment = name + "." + moments[k].back() + "_";
        ExpectNear(optimizer.moment(k), Row(golden, moment + "a", moment + "b", 0));
      }
      EXPECT_EQ(golden.count(name + ".m_a") + golden.count(name + ".v_a"), moments.size());
    }
  });
}

TEST(OptimizerTest, HasPyTorchsDefaults) {
  const Golden golden = test::ReadGolden("optimizers.txt");
  for (const std::string name : {"sgd", "rmsprop", "adam", "adamw"}) {
    const OptimizerOptions theirs = OptionsOf(golden, name), ours = DefaultsOf(theirs.rule);
    EXPECT_EQ(NameOf(ours.rule), name);
    EXPECT_EQ(ours.momentum, theirs.momentum) << name;
    EXPECT_EQ(ours.nesterov, theirs.nesterov) << name;
    EXPECT_EQ(ours.weight_decay, theirs.weight_decay) << name;
    EXPECT_EQ(ours.alpha, theirs.alpha) << name;
    EXPECT_EQ(ours.beta_1, theirs.beta_1) << name;
    EXPECT_EQ(ours.beta_2, theirs.beta_2) << name;
    EXPECT_EQ(ours.epsilon, theirs.epsilon) << name;
  }
}

/// One weight's update in plain arithmetic.
struct PlainWeight {
  double w, m = 0, v = 0;

  void Update(const OptimizerOptions& o, double rate, double g, int t) {
    if (o.rule == Rule::kAdamW) {
      w -= rate * o.weight_decay * w;
    } else {
      g += o.weight_decay * w;
    }
    if (o.rule == Rule::kSgd) {
      m = o.momentum * m + g;
      w -= rate * (o.nesterov ? g + o.momentum * m : m);
    } else if (o.rule == Rule::kRmsprop) {
      v = o.alpha * v + (1 - o.alpha) * g * g;
      m = o.momentum * m + g / (std::sqrt(v) + o.epsilon);
      w -= rate * m;
    } else {
      m = o.beta_1 * m + (1 - o.beta_1) * g;
      v = o.beta_2 * v + (1 - o.beta_2) * g * g;
      const double mean = m / (1 - std::pow(o.beta_1, t));
      w -= rate * mean / (std::sqrt(v / (1 - std::pow(o.beta_2, t))) + o.epsilon);
    }
  }
};

TEST(OptimizerTest, IsThePlainFormulaForEverySize) {
  const Golden golden = test::ReadGolden("optimizers.txt");
  ForEachInstructionSet([&] {
    ThreadPool pool(1);
    for (const std::string name : kCases) {
      const OptimizerOptions options = OptionsOf(golden, name);
      for (const std::size_t n : {1, 3, 16, 41, 4100}) {
        Buffer<double> w = test::RandomNumbers<double>(n, 1);
        Optimizer<double> optimizer(n, options);
        std::vector<PlainWeight> plain;
        for (const double weight : w.span()) plain.push_back({weight});
        for (int t = 1; t <= 3; ++t) {
          const Buffer<double> g =
              test::RandomNumbers<double>(n, static_cast<std::uint64_t>(t) + 1);
          ASSERT_TRUE(optimizer.Update(w.span(), g.span(), 0.02, 0.5, pool));
          for (std::size_t i = 0; i < n; ++i) plain[i].Update(options, 0.02, 0.5 * g[i], t);
        }
        for (std::size_t i = 0; i < n; ++i) EXPECT_NEAR(w[i], plain[i].w, 1e-12) << name << i;
      }
    }
  });
}

TEST(OptimizerTest, PaddingStaysZero) {
  const Golden golden = test::ReadGolden("optimizers.txt");
  ThreadPool pool(1);
  for (const std::string name : kCases) {
    Optimizer<float> optimizer(50, OptionsOf(golden, name));
    std::vector<float> w(50), g(50);
    w[7] = 1, g[7] = 1;
    ASSERT_TRUE(optimizer.Update(w, g, 0.1, 1, pool));
    for (std::size_t i = 0; i < 50; ++i) EXPECT_EQ(w[i] == 0, i != 7) << name << i;
  }
}

TEST(OptimizerTest, SaysWhereItEndsInNumbersThatAreNone) {
  using Limits = std::numeric_limits<float>;
  const Golden golden = test::ReadGolden("optimizers.txt");
  ForEachInstructionSet([&] {
    ThreadPool pool(1);
    for (const std::string name : kCases) {
      for (const float bad : {Limits::quiet_NaN(), Limits::infinity()}) {
        for (const std::size_t at : {0, 48, 49}) {
          Optimizer<float> optimizer(50, OptionsOf(golden, name));
          std::vector<float> w(50), g(50);
          g[at] = bad;
          EXPECT_FALSE(optimizer.Update(w, g, 0.01, 1, pool)) << name << at;
        }
      }
      if (OptionsOf(golden, name).weight_decay >= 0.1) continue;  // whose square overflows
      // All finite, though the weights would overflow when added up.
      Optimizer<float> optimizer(50, OptionsOf(golden, name));
      std::vector<float> w(50, Limits::max() / 2), g(50);
      EXPECT_TRUE(optimizer.Update(w, g, 1e-30, 1, pool)) << name;
    }
  });
}

TEST(OptimizerTest, RemembersWhatAnotherDoes) {
  ThreadPool pool(1);
  std::vector<float> w(20, 1), g(20, 0.5f);
  Optimizer<float> one(20), other(20);
  ASSERT_TRUE(one.Update(w, g, 0.01, 1, pool));
  other.CopyFrom(one);
  EXPECT_EQ(other.updates(), 1u);
  std::vector<float> copy = w;
  ASSERT_TRUE(one.Update(w, g, 0.01, 1, pool));
  ASSERT_TRUE(other.Update(copy, g, 0.01, 1, pool));
  EXPECT_EQ(w, copy);
}

TEST(OptimizerTest, OptionsThatCannotBeAreRefusedByName) {
  const auto message = [](Rule rule, auto change) {
    OptimizerOptions options = DefaultsOf(rule);
    change(options);
    const Result<void> checked = CheckOptimizer(options);
    EXPECT_THROW(Optimizer<float>(1, options), std::logic_error);
    return checked ? "" : checked.error().Message();
  };
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(message(Rule::kSgd, [](auto& o) { o.momentum = 1; }),
            "momentum: expected a number from 0 on and below 1, found 1");
  EXPECT_EQ(message(Rule::kAdam, [](auto& o) { o.momentum = 0.9; }),
            "momentum: expected nothing, for adam has none, found 0.9; leave it out, or take "
            "another optimizer");
  const auto place = [&](Rule rule, auto change) {
    const std::string text = message(rule, change);
    return text.substr(0, text.find(':'));
  };
  EXPECT_EQ(place(Rule::kSgd, [](auto& o) { o.nesterov = true; }), "nesterov");
  EXPECT_EQ(place(Rule::kRmsprop, [](auto& o) { o.alpha = -0.1; }), "alpha");
  EXPECT_EQ(place(Rule::kAdam, [](auto& o) { o.beta_1 = 1; }), "beta_1");
  EXPECT_EQ(place(Rule::kAdamW, [&](auto& o) { o.beta_2 = nan; }), "beta_2");
  EXPECT_EQ(place(Rule::kAdamW, [](auto& o) { o.epsilon = 0; }), "epsilon");
  EXPECT_EQ(place(Rule::kSgd, [&](auto& o) { o.weight_decay = nan; }), "weight_decay");
  EXPECT_EQ(FindRule("adagrad"), std::nullopt);
}

TEST(OptimizerTest, AnUpdateWithOtherArraysIsRefused) {
  ThreadPool pool(1);
  std::vector<float> w(4), g(4), m(4), short_m(3);
  EXPECT_THROW(UpdateBySgd<float>({0.1, 1}, {}, {g, w, m, {}}, pool), std::logic_error);
  EXPECT_THROW(UpdateBySgd<float>({0.1, 1}, {0.9}, {g, w, short_m, {}}, pool), std::logic_error);
  EXPECT_THROW(UpdateByAdam<float>({0.1, 1}, {0}, {g, w, m, m}, pool), std::logic_error);
  EXPECT_THROW(UpdateByRmsprop<float>({0.1, 1}, {0, 0.9, 1e-60}, {g, w, {}, m}, pool),
               std::logic_error);
}

}  // namespace
}  // namespace unroll
