// One stretch of steps through a network, forward and back, with everything that it needs on the
// way.
//
// The state is carried from stretch to stretch, which makes learning by stretches truncated BPTT.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "unroll/base/arena.h"
#include "unroll/base/tensor.h"
#include "unroll/base/threads.h"
#include "unroll/network/network.h"

namespace unroll {

/// What a pass is made for; training keeps tapes and needs several times the memory.
enum class PassKind { kInference, kTraining };

/// Walks at most T steps of B rows. The network and the pool must outlive it; several passes of one
/// network may run at once, each with a pool.
template <class Real>
class Pass {
 public:
  /// Errors:  std::bad_alloc; see PassBytes.
  Pass(const Network<Real>& network, std::size_t T, std::size_t B, PassKind kind, ThreadPool& pool);
  ~Pass();

  /// Walks forward from the carried state, which it moves on.
  ///
  /// Shapes:  x [T, B, I] with at most as many steps as the pass was made for; returns the outputs
  ///          [T, B, O], dense, valid until the next call.
  /// Errors:  std::logic_error for another shape.
  Tensor<const Real> Forward(Tensor<const Real> x);

  /// Adds the gradients of an error to `gradients`, which lie as the network's weights do. Follows
  /// each Forward at most once. The error is not passed on to the stretch before (truncated BPTT).
  ///
  /// Shapes:  d_outputs [T, B, O] as Forward returned; gradients [network.weights().size()]; d_x
  ///          [T, B, I], overwritten, or null.
  /// Errors:  std::logic_error for another shape, without a Forward, or on an inference pass.
  void Backward(Tensor<const Real> d_outputs, std::span<Real> gradients, Real* d_x = nullptr);

  /// The carried state becomes zero: a new sequence begins in every row.
  void Reset();

  /// The carried state, [S, B, H] layer by layer, dense. Load's must be as long as Save's.
  std::vector<Real> SaveState() const;
  void LoadState(std::span<const Real> state);

  /// Forces how every layer is shared among threads; for tests and measurements.
  void ForceSplit(Split split);

 private:
  struct Level;  // one layer's share

  const Network<Real>* network_;
  ThreadPool* pool_;
  std::size_t T_, B_;
  PassKind kind_;
  std::vector<Level> levels_;
  Buffer<Real> x_, d_x_;  // [T, B, I], rows aligned
  Buffer<Real> scratch_;
  std::vector<Real> outputs_;
  std::size_t steps_ = 0;  // of the last Forward, until a Backward has used it up
};

/// Bytes that a pass allocates.
std::uint64_t PassBytes(const Specification& specification, std::size_t T, std::size_t B,
                        PassKind kind, int threads);

}  // namespace unroll
