// The state in which a sequence begins, and what is learned about it.
//
// A learned state is a table of one row, that of entities a table of one row for each: both are
// gathered like an embedding. One made of what is known beforehand is a dense layer. It has no
// tanh: c and the h of a ReLU are not bounded by 1, and a state outside the range of h does no
// harm.
//
// A warm-up needs nothing but a mask: let the sequence begin that much earlier, and leave out the
// errors of those steps (MaskWarmUp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "unroll/base/arena.h"
#include "unroll/layers/embedding.h"
#include "unroll/layers/recurrent.h"

namespace unroll {

/// Where the state before a sequence's first step comes from.
enum class Initial {
  kZeros,
  kGiven,    ///< whoever walks gives it
  kLearned,  ///< weights, the same for every sequence
  kEntity,   ///< weights of each entity; a sequence belongs to one
  kStatic,   ///< a dense layer of what is known of a sequence beforehand
  kWarmUp,   ///< zeros, and the first steps of a sequence count for no error
};

/// "zeros", "given", "learned", "entity", "static", "warm_up"; "" behind the last.
std::string_view NameOf(Initial initial);

/// What a batch of N sequences must say about them; what the kind does not need may be null.
template <class Real>
struct InitialInput {
  std::size_t N = 0;
  const std::int32_t* entity = nullptr;  ///< [N] 0 .. E - 1; or kIdle where none is needed: zeros
  const Real* features = nullptr;        ///< [N, F] dense
  const Real* given = nullptr;           ///< [S, N, H] dense
};

template <class Real>
class InitialRoom;

/// The initial state of one recurrent layer: where its parameters lie in the network's arenas, and
/// what is done with them.
template <class Real>
class InitialState {
 public:
  /// `choices`: E or F, for the kinds that have them.
  InitialState(Initial kind, std::size_t states, std::size_t units, std::size_t choices,
               Layout<Real>& layout);

  Initial kind() const { return kind_; }
  std::size_t states() const { return states_; }
  std::size_t units() const { return units_; }

  /// Fills the states in which N sequences begin.
  ///
  /// Shapes:  initial [S, N, H], rows aligned.
  /// Errors:  std::logic_error where what the kind needs is null, for an entity that is none, and
  ///          for more sequences than the room is for.
  void Fill(const Real* arena, const InitialInput<Real>& input, Real* initial,
            InitialRoom<Real>& room, ThreadPool& pool) const;

  /// Adds what follows for the parameters from the gradient of what Fill gave, in order of n. The
  /// room holds what the last Fill left there.
  ///
  /// Shapes:  d_initial [S, N, H], rows aligned, zeros in their padding; d_arena of gradients.
  void AddGradient(const Real* arena, const InitialInput<Real>& input, const Real* d_initial,
                   Real* d_arena, InitialRoom<Real>& room, ThreadPool& pool) const;

  /// Tensors of parameters for each state: [H]; [E, H]; or [H, F] and [H]. 0 where nothing is
  /// learned.
  std::size_t tensors_per_state() const;

  /// Between an arena and PyTorch's layout, tensor by tensor, state by state.
  void Pack(std::span<const Real* const> plain, Real* arena) const;
  void Unpack(const Real* arena, std::span<Real* const> plain) const;

 private:
  friend class InitialRoom<Real>;
  void Require(const InitialInput<Real>& input, const InitialRoom<Real>& room) const;

  Initial kind_;
  std::size_t states_, units_, choices_;
  std::vector<Embedding<Real>> tables_;    // by state
  std::vector<Recurrent<Real>> encoders_;  // by state
};

/// The memory that Fill and AddGradient need for at most N sequences and so many threads.
template <class Real>
class InitialRoom {
 public:
  /// Errors:  std::bad_alloc.
  InitialRoom(const InitialState<Real>& initial, std::size_t N, int threads);

  /// Numbers that it allocates.
  static std::size_t SizeFor(const InitialState<Real>& initial, std::size_t N, int threads) {
    return Sizes(initial, N, threads).total();
  }

 private:
  friend class InitialState<Real>;
  struct Sizes {
    Sizes(const InitialState<Real>& initial, std::size_t N, int threads);
    std::size_t total() const {
      return same * sizeof(std::int32_t) / sizeof(Real) + features + state + tape + scratch;
    }
    std::size_t same = 0, features = 0, state = 0, tape = 0, scratch = 0;
  };
  InitialRoom(const Sizes& sizes, std::size_t N);

  std::size_t N_;
  Buffer<std::int32_t> same_;  // [N] zeros: the one row of a table
  Buffer<Real> features_;      // [N, F]
  Buffer<Real> state_;         // [N, H] that the dense layer has no use for
  Buffer<Real> tape_;          // of the dense layers, one after another
  Buffer<Real> scratch_;
};

/// Leaves out the errors of the first `steps` steps of every sequence that begins in the batch,
/// which then only lead the network into the state it begins in; the gradient flows through them.
///
/// Shapes:  sequence [T, B], before [B] as in Batch; without ids all rows begin, where `begins`;
///          mask [T, B, O].
template <class Real>
void MaskWarmUp(std::size_t steps, std::size_t T, std::size_t B, const std::int32_t* sequence,
                const std::int32_t* before, bool begins, std::size_t O, Real* mask);

}  // namespace unroll
