// The rules that move weights against their gradients, over whole arrays. Below, for each weight,
//
//   g = gradient_factor * gradient + weight_decay * w
//
// Every rule is PyTorch's, in its terms. Each returns whether all that it wrote is finite, and
// gives the same bits for any number of threads. Padding that is 0 in all arrays stays 0.
#pragma once

#include <cstdint>
#include <span>

#include "unroll/base/threads.h"

namespace unroll {

/// What all rules are told about one update.
struct UpdateStep {
  double rate;
  double gradient_factor;   ///< each gradient counts as this times itself
  double weight_decay = 0;  ///< pulls every weight towards 0
};

/// m = momentum m + g      w = w - rate m, or nesterov: w - rate (g + momentum m)
struct SgdTerms {
  double momentum = 0;
  bool nesterov = false;
};

/// v = alpha v + (1 - alpha) g^2      m = momentum m + g / (sqrt(v) + epsilon)      w = w - rate m
///
/// Source:  Tieleman & Hinton 2012, Coursera, lecture 6.5.
struct RmspropTerms {
  double momentum = 0;
  double alpha = 0.99;
  double epsilon = 1e-8;
};

/// m = b1 m + (1 - b1) g      v = b2 v + (1 - b2) g^2
/// w = w - rate / (1 - b1^t) * m / (sqrt(v) / sqrt(1 - b2^t) + epsilon)
///
/// Decoupled decay (AdamW) stays out of g: w = (1 - rate * weight_decay) w - rate ...
///
/// Source:  Kingma & Ba 2015, ICLR, epsilon outside the root; Loshchilov & Hutter 2019, ICLR.
struct AdamTerms {
  std::uint64_t updates;  ///< t, this one included: 1, 2, ...
  bool decoupled = false;
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-8;
};

/// The arrays of an update, all of one length. An m of length 0 is for sgd and rmsprop without
/// momentum; sgd has no v.
template <class Real>
struct UpdateSpans {
  std::span<const Real> gradients;
  std::span<Real> weights, m, v;
};

/// Errors:  std::logic_error for arrays of other lengths, and for an epsilon that is 0 in Real.
template <class Real>
bool UpdateBySgd(const UpdateStep& step, const SgdTerms& terms, const UpdateSpans<Real>& arrays,
                 ThreadPool& pool);
template <class Real>
bool UpdateByRmsprop(const UpdateStep& step, const RmspropTerms& terms,
                     const UpdateSpans<Real>& arrays, ThreadPool& pool);
template <class Real>
bool UpdateByAdam(const UpdateStep& step, const AdamTerms& terms, const UpdateSpans<Real>& arrays,
                  ThreadPool& pool);

}  // namespace unroll
