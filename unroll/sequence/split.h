// How a walk is shared among threads.
#pragma once

#include <cstddef>

namespace unroll {

enum class Split {
  kRows,   ///< each thread walks its rows alone: no waiting at all
  kUnits,  ///< each thread owns panels of units of all rows; all wait for one another at every step
  kAlone,  ///< one thread: a step is too short to be worth waiting for
};

/// The split that measured best (docs/decisions/003, 014): `weight_bytes` of U, B rows.
///
/// Units:  `flops`: multiply-adds and adds of one step's product with U; where there is no U, those
///         of the whole walk's with W.
Split ChooseSplit(std::size_t weight_bytes, std::size_t flops, std::size_t B, int threads);

}  // namespace unroll
