// Where sequences begin in a batch, worked out once so that no walk has to look back in time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "unroll/sequence/batch.h"

namespace unroll {

/// What a row does as it enters a step: the sequence 0 .. N-1 that begins there, or one of these.
inline constexpr std::int32_t kGoesOn = -1;
inline constexpr std::int32_t kIdles = -2;

/// Fills `entries` [T, B] from the ids; leaves it empty where every row goes on all along.
///
/// Errors:  std::logic_error where an id lies outside -1 .. N-1, or a sequence begins twice (its
///          initial state's gradient has one place only).
template <class Real>
void FindEntries(const Batch<Real>& batch, std::vector<std::int32_t>& entries);

}  // namespace unroll
