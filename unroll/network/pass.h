// One stretch of steps through a network, forward and back, with everything that it needs on the
// way.
//
// The state is carried from stretch to stretch, which makes learning by stretches truncated BPTT.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "unroll/base/arena.h"
#include "unroll/base/tensor.h"
#include "unroll/base/threads.h"
#include "unroll/layers/dropout.h"
#include "unroll/network/network.h"

namespace unroll {

/// What a pass is made for; training keeps tapes and needs several times the memory.
enum class PassKind { kInference, kTraining };

struct PassOptions {
  PassOptions(PassKind passes, std::size_t most = 0,  // NOLINT: the kind alone is enough
              const Threshold& bound = {})
      : kind(passes), N(most), threshold(bound) {}
  PassKind kind;
  std::size_t N;        ///< the most sequences of a batch that has ids
  Threshold threshold;  ///< on the gradient that is passed back in time
};

/// What a network walks over.
template <class Real>
struct PassInput {
  explicit PassInput(Tensor<const Real> numbers) : x(numbers) {}
  /// For a network with a vocabulary.
  explicit PassInput(Tensor<const std::int32_t> tokens) : symbols(tokens) {}

  Tensor<const Real> x{nullptr, {}};                ///< [T, B, I]
  Tensor<const std::int32_t> symbols{nullptr, {}};  ///< [T, B] 0 .. V - 1; kIdle where a row idles
  /// [T, B], [B] see Batch; null: each row goes on from the carried state or, after a Reset, is one
  /// sequence. They must live until Backward.
  const std::int32_t* sequence = nullptr;
  const std::int32_t* before = nullptr;
  std::size_t N = 0;            ///< sequences of a batch with ids; without them n is b
  const Real* given = nullptr;  ///< [N, H] for each of StatesOf, where initial states are given
  const std::int32_t* entity = nullptr;  ///< [N] 0 .. E - 1, where they are those of entities
  const Real* features = nullptr;        ///< [N, F] dense, where they are made of these
  /// Which of its numbers a training pass drops; none: it drops nothing.
  std::optional<DropoutKey> dropout;
};

/// Gradients that a pass adds to or sets; what is null is not asked for.
template <class Real>
struct PassGradients {
  std::span<Real> weights;  ///< as the network's weights lie; added to
  Real* d_x = nullptr;      ///< [T, B, I] overwritten
  Real* d_given = nullptr;  ///< as PassInput::given; overwritten
};

/// How a threshold acted on one state of one layer.
struct ThresholdReport {
  std::string state;    ///< "c_l0"
  std::uint64_t steps;  ///< of rows that did not idle
  std::uint64_t acted;  ///< at how many of them it made the gradient smaller
  double kept;          ///< the share of the gradient's norm that it left, on average over steps
};

/// Adds what was reported of one walk to what was of others before it.
void AddReport(const std::vector<ThresholdReport>& one, std::vector<ThresholdReport>& all);

/// Walks at most T steps of B rows. The network and the pool must outlive it; several passes of one
/// network may run at once, each with a pool.
template <class Real>
class Pass {
 public:
  /// Errors:  std::bad_alloc; see PassBytes.
  Pass(const Network<Real>& network, std::size_t T, std::size_t B, const PassOptions& options,
       ThreadPool& pool);
  ~Pass();

  /// Walks forward from the carried state, which it moves on. A network that walks in reverse, or
  /// both ways, carries no state: it reads whole sequences, and wants a Reset before each call, or
  /// ids without `before`.
  ///
  /// Shapes:  x [T, B, I] or symbols [T, B] with at most as many steps as the pass was made for;
  ///          returns the outputs [T, B, O], dense, valid until the next call.
  /// Errors:  std::logic_error for another shape, ids or symbols that are none, more sequences than
  ///          it was made for, a state that would have to be carried, or where what the initial
  ///          state is made of is missing; for numbers dropped on an inference pass.
  Tensor<const Real> Forward(const PassInput<Real>& input);
  Tensor<const Real> Forward(Tensor<const Real> x) { return Forward(PassInput<Real>(x)); }

  /// Adds the gradients of an error to `gradients`. Follows each Forward at most once. The error is
  /// not passed on to the stretch before (truncated BPTT). Steps that idle have none.
  ///
  /// Shapes:  d_outputs [T, B, O] as Forward returned; gradients.weights
  ///          [network.weights().size()].
  /// Errors:  std::logic_error for another shape, without a Forward, or on an inference pass.
  void Backward(Tensor<const Real> d_outputs, const PassGradients<Real>& gradients);
  void Backward(Tensor<const Real> d_outputs, std::span<Real> weights, Real* d_x = nullptr) {
    Backward(d_outputs, PassGradients<Real>{weights, d_x});
  }

  /// What the threshold did in the last Backward, for each of StatesOf; empty without a threshold.
  const std::vector<ThresholdReport>& threshold_report() const { return report_; }

  /// New sequences begin in all rows.
  void Reset();

  /// The carried state, [B, H] for each of StatesOf, dense; zeros where new sequences begin, which
  /// is what zeros mean to Load. Load's must be as long as Save's.
  ///
  /// Errors:  std::logic_error, by Load, where the network carries no state.
  std::vector<Real> SaveState() const;
  void LoadState(std::span<const Real> state);

  /// Forces how every layer is shared among threads; for tests and measurements.
  void ForceSplit(Split split);

 private:
  struct Way;    // one direction of one layer
  struct Level;  // one layer

  void Begin(const PassInput<Real>& input);
  void CheckInput(const PassInput<Real>& input) const;
  InitialInput<Real> InitialOf(const PassInput<Real>& input) const;
  void Read(const PassInput<Real>& input);
  void DrawMasks();
  void Drop(Way& way, const Real* from, Real* to);
  void AddInitialGradients(Real* gradients);
  void WalkForward(Way& way, const Real* x);
  void WalkBack(Way& way, const Real* x, std::span<Real> gradients, Real* d_x);
  Batch<Real> BatchOf(const Way& way, const Real* x) const;
  void GiveInitial(Real* to) const;
  void Report();
  const Real* InputOf(std::size_t k) const;

  const Network<Real>* network_;
  ThreadPool* pool_;
  std::size_t T_, B_;
  PassOptions options_;
  std::vector<Level> levels_;
  Buffer<Real> x_, d_x_;  // [T, B, I], rows aligned
  Buffer<Real> scratch_;
  std::vector<Real> outputs_;
  std::vector<ThresholdReport> report_;
  PassInput<Real> input_;  // of the last Forward
  DropoutSteps dropout_steps_;
  bool begins_ = true;     // the next Forward without ids begins sequences
  bool began_ = false;     // the last one did
  std::size_t steps_ = 0;  // of the last Forward, until a Backward has used it up
};

/// Bytes that a pass allocates.
std::uint64_t PassBytes(const Specification& specification, std::size_t T, std::size_t B,
                        const PassOptions& options, int threads);

}  // namespace unroll
