// Numbers that are none are left out, named, and at last end a training; they never reach a file.
#include "unroll/train/guard.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "tests/support/fake_files.h"
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
  EXPECT_EQ(InWords(listener.skipped[0].where), "input of row 0 at t 0");
  EXPECT_FALSE(listener.skipped[0].rolled_back);
  EXPECT_EQ(training.trainer.state().skipped_steps, 1u);
  EXPECT_EQ(training.trainer.state().updates, 29u);
  EXPECT_EQ(training.trainer.state().rate_factor, 1);
}

/// What the first step of a training on `sine` is skipped for; "" where it counts.
std::string FirstSkip(const Sine<double>& sine, const std::string& spoilt = "", double by = 0) {
  SmallTraining<double> training(sine, {1, 0.01, 1});
  std::vector<NamedTensor> weights = training.network.Unpack(training.network.weights());
  for (NamedTensor& tensor : weights) {
    if (tensor.name == spoilt) std::get<std::vector<double>>(tensor.values)[0] = by;
  }
  training.network.Pack(weights, training.network.weights());
  Listener listener;
  EXPECT_TRUE(training.trainer.Step(listener));
  return listener.skipped.empty() ? "" : InWords(listener.skipped[0].where);
}

TEST(GuardTest, TheFirstInTheOrderOfTheWalkIsNamedByRowAndStep) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  Sine<double> sine;
  sine.target[(3 * 2 + 1) * 2] = std::numeric_limits<double>::infinity();
  EXPECT_EQ(FirstSkip(sine), "target of row 1 at t 3");
  sine.x[5 * 2 + 1] = nan;
  EXPECT_EQ(FirstSkip(sine), "input of row 1 at t 5") << "it comes before the target";
  sine = {};
  sine.target[0] = nan, sine.mask[0] = 0;
  EXPECT_EQ(FirstSkip(sine), "") << "behind the mask it does not matter";
  EXPECT_EQ(FirstSkip({}, "head.bias", 1e200), "loss of row 0 at t 0") << "the square overflows";
  EXPECT_EQ(FirstSkip({}, "head.bias", nan), "output of row 0 at t 0");
  EXPECT_EQ(FirstSkip({}, "rnn.bias_ih_l1", nan), "state.h_l1 of row 0");
  EXPECT_EQ(FirstSkip({}, "rnn.weight_ih_l0", nan), "state.h_l0 of row 0");
}

/// Squared errors, but for what is put in at steps of the training.
class SpoilingLoss : public Loss<double> {
 public:
  double Evaluate(const Judged<double>& judged, Reduction reduction,
                  Tensor<double> d_outputs) const override {
    const double loss = SquaredError<double>().Evaluate(judged, reduction, d_outputs);
    if (d_outputs.data == nullptr) return loss;
    const std::uint64_t step = steps++;
    if (in_gradient(step)) d_outputs[(7 * 2 + 1) * 2] = bad;
    return in_loss(step) ? bad : loss;
  }

  mutable std::uint64_t steps = 0;
  double bad = std::numeric_limits<double>::quiet_NaN();
  std::function<bool(std::uint64_t)> in_gradient = [](std::uint64_t) { return false; };
  std::function<bool(std::uint64_t)> in_loss = [](std::uint64_t) { return false; };
};

/// A checkpoint of a training, written and read back: every number in it must be finite.
template <class Real>
void ExpectItsCheckpointIsFinite(SmallTraining<Real>& training, Trainer<Real>& trainer) {
  test::FakeFiles files;
  Checkpoint checkpoint;
  checkpoint.model = {
      SmallTraining<Real>::Sizes(), {}, {}, training.network.Unpack(training.network.weights())};
  checkpoint.extra = trainer.Extra();
  checkpoint.training = trainer.state();
  const auto written = WriteCheckpoint(files, "m", checkpoint);
  ASSERT_TRUE(written) << written.error().Message();
  const auto read = ReadCheckpoint(files, "m");
  ASSERT_TRUE(read) << read.error().Message();
  EXPECT_TRUE(AllFinite(read->model.weights));
  EXPECT_TRUE(AllFinite(read->extra));
}

TEST(GuardTest, NoNumberThatIsNoneReachesAFileWhereverItArises) {
  const double inf = std::numeric_limits<double>::infinity();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const Rule rule : kRules) {
    for (const double bad : {nan, inf, -inf}) {
      Sine<double> sine;
      sine.poisoned = [](std::uint64_t index) { return index == 4; };
      TrainerOptions options{60, 0.01, 1};
      options.optimizer = DefaultsOf(rule);
      if (rule == Rule::kSgd || rule == Rule::kRmsprop) options.optimizer.momentum = 0.9;
      SmallTraining<double> training(sine, options);
      SpoilingLoss loss;
      loss.bad = bad;
      loss.in_loss = [](std::uint64_t step) { return step == 9 || (step > 39 && step < 43); };
      loss.in_gradient = [](std::uint64_t step) { return step == 14; };
      Trainer<double> trainer(training.network, sine, loss, training.Validate(sine), options,
                              training.pool);
      Listener listener;
      ASSERT_TRUE(trainer.Run(listener, 0, [&]() -> Result<void> {
        ExpectItsCheckpointIsFinite(training, trainer);
        return {};
      }));
      ExpectItsCheckpointIsFinite(training, trainer);
      EXPECT_TRUE(AllFinite(training.network.Unpack(trainer.best())));
      ASSERT_EQ(listener.skipped.size(), 6u) << NameOf(rule);
      EXPECT_EQ(InWords(listener.skipped[0].where), "input of row 0 at t 0");
      EXPECT_EQ(InWords(listener.skipped[1].where), "loss");
      EXPECT_EQ(InWords(listener.skipped[2].where), "gradient of the output of row 1 at t 7");
      EXPECT_TRUE(listener.skipped[5].rolled_back);
    }
  }
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
  EXPECT_EQ(listener.skipped[0].where.what, "gradient of rnn.bias_ih_l0")
      << "of those that are not finite, what the walk back meets first";
  EXPECT_EQ(listener.skipped[0].where.row, 0u);
}

TEST(GuardTest, SeveralInARowGoBackToTheLastGoodStateWithHalfTheRate) {
  Sine<double> sine;
  const auto after = [&](std::uint64_t steps) {
    SmallTraining<double> training(sine, {steps, 0.01, 1});
    Listener listener;
    EXPECT_TRUE(training.trainer.Run(listener, 1e9, SaveNothing));
    return training.Weights();
  };
  const std::vector<double> first = after(0), good = after(32), later = after(45);
  sine.poisoned = [](std::uint64_t index) { return index >= 45 && index < 48; };
  SmallTraining<double> training(sine, {48, 0.01, 1});
  Listener listener;
  ASSERT_TRUE(training.trainer.Run(listener, 1e9, SaveNothing));
  ASSERT_EQ(listener.skipped.size(), 3u);
  EXPECT_FALSE(listener.skipped[1].rolled_back);
  EXPECT_TRUE(listener.skipped[2].rolled_back);
  EXPECT_EQ(training.trainer.state().rate_factor, 0.5);
  EXPECT_EQ(training.trainer.state().good_step, 32u);
  EXPECT_EQ(training.trainer.state().updates, 32u) << "its moments go back as well";
  EXPECT_EQ(training.Weights(), good);
  EXPECT_NE(training.Weights(), later);

  sine.poisoned = [](std::uint64_t index) { return index >= 5; };
  SmallTraining<double> early(sine, {8, 0.01, 1});
  ASSERT_TRUE(early.trainer.Run(listener, 1e9, SaveNothing));
  EXPECT_EQ(early.Weights(), first) << "before the first copy";
}

TEST(GuardTest, AStateIsGoodOnlyIfAStepFromItWas) {
  Sine<double> sine;
  // The copy would be due at step 32, which fails: the weights it began with are not kept.
  sine.poisoned = [](std::uint64_t index) { return index >= 32 && index < 35; };
  SmallTraining<double> training(sine, {35, 0.01, 1});
  Listener listener;
  ASSERT_TRUE(training.trainer.Run(listener, 1e9, SaveNothing));
  EXPECT_TRUE(listener.skipped.back().rolled_back);
  EXPECT_EQ(training.trainer.state().good_step, 0u);
  EXPECT_EQ(training.trainer.state().updates, 0u);
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
            "training, step 23: expected finite numbers, found the input of row 0 at t 0 not "
            "finite, after going back to the last good state 5 times, each with half the rate; "
            "lower the learning rate, or look for extreme values in the data");
  EXPECT_TRUE(AllFinite(training.network.Unpack(training.network.weights())));
}

TEST(GuardTest, WeightsThatAreLostGoBackAtOnce) {
  const Sine<double> sine;
  SmallTraining<double> training(sine, {2, 1e308, 1});  // the first update moves by 10 rates
  const std::vector<double> before = training.Weights();
  Listener listener;
  ASSERT_TRUE(training.trainer.Step(listener));
  ASSERT_EQ(listener.skipped.size(), 1u);
  EXPECT_EQ(InWords(listener.skipped[0].where), "updated rnn.weight_ih_l0");
  EXPECT_TRUE(listener.skipped[0].rolled_back);
  EXPECT_EQ(training.Weights(), before);
}

TEST(GuardTest, WhatItDecidesSurvivesAStop) {
  Sine<double> sine;
  sine.poisoned = [](std::uint64_t index) { return index >= 37 && index < 41; };
  const TrainerOptions options{45, 0.01, 1};
  SmallTraining<double> whole(sine, options);
  Listener listener;
  ASSERT_TRUE(whole.trainer.Run(listener, 1e9, SaveNothing));
  EXPECT_EQ(whole.trainer.state().rate_factor, 0.5);
  for (std::uint64_t k = 30; k < 43; ++k) {
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
