// Training by hand: walk forward, take the error of every step, send it back through time, update.
//
// The network reads a wave value by value and says at every step what the next value will be.
#include <cmath>
#include <cstdio>
#include <vector>

#include "unroll/unroll.h"

int main() {  // NOLINT(bugprone-exception-escape): without memory it has nothing to say
  constexpr std::size_t T = 50, B = 8;  // steps, rows walked side by side
  constexpr int kUpdates = 300;
  std::vector<float> x(T * B), target(T * B), d_outputs(T * B);
  const std::vector<float> mask(T * B, 1.0f);  // every error counts
  for (std::size_t t = 0; t < T; ++t) {
    for (std::size_t b = 0; b < B; ++b) {
      const float phase = 0.3f * static_cast<float>(t) + 0.8f * static_cast<float>(b);
      x[t * B + b] = std::sin(phase);
      target[t * B + b] = std::sin(phase + 0.3f);
    }
  }
  const unroll::Shape shape{{'T', T}, {'B', B}, {'O', 1}};
  const unroll::Tensor<const float> input{x.data(), {{'T', T}, {'B', B}, {'I', 1}}};

  unroll::Specification specification;  // one LSTM of 16 units with a dense head
  specification.hidden = 16;
  unroll::Network<float> network(specification);
  network.Initialise(/*seed=*/1);

  unroll::ThreadPool pool(2);
  unroll::Pass<float> pass(network, T, B, unroll::PassKind::kTraining, pool);
  unroll::Optimizer<float> adam(network.weights().size());
  unroll::Buffer<float> gradients(network.weights().size());
  const unroll::SquaredError<float> loss;
  double error = 0;
  for (int update = 1; update <= kUpdates; ++update) {
    pass.Reset();  // h_0 = 0
    const unroll::Tensor<const float> y = pass.Forward(input);
    error = loss.Evaluate({y, {target.data(), shape}, {mask.data(), shape}},
                          unroll::Reduction::kMean, {d_outputs.data(), shape});
    gradients.Zero();
    pass.Backward({d_outputs.data(), shape}, gradients.span());
    const double norm = unroll::EuclideanNorm<float>(gradients.span(), pool);
    adam.Update(network.weights(), gradients.span(), /*rate=*/0.01,
                unroll::ThresholdFactor(norm, /*most=*/1.0), pool);
    if (update == 1 || update % 100 == 0) {
      std::printf("update %3d  error %.6f  gradient norm %.4f\n", update, error, norm);
    }
  }
  return error < 0.01 ? 0 : 1;
}
