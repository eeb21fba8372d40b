// Dropout: in training some numbers are set to zero, others each time, so that no unit learns to
// rely on another.
//
// Whether a number is dropped depends on what it is, not on where or when it is computed: on seed,
// step of the training, place in the network, sequence and step of the sequence. So nothing is
// remembered for the way back; the gradient is dropped by the same call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "unroll/base/threads.h"

namespace unroll {

/// Which draw of masks this is. A sequence that goes on in the next stretch meets another step of
/// the training there, and so another mask.
struct DropoutKey {
  std::uint64_t seed = 0;
  std::uint64_t step = 0;  ///< of the training, below 2^46
};

/// Which sequence each row of a batch is in, and how many steps of it the batch had before: the
/// rows of a mask. Worked out once for all places.
class DropoutSteps {
 public:
  /// `sequence` [T, B] as in Batch; null: row b is sequence b all along. It must outlive the use.
  void Set(std::size_t T, std::size_t B, const std::int32_t* sequence);

  std::size_t T() const { return T_; }
  std::size_t B() const { return B_; }
  std::int32_t Sequence(std::size_t k) const {  // k = t * B + b
    return sequence_ != nullptr ? sequence_[k] : static_cast<std::int32_t>(k % B_);
  }
  std::uint32_t Position(std::size_t k) const {
    return sequence_ != nullptr ? position_[k] : static_cast<std::uint32_t>(k / B_);
  }

 private:
  std::size_t T_ = 0, B_ = 0;
  const std::int32_t* sequence_ = nullptr;
  std::vector<std::uint32_t> position_;
};

/// One place of a network at which numbers are dropped, each with probability `rate`; what is left
/// is multiplied with 1 / (1 - rate), so that nothing is to be done when the network is used.
template <class Real>
class Dropout {
 public:
  /// `place`: two places of a network never share a mask. `same_at_every_step`: a sequence has one
  /// mask for all its steps (variational dropout); else a fresh one at each.
  ///
  /// Errors:  std::logic_error for a rate outside [0, 1), or 1024 places or more.
  /// Source:  Srivastava et al. 2014, JMLR 15. Variational: Gal & Ghahramani 2016, NIPS.
  Dropout(double rate, bool same_at_every_step, std::uint32_t place);

  double rate() const { return rate_; }

  /// Drops from `from`, or from the gradient by what it wrote. Rows that idle become 0.
  ///
  /// Shapes:  [T, B, width], rows aligned; `to` may be `from`.
  /// Errors:  std::logic_error for a step of 2^46 or more.
  void Apply(const DropoutKey& key, const DropoutSteps& steps, std::size_t width, const Real* from,
             Real* to, ThreadPool& pool) const;

  /// What Apply multiplies the first step of each of N sequences with: for Batch::mask.
  ///
  /// Shapes:  mask [N, width], rows aligned.
  /// Errors:  those of Apply.
  void FillMask(const DropoutKey& key, std::size_t N, std::size_t width, Real* mask) const;

 private:
  double rate_;
  bool same_at_every_step_;
  std::uint32_t place_;
};

}  // namespace unroll
