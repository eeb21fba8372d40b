// Training with losses whose targets are fewer than the outputs.
#include "unroll/losses/losses.h"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/train/small_training.h"
#include "unroll/train/trainer.h"

namespace unroll {
namespace {

/// Two rows of random bits; what is asked is the bit of the step before.
class Bits : public StretchSource<double> {
 public:
  Bits() {
    Random random(1, Purpose::kTest);
    for (std::size_t i = 0; i < kSteps * kRows; ++i) {
      x.push_back(random.Uniform(0, 1) < 0.5 ? 0 : 1);
      target.push_back(i < kRows ? 0 : x[i - kRows]);
    }
  }
  Stretch<double> At(std::uint64_t /*index*/) const override {
    const auto view = [](const std::vector<double>& all, char letter) {
      return Tensor<const double>{all.data(), {{'T', kSteps}, {'B', kRows}, {letter, 1}}};
    };
    return {view(x, 'I'), view(target, 'O'), view(mask, 'O'), true};
  }
  std::uint64_t per_pass() const override { return 1; }
  std::size_t T() const override { return kSteps; }
  std::size_t B() const override { return kRows; }

  static constexpr std::size_t kSteps = 40, kRows = 2;
  std::vector<double> x, target, mask = std::vector<double>(kSteps * kRows, 1);
};

class LossesInTrainingTest : public testing::TestWithParam<std::string> {
 protected:
  LossesInTrainingTest() {
    LossOptions options;
    options.name = GetParam();
    loss = std::move(*MakeLoss<double>(options));
    Specification sizes;
    sizes.hidden = 8, sizes.outputs = loss->outputs_per_target();
    sizes.precision = Precision::kFp64;
    network = std::make_unique<Network<double>>(sizes);
    network->Initialise(1);
  }
  double Train(const Bits& bits, std::uint64_t steps) {
    Trainer<double> trainer(
        *network, bits, *loss, [](const Network<double>&) { return 0.0; }, {steps, 0.03, 1}, pool);
    double last = 0;
    while (!trainer.done()) last = trainer.Step(listener)->loss;
    return last;
  }

  ThreadPool pool{1};
  std::unique_ptr<Loss<double>> loss;
  std::unique_ptr<Network<double>> network;
  test::Listener listener;
};

TEST_P(LossesInTrainingTest, ABitIsRememberedForAStep) {
  const Bits bits;
  const double first = Train(bits, 1);
  // A density has no least error but what the floor of sigma allows.
  EXPECT_LT(Train(bits, 150), GetParam() == "gaussian" ? -0.5 : 0.1 * first);
  EXPECT_TRUE(listener.skipped.empty());
}

TEST_P(LossesInTrainingTest, ATargetThatTheLossDoesNotTakeIsNamed) {
  Bits bits;
  bits.target[5] = GetParam() == "softmax" || GetParam() == "binary" ? 2 : std::nan("");
  Train(bits, 1);
  ASSERT_EQ(listener.skipped.size(), 1u);
  EXPECT_EQ(listener.skipped[0].where.what, "target");
}

INSTANTIATE_TEST_SUITE_P(Losses, LossesInTrainingTest,
                         testing::Values("squared", "absolute", "huber", "quantile", "gaussian",
                                         "softmax", "binary"),
                         [](const auto& loss) { return loss.param; });

}  // namespace
}  // namespace unroll
