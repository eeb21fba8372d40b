// A training learns, keeps the best, can be stopped anywhere, and says how it goes.
#include "unroll/train/trainer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/train/small_training.h"
#include "unroll/train/threshold.h"

namespace unroll {
namespace {

using test::Listener;
using test::SaveNothing;
using test::Sine;
using test::SmallTraining;

template <class Real>
class TrainerTest : public testing::Test {};
using Reals = testing::Types<float, double>;
TYPED_TEST_SUITE(TrainerTest, Reals);

TYPED_TEST(TrainerTest, LearnsAndKeepsTheBest) {
  const Sine<TypeParam> sine;
  SmallTraining<TypeParam> training(sine, {300, 0.01, 1});
  Listener listener;
  ASSERT_EQ(training.trainer.Run(listener, 1e9, SaveNothing), Ending::kDone);
  const TrainingState& state = training.trainer.state();
  EXPECT_LT(state.best_validation, 0.05);
  ASSERT_EQ(listener.heard.size(), 300u);
  double best = TrainingState::kNone;
  std::uint64_t best_step = 0;
  for (const Progress& now : listener.heard) {
    EXPECT_EQ(now.validation.has_value(), now.step % 3 == 0) << "after every pass";
    if (now.validation && *now.validation < best) best = *now.validation, best_step = now.step;
  }
  EXPECT_EQ(state.best_validation, best);
  EXPECT_EQ(state.best_step, best_step);
  training.network.Pack(training.network.Unpack(training.trainer.best()),
                        training.network.weights());
  EXPECT_EQ(training.Validate(sine)(training.network), best) << "the weights of that step";
}

TYPED_TEST(TrainerTest, GoesOnAfterAnyStepAsIfItHadNeverStopped) {
  const Sine<TypeParam> sine;
  TrainerOptions options{30, 0.01, 1, /*validate_every=*/7};
  options.schedule = {ScheduleKind::kCosine, 0, 1, 0.1, 6};
  SmallTraining<TypeParam> whole(sine, options);
  Listener listener;
  ASSERT_EQ(whole.trainer.Run(listener, 1e9, SaveNothing), Ending::kDone);
  for (std::uint64_t k = 1; k < 30; ++k) {
    SmallTraining<TypeParam> before(sine, options), after(sine, options);
    Listener stopping;
    stopping.stop_after = k;
    ASSERT_EQ(before.trainer.Run(stopping, 1e9, SaveNothing), Ending::kStopped);
    EXPECT_EQ(before.trainer.state().step, k);
    after.network.Pack(before.network.Unpack(before.network.weights()), after.network.weights());
    ASSERT_TRUE(after.trainer.Restore(before.trainer.state(), before.trainer.Extra(), "m.ckpt"));
    ASSERT_EQ(after.trainer.Run(listener, 1e9, SaveNothing), Ending::kDone);
    EXPECT_EQ(after.trainer.state(), whole.trainer.state()) << k;
    EXPECT_EQ(after.Weights(), whole.Weights()) << k;
    EXPECT_EQ(after.Best(), whole.Best()) << k;
  }
}

TYPED_TEST(TrainerTest, GoesOnWithTheSameMasks) {
  const Sine<TypeParam> sine;
  Specification sizes = SmallTraining<TypeParam>::Sizes();
  sizes.dropout = 0.3, sizes.recurrent_dropout = 0.2;
  const auto weights_after = [&](std::uint64_t seed, std::uint64_t stop) {
    TrainerOptions options{10, 0.01, 1, 7};
    options.seed = seed;
    SmallTraining<TypeParam> before(sine, options, 1, sizes), after(sine, options, 1, sizes);
    Listener stopping;
    stopping.stop_after = stop;
    EXPECT_TRUE(before.trainer.Run(stopping, 1e9, SaveNothing));
    after.network.Pack(before.network.Unpack(before.network.weights()), after.network.weights());
    EXPECT_TRUE(after.trainer.Restore(before.trainer.state(), before.trainer.Extra(), "m.ckpt"));
    EXPECT_TRUE(after.trainer.Run(stopping, 1e9, SaveNothing));
    return after.Weights();
  };
  const std::vector<TypeParam> whole = weights_after(3, 10);
  for (const std::uint64_t k : {1, 5, 9}) EXPECT_EQ(weights_after(3, k), whole) << k;
  EXPECT_NE(weights_after(4, 10), whole) << "another seed drops other numbers";
}

TEST(TrainerTest, EveryStepDropsOtherNumbers) {
  const Sine<double> sine;
  for (const bool drops : {false, true}) {
    Specification sizes = SmallTraining<double>::Sizes();
    sizes.dropout = drops ? 0.3 : 0;
    // At no learning rate to speak of, the same stretch gives the same loss again.
    SmallTraining<double> training(sine, {4, 1e-300, 1}, 1, sizes);
    Listener listener;
    ASSERT_EQ(training.trainer.Run(listener, 1e9, SaveNothing), Ending::kDone);
    EXPECT_EQ(listener.heard[0].loss == listener.heard[3].loss, !drops);
  }
}

TEST(TrainerTest, AGradientBeyondTheThresholdIsBent) {
  EXPECT_EQ(ThresholdFactor(0.5, 1), 1);
  EXPECT_EQ(ThresholdFactor(0, 1), 1);
  EXPECT_DOUBLE_EQ(ThresholdFactor(4, 1), 1 / (4 + 1e-6));
  // Adam forgets the size of a gradient but for its epsilon: bent to nothing, it moves nothing.
  const Sine<double> sine;
  SmallTraining<double> training(sine, {1, 0.01, 1e-12});
  const std::vector<double> before = training.Weights();
  Listener listener;
  ASSERT_TRUE(training.trainer.Step(listener));
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_NEAR(training.Weights()[i], before[i], 1e-5);
  }
}

TEST(TrainerTest, TheStateIsCarriedFromStretchToStretchAndNotIntoANewPass) {
  const Sine<double> sine;
  // Without a rate the weights stay, and losses differ by the state alone.
  SmallTraining<double> training(sine, {6, 1e-300, 1});
  Listener listener;
  ASSERT_EQ(training.trainer.Run(listener, 1e9, SaveNothing), Ending::kDone);
  Pass<double> whole(training.network, 60, 2, PassKind::kInference, training.pool);
  const Tensor<const double> y = whole.Forward({sine.x.data(), {{'T', 60}, {'B', 2}, {'I', 1}}});
  for (std::size_t i = 0; i < 3; ++i) {
    double sum = 0;
    for (std::size_t j = i * 80; j < (i + 1) * 80; ++j) {
      sum += (y[j] - sine.target[j]) * (y[j] - sine.target[j]);
    }
    EXPECT_NEAR(listener.heard[i].loss, sum / 80, 1e-12);
    EXPECT_EQ(listener.heard[i + 3].loss, listener.heard[i].loss) << "the next pass";
  }
}

TEST(TrainerTest, TheRateFollowsTheSchedule) {
  const Sine<double> sine;
  TrainerOptions options{20, 0.01, 1};
  options.schedule = {ScheduleKind::kStep, 5, 0.5, 0, 4};
  SmallTraining<double> training(sine, options);
  Listener listener;
  ASSERT_TRUE(training.trainer.Run(listener, 1e9, SaveNothing));
  for (std::uint64_t step = 0; step < 20; ++step) {
    EXPECT_EQ(listener.heard[step].rate, 0.01 * RateFactor(options.schedule, step, 20)) << step;
  }
  EXPECT_EQ(listener.heard[0].rate, 0.01 / 4);
  options.schedule.warm_up = 20;
  EXPECT_THROW(SmallTraining<double>(sine, options), std::logic_error);
}

TEST(TrainerTest, PatienceEndsItWithTheBest) {
  const Sine<double> sine;
  SmallTraining<double> training(sine, {1000, 1e-300, 1, /*validate_every=*/5, /*patience=*/20});
  Listener listener;
  ASSERT_EQ(training.trainer.Run(listener, 1e9, SaveNothing), Ending::kDone);
  EXPECT_EQ(training.trainer.state().best_step, 5u);
  EXPECT_EQ(training.trainer.state().step, 25u);
}

TEST(TrainerTest, SavesNowAndThenAndWhenStoppedButNotAtTheEnd) {
  const Sine<double> sine;
  for (const auto& [every, stop_after, expected] :
       {std::tuple{0.0, 0, 9}, std::tuple{1e9, 0, 0}, std::tuple{1e9, 4, 1}}) {
    SmallTraining<double> training(sine, {10, 0.01, 1});
    Listener listener;
    listener.stop_after = static_cast<std::uint64_t>(stop_after);
    int saved = 0;
    ASSERT_TRUE(training.trainer.Run(listener, every, [&]() -> Result<void> {
      ++saved;
      return {};
    }));
    EXPECT_EQ(saved, expected);
  }
}

TEST(TrainerTest, WhatCannotBeSavedEndsIt) {
  const Sine<double> sine;
  SmallTraining<double> training(sine, {10, 0.01, 1});
  Listener listener;
  const auto ending = training.trainer.Run(
      listener, 0, [] { return Result<void>(Fail(Failure::kInputOutput, "m", "room", "none")); });
  ASSERT_FALSE(ending);
  EXPECT_EQ(ending.error().kind, Failure::kInputOutput);
  EXPECT_EQ(listener.heard.size(), 1u);
}

TEST(TrainerTest, ACheckpointThatLacksATensorIsRefused) {
  const Sine<double> sine;
  SmallTraining<double> training(sine);
  const std::vector<NamedTensor> extra = training.trainer.Extra();
  for (std::size_t i = 0; i < extra.size(); ++i) {
    std::vector<NamedTensor> without = extra;
    without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
    const auto restored = training.trainer.Restore({}, without, "m.ckpt");
    ASSERT_FALSE(restored) << extra[i].name;
    EXPECT_EQ(restored.error().kind, Failure::kBadData);
    EXPECT_EQ(restored.error().place, "m.ckpt: " + extra[i].name);
    std::vector<NamedTensor> other = extra;
    other[i].dims.push_back(1);
    EXPECT_FALSE(training.trainer.Restore({}, other, "m.ckpt")) << extra[i].name;
  }
}

TEST(TrainerTest, SaysWhatItWillAllocate) {
  Specification specification = SmallTraining<float>::Sizes();
  const std::uint64_t small = TrainerBytes(specification, {}, 20, 2, 1);
  specification.hidden = 1000;
  const std::uint64_t large = TrainerBytes(specification, {}, 20, 2, 1);
  const std::uint64_t weights = 4 * 1000 * (1 + 1000 + 1) + 4 * 1000 * (1000 + 1000 + 1);
  EXPECT_GT(large, 8 * weights * sizeof(float));
  EXPECT_LT(large, 11 * weights * sizeof(float)) << "eight arenas, and the transposes of a pass";
  OptimizerOptions plain;
  plain.rule = Rule::kSgd;  // without moments
  EXPECT_NEAR(static_cast<double>(large - TrainerBytes(specification, plain, 20, 2, 1)),
              4.0 * static_cast<double>(weights * sizeof(float)), 4e6)
      << "two moments, each twice; padding counts";
  EXPECT_LT(small, large / 100);
}

}  // namespace
}  // namespace unroll
