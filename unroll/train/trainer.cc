#include "unroll/train/trainer.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "unroll/kernels/vector.h"
#include "unroll/layers/recurrent.h"
#include "unroll/train/carried_state.h"
#include "unroll/train/threshold.h"

namespace unroll {
namespace {

constexpr const char* kBest = "best.";
constexpr const char* kGood = "good.";

template <class Real>
void Copy(std::span<const Real> from, std::span<Real> to) {
  std::copy(from.begin(), from.end(), to.begin());
}

}  // namespace

template <class Real>
Trainer<Real>::Trainer(Network<Real>& network, const StretchSource<Real>& source,
                       const Loss<Real>& loss, Validate validate, const TrainerOptions& options,
                       ThreadPool& pool)
    : network_(&network),
      source_(&source),
      loss_(&loss),
      validate_(std::move(validate)),
      options_(options),
      pool_(&pool),
      pass_(network, source.T(), source.B(), {PassKind::kTraining, 0, options.threshold}, pool),
      optimizer_(network.weights().size(), options.optimizer),
      good_(network.weights(), options.optimizer),
      gradients_(network.weights().size()),
      best_(network.weights().size()),
      d_outputs_(source.T() * source.B() * network.specification().outputs) {
  if (const Result<void> sound = CheckSchedule(options.schedule, options.steps); !sound) {
    throw std::logic_error("Trainer: " + sound.error().Message());
  }
  Copy<Real>(network.weights(), best_.span());
}

template <class Real>
bool Trainer<Real>::done() const {
  const bool waited = options_.patience > 0 && state_.steps_without_gain >= options_.patience;
  return state_.step >= options_.steps || waited;
}

/// Forward and back.
template <class Real>
WalkedStretch<Real> Trainer<Real>::Walk(const Stretch<Real>& stretch) {
  if (stretch.begins) pass_.Reset();
  std::vector<Real> before = pass_.SaveState();
  PassInput<Real> input(stretch.x);
  const Specification& s = network_->specification();
  if (s.dropout > 0 || s.recurrent_dropout > 0) input.dropout = {options_.seed, state_.step};
  const Tensor<const Real> outputs = pass_.Forward(input);
  std::vector<Real> after = pass_.SaveState();
  const Tensor<Real> d_outputs{d_outputs_.data(), outputs.shape};
  const double loss =
      loss_->Evaluate({outputs, stretch.target, stretch.mask}, Reduction::kMean, d_outputs);
  gradients_.Zero();
  pass_.Backward(d_outputs, gradients_.span());
  AddReport(pass_.threshold_report(), threshold_report_);
  return {stretch,
          input,
          outputs,
          d_outputs,
          gradients_.span(),
          std::move(before),
          std::move(after),
          loss,
          EuclideanNorm<Real>(gradients_.span(), *pool_)};
}

template <class Real>
bool Trainer<Real>::IsFinite(const WalkedStretch<Real>& walked) const {
  return std::isfinite(walked.loss) && std::isfinite(walked.norm) &&
         AllFinite<Real>(walked.after, *pool_);
}

template <class Real>
Result<Progress> Trainer<Real>::Step(Observer& observer) {
  const Stretch<Real> stretch = source_->At(state_.step);
  const WalkedStretch<Real> walked = Walk(stretch);
  const bool finite = IsFinite(walked);
  const double rate = options_.rate * RateFactor(options_.schedule, state_.step, options_.steps) *
                      state_.rate_factor;
  if (finite) good_.MaybeKeep(network_->weights(), optimizer_, state_);
  ++state_.step;
  state_.pass = state_.step / source_->per_pass();
  state_.position = state_.step % source_->per_pass();
  Result<void> went;
  if (!finite) {
    went = SkipStep(FindInWalk(*network_, *loss_, walked, pass_), false, observer);
  } else if (!optimizer_.Update(network_->weights(), gradients_.span(), rate,
                                ThresholdFactor(walked.norm, options_.clip), *pool_)) {
    went = SkipStep(FindInUpdate(*network_, optimizer_, options_.optimizer), true, observer);
  } else {
    NoteGoodStep(state_);
  }
  if (!went) return tl::unexpected(went.error());
  state_.updates = optimizer_.updates();
  return Progress{state_.step, options_.steps, walked.loss,          MaybeValidate(),
                  walked.norm, rate,           state_.skipped_steps, 0};
}

template <class Real>
Result<void> Trainer<Real>::SkipStep(const NotFinite& where, bool weights_lost,
                                     Observer& observer) {
  pass_.Reset();  // what it carries may be no number either
  const Verdict verdict = JudgeSkippedStep(weights_lost, state_);
  if (verdict == Verdict::kDiverged) return tl::unexpected(Diverged(state_.step, where));
  if (verdict == Verdict::kRollBack) good_.GoBack(network_->weights(), optimizer_);
  observer.OnSkip({state_.step, where, verdict == Verdict::kRollBack});
  return {};
}

/// The validation that is due after this step, if any.
template <class Real>
std::optional<double> Trainer<Real>::MaybeValidate() {
  const std::uint64_t every =
      options_.validate_every > 0 ? options_.validate_every : source_->per_pass();
  state_.steps_without_gain = state_.step - state_.best_step;
  if (state_.step % every != 0 && state_.step < options_.steps) return std::nullopt;
  const double error = validate_(*network_);
  if (error < state_.best_validation) {  // false for NaN
    state_.best_validation = error;
    state_.best_step = state_.step;
    state_.steps_without_gain = 0;
    Copy<Real>(network_->weights(), best_.span());
  }
  return error;
}

template <class Real>
Result<Ending> Trainer<Real>::Run(Observer& observer, double save_every, const Save& save) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point begin = Clock::now();
  const auto seconds_since = [](Clock::time_point then) {
    return std::chrono::duration<double>(Clock::now() - then).count();
  };
  Clock::time_point saved = begin;
  while (!done()) {
    Result<Progress> progress = Step(observer);
    if (!progress) return tl::unexpected(progress.error());
    progress->seconds = seconds_since(begin);
    observer.OnProgress(*progress);
    if (done()) break;
    const bool stopped = observer.ShouldStop();
    if (!stopped && seconds_since(saved) < save_every) continue;
    if (const Result<void> kept = save(); !kept) return tl::unexpected(kept.error());
    saved = Clock::now();
    if (stopped) return Ending::kStopped;
  }
  return Ending::kDone;
}

/// What a checkpoint holds that lies as the weights do, by the prefix of its names.
template <class Real>
template <class Self>
auto Trainer<Real>::Groups(Self& self) {
  using Numbers = decltype(self.best_.span());
  std::vector<std::pair<std::string, Numbers>> groups = {{kBest, self.best_.span()},
                                                         {kGood, self.good_.weights.span()}};
  const std::vector<std::string> names = MomentNames(self.options_.optimizer);
  for (std::size_t k = 0; k < names.size(); ++k) {
    groups.emplace_back(names[k] + ".", self.optimizer_.moment(k));
    groups.emplace_back(kGood + names[k] + ".", self.good_.optimizer.moment(k));
  }
  return groups;
}

template <class Real>
std::vector<NamedTensor> Trainer<Real>::Extra() const {
  std::vector<NamedTensor> extra;
  const auto add = [&extra](std::vector<NamedTensor> tensors) {
    std::move(tensors.begin(), tensors.end(), std::back_inserter(extra));
  };
  for (const auto& [prefix, numbers] : Groups(*this)) add(network_->Unpack(numbers, prefix));
  const std::vector<Real> carried = pass_.SaveState();
  add(StateToTensors<Real>(StateTensors(*network_, source_->B()), carried));
  return extra;
}

template <class Real>
Result<void> Trainer<Real>::Restore(const TrainingState& state, std::span<const NamedTensor> extra,
                                    const std::string& file) {
  const std::vector<TensorName> carried = StateTensors(*network_, source_->B());
  std::vector<TensorName> wanted = carried;
  const auto groups = Groups(*this);
  for (const TensorName& weight : ExpectedTensors(network_->specification())) {
    for (const auto& group : groups) wanted.push_back({group.first + weight.name, weight.dims});
  }
  for (const TensorName& tensor : wanted) {
    const NamedTensor* found = Find(extra, tensor.name);
    if (found == nullptr || found->dims != tensor.dims ||
        !std::holds_alternative<std::vector<Real>>(found->values)) {
      return Fail(
          Failure::kBadData, file + ": " + tensor.name,
          fmt::format("a tensor {} in the precision of the weights", DimsInWords(tensor.dims)),
          found == nullptr ? "none" : "another");
    }
  }
  for (const auto& [prefix, numbers] : groups) network_->Pack(extra, numbers, prefix);
  pass_.LoadState(StateFromTensors<Real>(carried, extra));
  optimizer_.set_updates(state.updates);
  good_.optimizer.set_updates(state.good_updates);
  state_ = state;
  return {};
}

std::uint64_t CheckpointArenas(const OptimizerOptions& optimizer) {
  return 3 + 2 * MomentNames(optimizer).size();  // weights: now, good, best; moments: now, good
}

std::uint64_t TrainerBytes(const Specification& specification, const OptimizerOptions& optimizer,
                           std::size_t T, std::size_t B, int threads, const Threshold& threshold) {
  const bool single = specification.precision == Precision::kFp32;
  const std::uint64_t arena =
      single ? ArenaSize<float>(specification) : ArenaSize<double>(specification);
  const std::uint64_t arenas = CheckpointArenas(optimizer) + 1;  // the gradients
  return (arenas * arena + T * B * (specification.inputs + specification.outputs)) *
             (single ? sizeof(float) : sizeof(double)) +
         PassBytes(specification, T, B, {PassKind::kTraining, 0, threshold}, threads);
}

template class Trainer<float>;
template class Trainer<double>;

}  // namespace unroll
