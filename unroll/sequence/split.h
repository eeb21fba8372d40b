// How a walk is shared among threads.
#pragma once

#include <cstddef>

namespace unroll {

enum class Split {
  kRows,   ///< each thread walks its rows alone: no waiting at all
  kUnits,  ///< each thread owns panels of units of all rows; all wait for one another at every step
  kAlone,  ///< one thread: a step is too short to be worth waiting for
};

/// The split that measured best (docs/decisions/): `weight_bytes` of U, multiply-adds and adds of a
/// step's products that a thread could wait in (with U; with W where there is no U), B rows.
Split ChooseSplit(std::size_t weight_bytes, std::size_t flops_per_step, std::size_t B, int threads);

}  // namespace unroll
