// Outputs beside targets and a mask, as a loss judges them.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "unroll/base/random.h"
#include "unroll/losses/losses.h"

namespace unroll::test {

inline constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
inline constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// T steps of B rows with `targets` targets each, every one judged by K outputs.
template <class Real>
struct JudgedCase {
  JudgedCase(std::size_t steps, std::size_t rows, std::size_t targets, std::size_t outputs_each)
      : T(steps),
        B(rows),
        N(targets),
        K(outputs_each),
        outputs(T * B * N * K),
        target(T * B * N),
        mask(T * B * N, 1),
        d_outputs(T * B * N * K, std::numeric_limits<Real>::quiet_NaN()) {}

  /// One target with these outputs.
  JudgedCase(std::vector<Real> of_one, Real its_target) : JudgedCase(1, 1, 1, of_one.size()) {
    outputs = std::move(of_one);
    target = {its_target};
  }

  Shape OfOutputs() const { return {{'T', T}, {'B', B}, {'O', N * K}}; }
  Shape OfTargets() const { return {{'T', T}, {'B', B}, {'O', N}}; }
  Judged<Real> View() const {
    return {
        {outputs.data(), OfOutputs()}, {target.data(), OfTargets()}, {mask.data(), OfTargets()}};
  }
  double Evaluate(const Loss<Real>& loss, Reduction reduction = Reduction::kSum) {
    return loss.Evaluate(View(), reduction, {d_outputs.data(), OfOutputs()});
  }
  double WithoutGradient(const Loss<Real>& loss, Reduction reduction = Reduction::kSum) const {
    return loss.Evaluate(View(), reduction, {nullptr, OfOutputs()});
  }

  std::size_t T, B, N, K;
  std::vector<Real> outputs, target, mask, d_outputs;
};

/// The loss `name`, with every option other than it is by itself.
inline LossOptions OptionsOf(const std::string& name) {
  LossOptions options;
  options.name = name;
  if (name == "huber") options.delta = 0.6;
  if (name == "quantile") options.quantiles = {0.05, 0.3, 0.7, 0.95};
  if (name == "gaussian") options.floor = 0.01;
  if (name == "softmax") options.classes = 19;
  return options;
}

/// Normal outputs and what the loss `name` takes as targets; of seven targets two do not count.
template <class Real>
JudgedCase<Real> RandomCase(const std::string& name, std::size_t K, std::uint64_t seed) {
  Random random(seed, Purpose::kTest);
  JudgedCase<Real> c(5, 3, 2, K);
  for (Real& output : c.outputs) output = static_cast<Real>(2 * random.Normal());
  for (Real& target : c.target) {
    const double uniform = random.Uniform(0, 1), normal = random.Normal();
    if (name == "softmax") {
      target = static_cast<Real>(std::floor(uniform * static_cast<double>(K)));
    } else {
      target = static_cast<Real>(name == "binary" ? uniform : normal);
    }
  }
  for (std::size_t i = 0; i < c.mask.size(); ++i) c.mask[i] = i % 7 == 1 || i % 7 == 4 ? 0 : 1;
  return c;
}

}  // namespace unroll::test
