// Where in a step a number was not finite first. Asked only after such a step, so it may walk
// again.
#pragma once

#include <span>
#include <vector>

#include "unroll/losses/loss.h"
#include "unroll/network/network.h"
#include "unroll/network/pass.h"
#include "unroll/train/observer.h"
#include "unroll/train/optimizer.h"
#include "unroll/train/stretch_source.h"

namespace unroll {

/// A stretch that has been walked forward and back.
template <class Real>
struct WalkedStretch {
  const Stretch<Real>& stretch;
  PassInput<Real> input;                  ///< as the pass was given it
  Tensor<const Real> outputs, d_outputs;  ///< [T, B, O]
  std::span<Real> gradients;
  std::vector<Real> before, after;  ///< the carried state; see Pass::SaveState
  double loss, norm;                ///< norm: of the gradients
};

/// What was not finite in a step whose loss, gradients or carried state are not. The pass is left
/// in no particular state.
template <class Real>
NotFinite FindInWalk(const Network<Real>& network, const Loss<Real>& loss,
                     const WalkedStretch<Real>& walked, Pass<Real>& pass);

/// The same of weights and moments that an update has spoilt.
template <class Real>
NotFinite FindInUpdate(const Network<Real>& network, const Optimizer<Real>& optimizer,
                       const OptimizerOptions& options);

}  // namespace unroll
