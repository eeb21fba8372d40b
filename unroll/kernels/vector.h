// Arithmetic over whole arrays: norms and updates of weights that lie in one block.
//
// An array is cut into shares that depend on its length alone, and what the shares give is added in
// their order: the same bits for any number of threads.
#pragma once

#include <cstdint>
#include <span>

#include "unroll/base/threads.h"

namespace unroll {

/// Root of the sum of squares. Sums in double and scales where a square would leave its range; not
/// finite only where a number is not, or the norm itself is no double. Denormal numbers count as 0.
template <class Real>
double EuclideanNorm(std::span<const Real> numbers, ThreadPool& pool);

template <class Real>
bool AllFinite(std::span<const Real> numbers, ThreadPool& pool);

template <class Real>
void Scale(std::span<Real> numbers, double factor, ThreadPool& pool);

/// The settings of one update by Adam.
struct AdamStep {
  double rate;
  double gradient_factor;  ///< each gradient counts as this times itself
  std::uint64_t updates;   ///< this one included: 1, 2, ...
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-8;
};

/// Moves both moments and the weights. All four arrays are of one length.
///
///   m = b1 m + (1 - b1) g      v = b2 v + (1 - b2) g^2
///   w = w - rate / (1 - b1^t) * m / (sqrt(v) / sqrt(1 - b2^t) + epsilon)
///
/// Returns whether every number that it wrote is finite.
///
/// Source:  Kingma & Ba 2015, ICLR; epsilon outside the root, as PyTorch has it.
template <class Real>
bool UpdateByAdam(const AdamStep& step, std::span<const Real> gradients, std::span<Real> weights,
                  std::span<Real> m, std::span<Real> v, ThreadPool& pool);

}  // namespace unroll
