// What a walk walks over: rows of steps, in which sequences lie.
//
// Letters: T steps, B rows, N sequences, I inputs, H units, S states of the cell
// (docs/notation.md). Arrays of numbers are dense but for their rows, which lie Padded<Real>(row
// length) apart, and are aligned to 64 bytes. Padding may hold any finite number on entry,
// but zeros in gradients (else those of the weights would grow in their padding); on exit likewise.
#pragma once

#include <cstddef>
#include <cstdint>

namespace unroll {

/// In Batch::sequence: the row idles at this step. Its state is kept; it has neither error nor
/// gradient.
inline constexpr std::int32_t kIdle = -1;

/// B rows of T steps, in which N sequences take part. Rows hold sequences end to end: where a row's
/// id changes (idle steps between count for nothing), the walk leaves the row's past behind and
/// loads that sequence's initial state. Whatever belongs to a sequence is indexed by n.
///
/// In reverse the same rows are walked from their last step to their first: what comes before a
/// step is then the step behind it in memory, and a sequence begins at its last step.
template <class Real>
struct Batch {
  std::size_t T, B, N;
  const Real* x;                 ///< [T, B, I] finite, where a row idles too
  const std::int32_t* sequence;  ///< [T, B] 0 .. N-1, or kIdle; null: every row goes on all along
  const std::int32_t* before;    ///< [B] the sequence each row was in before the walk, whose state
                                 ///<     it carries on; or kIdle. Null: none, as it must be in
                                 ///<     reverse
  const Real* initial;           ///< [S, N, H]; null where no sequence begins
  const Real* mask = nullptr;    ///< [N, H] what h is multiplied with on its way to U, the same at
                                 ///<     every step (variational dropout); [B, H] where there are
                                 ///<     no ids; null: 1. Only for walks with a tape
  bool reverse = false;
};

}  // namespace unroll
