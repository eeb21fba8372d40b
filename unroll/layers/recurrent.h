// One layer: a cell with its weights. A dense layer is one too, of the cell without memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "unroll/base/arena.h"
#include "unroll/base/random.h"
#include "unroll/sequence/sequence.h"

namespace unroll {

/// Where one layer's weights lie in the network's arenas, and what walks over them.
template <class Real>
class Recurrent {
 public:
  /// Reserves the layer's weights in `layout`.
  ///
  /// Errors:  std::logic_error, if the cell stands in no list.
  Recurrent(const CellFacts& cell, std::size_t inputs, std::size_t units, Layout<Real>& layout,
            const CellOptions& options = {});

  const CellFacts& cell() const { return *plan_.cell; }
  std::size_t inputs() const { return plan_.I; }
  std::size_t units() const { return plan_.H; }
  const WeightPlan<Real>& plan() const { return plan_; }
  std::size_t lanes() const { return walks_->lanes; }  ///< units in a panel of its weights
  const CellOptions& options() const { return options_; }
  /// A dense layer: each of its rows is a step of its own, before and after which there is nothing.
  bool is_dense() const { return plan_.cell == &LinearCell(); }

  /// The layer's part of an arena of weights, ready to walk; back panels may be null for walks
  /// forward only.
  WalkWeights<Real> Weights(const Real* arena, const Real* w_back, const Real* u_back) const;
  PackedWeights<Real> In(Real* arena) const { return plan_.In(arena); }

  /// How its walk over T steps of B rows is best shared among threads.
  Split SplitFor(std::size_t T, std::size_t B, int threads) const;

  /// Between an arena and PyTorch's layout.
  void Pack(const PlainWeights<const Real>& plain, Real* arena) const;
  void Unpack(const Real* arena, const PlainWeights<Real>& plain) const;

 private:
  WeightPlan<Real> plan_;
  const Walks<Real>* walks_;
  CellOptions options_;
};

/// Fills weights in PyTorch's layout as PyTorch does: uniform in +-1 / sqrt(H). `forget_bias` is
/// added to the input bias of a forget gate. A weight that belongs to a unit alone has one input:
/// it is uniform in +-1, but for that of h, in [0, 1).
///
/// Source:  Jozefowicz, Zaremba & Sutskever 2015, ICML, for the forget bias; Li et al. 2018,
///          arXiv:1803.04831, for the weight of h.
template <class Real>
void InitialiseRecurrent(const CellFacts& cell, std::size_t inputs, std::size_t units,
                         double forget_bias, Random& random, const PlainWeights<Real>& plain);

/// Fills a dense layer's: uniform in +-1 / sqrt(inputs).
template <class Real>
void InitialiseDense(std::size_t inputs, std::size_t outputs, Random& random,
                     const PlainWeights<Real>& plain);

}  // namespace unroll
