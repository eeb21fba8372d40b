// How long one recurrent layer walks on this machine: what `unroll bench` and bench/ measure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "unroll/base/status.h"
#include "unroll/cells/cells.h"
#include "unroll/sequence/split.h"

namespace unroll::cli {

/// T steps of B rows, I inputs, H units.
struct WalkShape {
  std::uint64_t T, B, I, H;
};

/// Units:  seconds.
struct Times {
  double min, median;
};

struct Measurement {
  Times inference;
  Times training;
  Split split;
  int threads;   ///< that can run; fewer than asked for where the system gives fewer
  double flops;  ///< of inference: 2 for each multiplication and addition of the two products
};

/// Walks a layer with random weights over random numbers, at least 15 times and about a second.
/// Inference is Forward without a tape. Training is what one step costs: the weights packed for the
/// way back, the gradients zeroed, Forward, and Backward for the gradients of weights and x.
///
/// Errors:  kSystem where the shape needs more memory than there is, told before any is taken.
template <class Real>
Result<Measurement> MeasureWalks(const CellFacts& cell, const WalkShape& shape, int threads,
                                 std::optional<std::uint64_t> memory);

}  // namespace unroll::cli
