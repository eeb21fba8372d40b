// Where a trainer gets what it learns from; who implements it knows where data come from.
#pragma once

#include <cstddef>
#include <cstdint>

#include "unroll/base/tensor.h"

namespace unroll {

/// Consecutive steps of B rows, and what the network should say at each.
template <class Real>
struct Stretch {
  Tensor<const Real> x;       ///< [T, B, I]
  Tensor<const Real> target;  ///< [T, B, O / K], K outputs for each (losses/loss.h)
  Tensor<const Real> mask;    ///< [T, B, O / K] 1 where an error counts, else 0
  bool begins;                ///< the rows begin anew: no state is carried into it
};

/// An endless row of stretches, the same at every asking, so that a training can be resumed at any.
/// They may lie in memory or be made as they are asked for, by one thread at a time.
template <class Real>
class StretchSource {
 public:
  virtual ~StretchSource() = default;
  /// What step `index` of the training (from 0) learns from; valid until the next call.
  virtual Stretch<Real> At(std::uint64_t index) const = 0;
  /// Stretches of one pass over the data.
  virtual std::uint64_t per_pass() const = 0;
  /// Steps of the longest stretch, and rows of all.
  virtual std::size_t T() const = 0;
  virtual std::size_t B() const = 0;
};

}  // namespace unroll
