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
  /// Errors:  std::logic_error for another length, for a network that reads symbols, and before
  ///          Reset was told what the initial state is made of.
  std::span<const Real> Advance(std::span<const Real> x);

  /// The same, of a network that reads symbols 0 .. V - 1.
  std::span<const Real> Advance(std::int32_t symbol);

  /// A new sequence begins. What its state is made of where that is not zero or learned: `begin`,
  /// of one sequence, `given` for each of StatesOf.
  ///
  /// Errors:  std::logic_error where that is missing.
  void Reset(const InitialInput<Real>& begin = {1});

  /// The state, [S, H] layer by layer, dense. Load's must be as long as Save's.
  std::vector<Real> Save() const;
  void Load(std::span<const Real> state);

 private:
  struct Level;
  std::span<const Real> Walk();
  void RequireSymbols(bool symbols) const;

  const Network<Real>* network_;
  ThreadPool alone_{1};
  bool begun_ = false;
  std::vector<Level> levels_;
  Buffer<Real> x_;
  Buffer<Real> scratch_;
};

}  // namespace unroll
