// Gradients of a whole walk against central differences.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "tests/support/random_layer.h"

namespace unroll::test {

/// E = sum of d_y * y over the steps at which a row does not idle, + sum of d_after * last state;
/// from a walk of its own, without a tape where that can be.
inline double ErrorOf(RandomLayer<double>& layer, Split split, int threads) {
  layer.Forward(split, threads, /*with_tape=*/layer.variant.masked);
  const std::size_t stride = Padded<double>(layer.H);
  double sum = 0;
  for (std::size_t row = 0; row < layer.T * layer.B; ++row) {
    if (layer.Idles(row / layer.B, row % layer.B)) continue;
    for (std::size_t j = 0; j < layer.H; ++j) {
      sum += layer.d_y[row * stride + j] * layer.y[row * stride + j];
    }
  }
  for (std::size_t row = 0; row < layer.S * layer.B; ++row) {
    for (std::size_t j = 0; j < layer.H; ++j) {
      sum += layer.d_after[row * stride + j] * layer.after[row * stride + j];
    }
  }
  return sum;
}

/// Largest difference between `gradient` and the five-point central difference of error() by each
/// number of `parameters` that `counts`, relative to the largest entry of `gradient`.
template <class Error, class Counts>
double WorstError(double* parameters, const double* gradient, std::size_t size, const Error& error,
                  const Counts& counts) {
  constexpr double kStep = 1e-3;
  double largest = 0, worst = 0;
  for (std::size_t i = 0; i < size; ++i) {
    if (!counts(i)) continue;
    largest = std::max(largest, std::abs(gradient[i]));
    const double kept = parameters[i];
    const auto at = [&](double steps) {
      parameters[i] = kept + steps * kStep;
      return error();
    };
    const double slope = (at(-2) - 8 * at(-1) + 8 * at(1) - at(2)) / (12 * kStep);
    parameters[i] = kept;
    worst = std::max(worst, std::abs(slope - gradient[i]));
  }
  // Where nothing depends on the parameters, their gradient is 0 exactly.
  return worst / (largest > 0 ? largest : 1);
}

}  // namespace unroll::test
