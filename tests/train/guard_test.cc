// Numbers that are none are left out, named, and at last end a training; they never reach a file.
#include "unroll/train/guard.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "tests/train/small_training.h"

namespace unroll {
namespace {

using test::Listener;
using test::SaveNothing;
using test::Sine;
using test::SmallTraining;

bool AllFinite(const std::vector<NamedTensor>& tensors) {
  for (const NamedTensor& tensor : tensors) {
    for (const double number : tensor.As<double>()) {
      if (!std::isfinite(number)) return false;
    }
  }
  return true;
}

TEST(GuardTest, APoisonedStretchIsLeftOutAndNamed) {
  Sine<double> sine;
  sine.poisoned = [](std::uint64_t index) { return index == 10; };
  SmallTraining<double> training(sine);
  Listener listener;
  bool finite = true;
  ASSERT_TRUE(training.trainer.Run(listener, 0, [&]() -> Result<void> {
    finite = finite && AllFinite(training.trainer.Extra()) &&
             AllFinite(training.network.Unpack(training.network.weights()));
    return {};
  }));
  EXPECT_TRUE(finite) << "what would have been saved";
  ASSERT_EQ(listener.skipped.size(), 1u);
  EXPECT_EQ(listener.skipped[0].step, 11u);
  EXPECT_EQ(listener.skipped[0].where, "the input");
  EXPECT_FALSE(listener.skipped[0].rolled_back);
  EXPECT_EQ(training.trainer.state().skipped_steps, 1u);
  EXPECT_EQ(training.trainer.state().updates, 29u);
  EXPECT_EQ(training.trainer.state().rate_factor, 1);
}

TEST(GuardTest, TheTargetAndTheOutputAreToldApart) {
  Sine<double> sine;
  sine.target[0] = std::numeric_limits<double>::infinity();
  SmallTraining<double> targets(sine, {1, 0.01, 1});
  Listener listener;
  ASSERT_TRUE(targets.trainer.Step(listener));
  EXPECT_EQ(listener.skipped.back().where, "the target");
  sine.mask[0] = 0;
  ASSERT_TRUE(SmallTraining<double>(sine, {1, 0.01, 1}).trainer.Step(listener));
  EXPECT_EQ(listener.skipped.size(), 1u) << "behind the mask it does not matter";

  SmallTraining<double> outputs(sine, {1, 0.01, 1});
  std::vector<NamedTensor> weights = outputs.network.Unpack(outputs.network.weights());
  std::get<std::vector<double>>(weights.back().values)[0] = 1e200;  // the square overflows
  outputs.network.Pack(weights, outputs.network.weights());
  ASSERT_TRUE(outputs.trainer.Step(listener));
  EXPECT_EQ(listener.skipped.back().where, "the output");
}

TEST(GuardTest, TheTensorIsNamedWhereTheLossIsFinite) {
  const Sine<float> sine;
  SmallTraining<float> training(sine, {1, 0.01, 1});
  std::vector<NamedTensor> weights = training.network.Unpack(training.network.weights());
  const auto set = [&](const std::string& name, float number) {
    for (NamedTensor& tensor : weights) {
      if (tensor.name != name) continue;
      auto& values = std::get<std::vector<float>>(tensor.values);
      std::fill(values.begin(), values.end(), number);
    }
  };
  // Small on the way forward; on the way back two large matrices meet.
  set("head.weight", 3e18f);
  set("rnn.weight_ih_l1", 3e18f);
  set("rnn.weight_hh_l1", 0);
  set("rnn.bias_ih_l1", 0);
  set("rnn.weight_ih_l0", 1e-19f);
  set("rnn.weight_hh_l0", 0);
  set("rnn.bias_ih_l0", 0);
  training.network.Pack(weights, training.network.weights());
  Listener listener;
  const auto progress = training.trainer.Step(listener);
  ASSERT_TRUE(progress);
  ASSERT_EQ(listener.skipped.size(), 1u);
  EXPECT_TRUE(std::isfinite(progress->loss)) << progress->loss;
  EXPECT_EQ(listener.skipped[0].where.rfind("the gradient of rnn.", 0), 0u)
      << listener.skipped[0].where;
}

TEST(GuardTest, SeveralInARowGoBackToTheBestWithHalfTheRate) {
  Sine<double> sine;
  sine.poisoned = [](std::uint64_t index) { return index >= 13 && index < 16; };
  SmallTraining<double> training(sine, {16, 0.01, 1, /*validate_every=*/4});
  Listener listener;
  ASSERT_TRUE(training.trainer.Run(listener, 1e9, SaveNothing));
  ASSERT_EQ(listener.skipped.size(), 3u);
  EXPECT_FALSE(listener.skipped[1].rolled_back);
  EXPECT_TRUE(listener.skipped[2].rolled_back);
  EXPECT_EQ(training.trainer.state().rate_factor, 0.5);
  EXPECT_EQ(training.trainer.state().updates, 0u) << "its moments begin anew";
  EXPECT_EQ(training.trainer.state().best_step, 12u);
  EXPECT_EQ(training.Weights(), training.Best());
}

TEST(GuardTest, StepsInBetweenThatCountMakeItPatientAgain) {
  Sine<double> sine;
  sine.poisoned = [](std::uint64_t index) { return index % 3 != 0; };
  SmallTraining<double> training(sine);
  Listener listener;
  ASSERT_TRUE(training.trainer.Run(listener, 1e9, SaveNothing));
  EXPECT_EQ(training.trainer.state().skipped_steps, 20u);
  EXPECT_EQ(training.trainer.state().rate_factor, 1);
}

TEST(GuardTest, ItEndsWhereNothingHelps) {
  Sine<double> sine;
  sine.poisoned = [](std::uint64_t index) { return index >= 5; };
  SmallTraining<double> training(sine, {1000, 0.01, 1});
  Listener listener;
  const auto ending = training.trainer.Run(listener, 1e9, SaveNothing);
  ASSERT_FALSE(ending);
  EXPECT_EQ(ending.error().kind, Failure::kDiverged);
  EXPECT_EQ(ending.error().Message(),
            "training, step 23: expected finite numbers, found the input not finite, after going "
            "back to good weights 5 times, each with half the rate; lower the learning rate, or "
            "look for extreme values in the data");
  EXPECT_EQ(training.Weights(), training.Best());
}

TEST(GuardTest, WeightsThatAreLostGoBackAtOnce) {
  const Sine<double> sine;
  SmallTraining<double> training(sine, {2, 1e308, 1});  // the first update moves by 10 rates
  const std::vector<double> before = training.Weights();
  Listener listener;
  ASSERT_TRUE(training.trainer.Step(listener));
  ASSERT_EQ(listener.skipped.size(), 1u);
  EXPECT_EQ(listener.skipped[0].where, "the updated weights");
  EXPECT_TRUE(listener.skipped[0].rolled_back);
  EXPECT_EQ(training.Weights(), before);
}

TEST(GuardTest, WhatItDecidesSurvivesAStop) {
  Sine<double> sine;
  sine.poisoned = [](std::uint64_t index) { return index >= 9 && index < 13; };
  const TrainerOptions options{30, 0.01, 1};
  SmallTraining<double> whole(sine, options);
  Listener listener;
  ASSERT_TRUE(whole.trainer.Run(listener, 1e9, SaveNothing));
  EXPECT_EQ(whole.trainer.state().rate_factor, 0.5);
  for (std::uint64_t k = 8; k < 15; ++k) {
    SmallTraining<double> before(sine, options), after(sine, options);
    Listener stopping;
    stopping.stop_after = k;
    ASSERT_TRUE(before.trainer.Run(stopping, 1e9, SaveNothing));
    after.network.Pack(before.network.Unpack(before.network.weights()), after.network.weights());
    ASSERT_TRUE(after.trainer.Restore(before.trainer.state(), before.trainer.Extra(), "m.ckpt"));
    ASSERT_TRUE(after.trainer.Run(listener, 1e9, SaveNothing));
    EXPECT_EQ(after.trainer.state(), whole.trainer.state()) << k;
    EXPECT_EQ(after.Weights(), whole.Weights()) << k;
  }
}

}  // namespace
}  // namespace unroll
