// A network that answers value by value: one step in, one output out, in real time.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "unroll/base/arena.h"
#include "unroll/network/network.h"

namespace unroll {

/// One sequence that is still coming in. Gives the same bits as a Pass over the whole of it.
template <class Real>
class Stream {
 public:
  /// The network must outlive it and must not change meanwhile.
  ///
  /// Errors:  std::logic_error where the network reads its sequences in reverse or both ways: it
  ///          can say nothing before their end; std::bad_alloc.
  explicit Stream(const Network<Real>& network);
  ~Stream();

  /// One step. Real-time safe: no allocation, no lock, no system call.
  ///
  /// Shapes:  x [I]; returns the output [O], valid until the next call.
  /// Errors:  std::logic_error for another length.
  std::span<const Real> Advance(std::span<const Real> x);

  /// A new sequence begins: the state becomes zero.
  void Reset();

  /// The state, [S, H] layer by layer, dense. Load's must be as long as Save's.
  std::vector<Real> Save() const;
  void Load(std::span<const Real> state);

 private:
  struct Level;

  const Network<Real>* network_;
  std::vector<Level> levels_;
  Buffer<Real> x_;
  Buffer<Real> scratch_;
};

}  // namespace unroll
