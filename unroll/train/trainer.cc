#include "unroll/train/trainer.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iterator>
#include <utility>

#include "unroll/layers/recurrent.h"
#include "unroll/train/carried_state.h"
#include "unroll/train/guard.h"
#include "unroll/train/threshold.h"

namespace unroll {
namespace {

constexpr const char* kMoment1 = "adam.m.";
constexpr const char* kMoment2 = "adam.v.";
constexpr const char* kBest = "best.";

template <class Real>
void Copy(std::span<const Real> from, std::span<Real> to) {
  std::copy(from.begin(), from.end(), to.begin());
}

}  // namespace

template <class Real>
struct Trainer<Real>::Walked {
  Tensor<const Real> outputs;
  double loss, norm;

  bool finite() const { return std::isfinite(loss) && std::isfinite(norm); }
};

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
      adam_(network.weights().size()),
      gradients_(network.weights().size()),
      best_(network.weights().size()),
      d_outputs_(source.T() * source.B() * network.specification().outputs) {
  Copy<Real>(network.weights(), best_.span());
}

template <class Real>
bool Trainer<Real>::done() const {
  const bool waited = options_.patience > 0 && state_.steps_without_gain >= options_.patience;
  return state_.step >= options_.steps || waited;
}

/// Forward and back.
template <class Real>
auto Trainer<Real>::Walk(const Stretch<Real>& stretch) -> Walked {
  if (stretch.begins) pass_.Reset();
  PassInput<Real> input(stretch.x);
  const Specification& s = network_->specification();
  if (s.dropout > 0 || s.recurrent_dropout > 0) input.dropout = {options_.seed, state_.step};
  const Tensor<const Real> outputs = pass_.Forward(input);
  const Tensor<Real> d_outputs{d_outputs_.data(), outputs.shape};
  const double loss =
      loss_->Evaluate({outputs, stretch.target, stretch.mask}, Reduction::kMean, d_outputs);
  gradients_.Zero();
  pass_.Backward(d_outputs, gradients_.span());
  AddReport(pass_.threshold_report(), threshold_report_);
  return {outputs, loss, EuclideanNorm<Real>(gradients_.span(), *pool_)};
}

template <class Real>
Result<Progress> Trainer<Real>::Step(Observer& observer) {
  const Stretch<Real> stretch = source_->At(state_.step);
  const Walked walked = Walk(stretch);
  const double rate = options_.rate * state_.rate_factor;
  ++state_.step;
  state_.pass = state_.step / source_->per_pass();
  state_.position = state_.step % source_->per_pass();
  Result<void> went;
  if (!walked.finite()) {
    went = SkipStep(WhereNotFinite(stretch, walked), false, observer);
  } else if (!adam_.Update(network_->weights(), gradients_.span(), rate,
                           ThresholdFactor(walked.norm, options_.clip), *pool_)) {
    went = SkipStep("the updated weights", true, observer);
  } else {
    NoteGoodStep(state_);
  }
  if (!went) return tl::unexpected(went.error());
  state_.updates = adam_.updates();
  return Progress{state_.step, options_.steps, walked.loss,          MaybeValidate(),
                  walked.norm, rate,           state_.skipped_steps, 0};
}

/// What of a step was not finite first.
template <class Real>
std::string Trainer<Real>::WhereNotFinite(const Stretch<Real>& stretch, const Walked& walked) {
  const auto finite = [](Real number) { return std::isfinite(number); };
  if (!std::all_of(stretch.x.begin(), stretch.x.end(), finite)) return "the input";
  if (!std::isfinite(walked.loss)) {
    for (std::size_t i = 0; i < stretch.target.size(); ++i) {
      if (stretch.mask[i] != Real(0) && !loss_->Takes(stretch.target[i])) return "the target";
    }
    return "the output";
  }
  for (const NamedTensor& tensor : network_->Unpack(gradients_.span())) {
    const std::span<const Real> numbers = tensor.As<Real>();
    if (!std::all_of(numbers.begin(), numbers.end(), finite)) {
      return "the gradient of " + tensor.name;
    }
  }
  return "the gradient's norm";
}

template <class Real>
Result<void> Trainer<Real>::SkipStep(const std::string& where, bool weights_lost,
                                     Observer& observer) {
  pass_.Reset();  // what it carries may be no number either
  const Verdict verdict = JudgeSkippedStep(weights_lost, state_);
  if (verdict == Verdict::kDiverged) return tl::unexpected(Diverged(state_.step, where));
  if (verdict == Verdict::kRollBack) {
    Copy<Real>(best_.span(), network_->weights());
    adam_.BeginAnew();
  }
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

template <class Real>
std::vector<NamedTensor> Trainer<Real>::Extra() const {
  std::vector<NamedTensor> extra = network_->Unpack(adam_.m(), kMoment1);
  const auto add = [&extra](std::vector<NamedTensor> tensors) {
    std::move(tensors.begin(), tensors.end(), std::back_inserter(extra));
  };
  add(network_->Unpack(adam_.v(), kMoment2));
  add(network_->Unpack(best_.span(), kBest));
  const std::vector<Real> carried = pass_.SaveState();
  add(StateToTensors<Real>(StateTensors(*network_, source_->B()), carried));
  return extra;
}

template <class Real>
Result<void> Trainer<Real>::Restore(const TrainingState& state, std::span<const NamedTensor> extra,
                                    const std::string& file) {
  const std::vector<TensorName> carried = StateTensors(*network_, source_->B());
  std::vector<TensorName> wanted = carried;
  for (const TensorName& weight : ExpectedTensors(network_->specification())) {
    for (const char* group : {kMoment1, kMoment2, kBest}) {
      wanted.push_back({group + weight.name, weight.dims});
    }
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
  network_->Pack(extra, adam_.m(), kMoment1);
  network_->Pack(extra, adam_.v(), kMoment2);
  network_->Pack(extra, best_.span(), kBest);
  pass_.LoadState(StateFromTensors<Real>(carried, extra));
  adam_.set_updates(state.updates);
  state_ = state;
  return {};
}

std::uint64_t TrainerBytes(const Specification& specification, std::size_t T, std::size_t B,
                           int threads, const Threshold& threshold) {
  constexpr std::uint64_t kArenas = 5;  // weights, gradients, two moments, the best weights
  const bool single = specification.precision == Precision::kFp32;
  const std::uint64_t arena =
      single ? ArenaSize<float>(specification) : ArenaSize<double>(specification);
  return (kArenas * arena + T * B * specification.outputs) *
             (single ? sizeof(float) : sizeof(double)) +
         PassBytes(specification, T, B, {PassKind::kTraining, 0, threshold}, threads);
}

template class Trainer<float>;
template class Trainer<double>;

}  // namespace unroll
