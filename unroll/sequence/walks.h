// The table of compiled walks: asked for once, then kept.
#pragma once

#include "unroll/sequence/job.h"

namespace unroll {

/// The walks of `cell` for the current instruction set (kernels/instruction_sets.h).
///
/// Errors:  std::logic_error, if the cell stands in no list.
template <class Real>
const Walks<Real>& WalksOf(const CellFacts& cell);

}  // namespace unroll
