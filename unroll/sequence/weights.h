// Weights as the walks read them, and the way between that and PyTorch's layout.
//
// For each panel (one vector of L units) all its sums lie side by side. Gradients and the optimizer
// use the same order; PyTorch's is restored only at the edges (files, single weights).
#pragma once

#include <cstddef>

#include "unroll/base/arena.h"
#include "unroll/cells/cells.h"

namespace unroll {

/// P panels; GI, GU sums with an input part and with a recurrent part; G all sums; M weights that
/// the cell has for every unit.
template <class Real>
struct PackedWeights {
  Real* w;     ///< [P, I, GI, L]
  Real* u;     ///< [P, H, GU, L]
  Real* b;     ///< [P, G, L]
  Real* unit;  ///< [P, M, L]
};

/// The same weights in PyTorch's layout; G gates. What a cell has no use for may be null. A weight
/// that belongs to a unit alone (RowsOf) lies as [H] or [rows, H].
template <class Real>
struct PlainWeights {
  Real* weight_ih;                  ///< [G * H, I]
  Real* weight_hh;                  ///< [G * H, H]; null for a cell without recurrent product
  Real* bias_ih;                    ///< [G * H]
  Real* bias_hh;                    ///< [G * H]; null for a cell without recurrent product
  Real* weight_peephole = nullptr;  ///< [3, H]
};

/// The sizes of one layer's weights, and where they lie in an arena.
template <class Real>
struct WeightPlan {
  /// Reserves W, U, b and the cell's own weights in `layout`.
  ///
  /// Errors:  std::logic_error where the cell reads x itself and I is not H.
  WeightPlan(const CellFacts& cell, std::size_t inputs, std::size_t units, Layout<Real>& layout);

  /// Where they lie in an arena; nowhere for a null one.
  template <class R>  // Real or const Real
  PackedWeights<R> In(R* arena) const {
    if (arena == nullptr) return {};
    return {arena + w, arena + u, arena + b, arena + unit};
  }

  const CellFacts* cell;
  std::size_t I, H;
  std::size_t w, u, b, unit;  ///< offsets
};

/// Numbers of the back panels (see PackBack): W's and U's.
template <class Real>
struct BackSizes {
  BackSizes(const CellFacts& cell, std::size_t inputs, std::size_t units);
  std::size_t w, u;
};

/// PyTorch's layout -> panels of `lanes` units. The two biases of a sum of both products are added.
template <class Real>
void Pack(const WeightPlan<Real>& plan, std::size_t lanes, const PlainWeights<const Real>& plain,
          const PackedWeights<Real>& packed);

/// Panels -> PyTorch's layout. A bias that Pack added up comes back as (b, 0).
template <class Real>
void Unpack(const WeightPlan<Real>& plan, std::size_t lanes,
            const PackedWeights<const Real>& packed, const PlainWeights<Real>& plain);

}  // namespace unroll
