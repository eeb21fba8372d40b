// The loop that learns: walk a stretch forward, send its error back, bound the gradient, update the
// weights; now and then judge them on what they have not seen, and keep the best.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "unroll/base/arena.h"
#include "unroll/base/status.h"
#include "unroll/base/threads.h"
#include "unroll/losses/loss.h"
#include "unroll/model/checkpoint.h"
#include "unroll/network/network.h"
#include "unroll/network/pass.h"
#include "unroll/train/guard.h"
#include "unroll/train/not_finite.h"
#include "unroll/train/observer.h"
#include "unroll/train/optimizer.h"
#include "unroll/train/schedule.h"
#include "unroll/train/stretch_source.h"

namespace unroll {

struct TrainerOptions {
  std::uint64_t steps;               ///< in all
  double rate;                       ///< learning rate
  double clip;                       ///< the largest global norm of a gradient
  std::uint64_t validate_every = 0;  ///< steps; 0: after every pass over the data. And at the end
  std::uint64_t patience = 0;        ///< steps without a better validation that end it; 0: none do
  OptimizerOptions optimizer = {};
  Schedule schedule = {};  ///< of the learning rate
  Threshold threshold{};   ///< on the gradient that is passed back in time
  std::uint64_t seed = 0;  ///< of what dropout drops; a resumed training must have it again
};

/// How a training ended.
enum class Ending { kDone, kStopped };

/// Trains one network by truncated BPTT with carried state.
///
/// The same bits for any number of threads, and for a training that was stopped after any step and
/// restored in another process on the same instruction set.
template <class Real>
class Trainer {
 public:
  /// The error on the data kept apart, to be made small.
  using Validate = std::function<double(const Network<Real>&)>;
  /// Called when the state should be kept.
  using Save = std::function<Result<void>()>;

  /// All references must outlive it.
  ///
  /// Errors:  std::logic_error where CheckOptimizer or CheckSchedule would refuse the options;
  ///          std::bad_alloc, see TrainerBytes.
  Trainer(Network<Real>& network, const StretchSource<Real>& source, const Loss<Real>& loss,
          Validate validate, const TrainerOptions& options, ThreadPool& pool);

  bool done() const;

  /// One step.
  ///
  /// Errors:  kDiverged, naming the step and what was not finite, when the guard gives up.
  Result<Progress> Step(Observer& observer);

  /// Steps until it is done or `observer` stops it; then, and every `save_every` seconds, saves
  /// (not at the end). Observers hear of every step.
  ///
  /// Errors:  those of Step and of `save`.
  Result<Ending> Run(Observer& observer, double save_every, const Save& save);

  /// All that another process needs to go on, beside the network's weights: numbers, and the
  /// tensors of a Checkpoint: the moments as MomentNames has them, such as adam.m.*, best.*,
  /// good.*, good.adam.m.* and state.*.
  const TrainingState& state() const { return state_; }
  std::vector<NamedTensor> Extra() const;

  /// Goes on from there; the network has the checkpoint's weights.
  ///
  /// Errors:  kBadData, place "`file`: TENSOR", where a tensor is missing or misshapen.
  Result<void> Restore(const TrainingState& state, std::span<const NamedTensor> extra,
                       const std::string& file);

  /// The weights of the best validation; before the first, those that it began with.
  std::span<const Real> best() const { return best_.span(); }

  /// What the threshold did in all steps since it was made.
  const std::vector<ThresholdReport>& threshold_report() const { return threshold_report_; }

  /// Forces how walks are shared among threads; for tests.
  void ForceSplit(Split split) { pass_.ForceSplit(split); }

 private:
  WalkedStretch<Real> Walk(const Stretch<Real>& stretch);
  bool IsFinite(const WalkedStretch<Real>& walked) const;
  Result<void> SkipStep(const NotFinite& where, bool weights_lost, Observer& observer);
  std::optional<double> MaybeValidate();
  template <class Self>
  static auto Groups(Self& self);

  Network<Real>* network_;
  const StretchSource<Real>* source_;
  const Loss<Real>* loss_;
  Validate validate_;
  TrainerOptions options_;
  ThreadPool* pool_;
  Pass<Real> pass_;
  Optimizer<Real> optimizer_;
  LastGood<Real> good_;
  Buffer<Real> gradients_, best_;
  Buffer<Real> d_outputs_;
  TrainingState state_;
  std::vector<ThresholdReport> threshold_report_;
};

/// Arrays as long as the weights in a checkpoint.
std::uint64_t CheckpointArenas(const OptimizerOptions& optimizer);

/// Bytes that a network and its trainer allocate.
std::uint64_t TrainerBytes(const Specification& specification, const OptimizerOptions& optimizer,
                           std::size_t T, std::size_t B, int threads,
                           const Threshold& threshold = {});

}  // namespace unroll
