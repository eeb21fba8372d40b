// Rows of which some numbers, drawn at random, are set to zero.
#pragma once

#include <cstddef>
#include <cstdint>

#include "unroll/base/random.h"

namespace unroll {

/// Which numbers are dropped: those whose word of the stream is below `threshold`. The others are
/// multiplied with `scale`.
template <class Real>
struct DropoutNumbers {
  std::uint32_t threshold;
  Real scale;
};

/// Writes the row `from` to `to` with some of its numbers dropped. Number j goes by word j of the
/// stream, counted from its block `first_block` on; the same words on every instruction set.
///
/// Shapes:  n, a multiple of Padded<Real>(1); both rows aligned, and they may be the same.
template <class Real>
using DropRowFunction = void (*)(const RandomStream& stream, std::uint32_t first_block,
                                 const DropoutNumbers<Real>& numbers, const Real* from, Real* to,
                                 std::size_t n);

/// That function for the current instruction set.
template <class Real>
DropRowFunction<Real> DropRow();

}  // namespace unroll
