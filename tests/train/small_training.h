// A training that takes a moment: a sine of 60 steps, three stretches a pass, and ways to spoil it.
#pragma once

#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <vector>

#include "unroll/losses/regression.h"
#include "unroll/train/trainer.h"

namespace unroll::test {

/// Stretches of 20 steps of B rows, I 1, O 2: the next two values of a sine. `spoil` may change
/// any.
template <class Real>
class Sine : public StretchSource<Real> {
 public:
  static constexpr std::size_t kRows = 2, kSteps = 20, kPerPass = 3;

  Sine() {
    const std::size_t rows = kPerPass * kSteps * kRows;
    for (std::size_t i = 0; i < rows; ++i) {
      const std::size_t t = i / kRows, b = i % kRows;
      const auto at = [&](std::size_t later) {
        return static_cast<Real>(std::sin(0.4 * static_cast<double>(t + later + 7 * b)));
      };
      x.push_back(at(0));
      target.push_back(at(1)), target.push_back(at(2));
      mask.push_back(1), mask.push_back(1);
    }
  }

  Stretch<Real> At(std::uint64_t index) const override {
    const std::size_t i = index % kPerPass, row = i * kSteps * kRows;
    const auto view = [&](const std::vector<Real>& all, char letter, std::size_t width) {
      return Tensor<const Real>{all.data() + row * width,
                                {{'T', kSteps}, {'B', kRows}, {letter, width}}};
    };
    if (poisoned(index))
      return {
          {bad_.data(), view(x, 'I', 1).shape}, view(target, 'O', 2), view(mask, 'O', 2), i == 0};
    return {view(x, 'I', 1), view(target, 'O', 2), view(mask, 'O', 2), i == 0};
  }
  std::uint64_t per_pass() const override { return kPerPass; }
  std::size_t T() const override { return kSteps; }
  std::size_t B() const override { return kRows; }

  std::vector<Real> x, target, mask;
  /// Whether step `index` gets an input that is no number.
  std::function<bool(std::uint64_t index)> poisoned = [](std::uint64_t) { return false; };

 private:
  std::vector<Real> bad_ =
      std::vector<Real>(kSteps * kRows, std::numeric_limits<Real>::quiet_NaN());
};

/// Remembers what it hears; stops after `stop_after` steps.
class Listener : public Observer {
 public:
  void OnProgress(const Progress& now) override { heard.push_back(now); }
  void OnSkip(const SkippedStep& step) override { skipped.push_back(step); }
  bool ShouldStop() override { return heard.back().step == stop_after; }

  std::uint64_t stop_after = 0;
  std::vector<Progress> heard;
  std::vector<SkippedStep> skipped;
};

/// A network of two layers with its trainer.
template <class Real>
struct SmallTraining {
  explicit SmallTraining(const Sine<Real>& sine, TrainerOptions options = {30, 0.01, 1},
                         int threads = 1, const Specification& sizes = Sizes())
      : pool(threads),
        network(sizes),
        trainer(Initialised(network), sine, loss, Validate(sine), options, pool) {}

  static Specification Sizes() {
    Specification specification;
    specification.hidden = 6, specification.layers = 2, specification.outputs = 2;
    specification.precision = sizeof(Real) == 4 ? Precision::kFp32 : Precision::kFp64;
    return specification;
  }
  static Network<Real>& Initialised(Network<Real>& network) {
    network.Initialise(3);
    return network;
  }
  /// The error on the last stretch, from a state of zero.
  typename Trainer<Real>::Validate Validate(const Sine<Real>& sine) {
    return [this, &sine](const Network<Real>& now) {
      const Stretch<Real> last = sine.At(Sine<Real>::kPerPass - 1);
      Pass<Real> pass(now, sine.T(), sine.B(), PassKind::kInference, pool);
      const Tensor<const Real> outputs = pass.Forward(last.x);
      return loss.Evaluate({outputs, last.target, last.mask}, Reduction::kMean,
                           {nullptr, outputs.shape});
    };
  }
  std::vector<Real> Weights() const { return {network.weights().begin(), network.weights().end()}; }
  std::vector<Real> Best() const { return {trainer.best().begin(), trainer.best().end()}; }

  ThreadPool pool;
  Network<Real> network;
  SquaredError<Real> loss;
  Trainer<Real> trainer;
};

inline Result<void> SaveNothing() { return {}; }

}  // namespace unroll::test
