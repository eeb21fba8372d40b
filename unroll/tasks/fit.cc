#include "unroll/tasks/fit.h"

#include <span>
#include <utility>

#include "unroll/data/batches.h"
#include "unroll/kernels/instruction_sets.h"
#include "unroll/losses/regression.h"
#include "unroll/tasks/provenance.h"
#include "unroll/tasks/resume.h"
#include "unroll/tasks/series_stretches.h"
#include "unroll/tasks/validation.h"
#include "unroll/train/trainer.h"

namespace unroll {
namespace {

/// The first `values` of the series, of which those in `judged` count.
template <class Real>
Result<SeriesStretches<Real>> StretchesOf(const FitJob& job, std::size_t values,
                                          ValueRange judged) {
  Result<SeriesSteps<Real>> steps = MakeSteps<Real>(
      job.plan.scaling, std::span(job.series.values).first(values), judged, job.series.place);
  if (!steps) return tl::unexpected(steps.error());
  return SeriesStretches<Real>(std::move(*steps), job.plan.stretch);
}

/// `sets`: the instruction sets that the training has run on.
template <class Real>
Model ModelOf(const FitJob& job, const std::string& sets, const Network<Real>& network,
              std::span<const Real> weights, const TrainingState& state) {
  return {job.plan.specification, job.plan.scaling,
          ProvenanceOf(job.series, job.plan.specification.precision, sets, job.options.seed,
                       state.step, state.best_step),
          network.Unpack(weights)};
}

template <class Real>
Result<void> SaveCheckpoint(const FitJob& job, const std::string& sets,
                            const Network<Real>& network, const Trainer<Real>& trainer) {
  if (job.model_path.empty()) return {};
  Checkpoint checkpoint{ModelOf<Real>(job, sets, network, network.weights(), trainer.state()),
                        trainer.Extra(), trainer.state(), SettingsOf(job.options, job.plan)};
  checkpoint.training.seed = job.options.seed;
  checkpoint.training.data_checksum = DataChecksum(job.series);
  return WriteCheckpoint(job.files, CheckpointPath(job.model_path), checkpoint);
}

/// Gives the instruction sets that the training has run on so far.
template <class Real>
Result<std::string> Resume(const FitJob& job, Network<Real>& network, Trainer<Real>& trainer) {
  const Result<Checkpoint> found =
      FindCheckpoint(job.series, job.options, job.plan, job.model_path, job.files);
  if (!found) return tl::unexpected(found.error());
  network.Pack(found->model.weights, network.weights());
  const std::string path = CheckpointPath(job.model_path);
  if (auto restored = trainer.Restore(found->training, found->extra, path); !restored) {
    return tl::unexpected(restored.error());
  }
  const std::string sets = InstructionSetsBefore(found->model.provenance);
  job.observer.OnResume({path, found->training.step, sets, std::string(CurrentInstructionSet())});
  return sets;
}

/// Writes the model, unless it is the unjudged one of a stopped training; a checkpoint has done its
/// work when training is at its end.
Result<void> Keep(const FitJob& job, const FitReport& report) {
  if (job.model_path.empty() || (report.stopped && report.best_step == 0)) return {};
  if (auto kept = WriteModel(job.files, job.model_path, report.model); !kept) return kept;
  const std::string checkpoint = CheckpointPath(job.model_path);
  if (report.stopped || !job.files.Exists(checkpoint)) return {};
  return job.files.Remove(checkpoint);
}

}  // namespace

template <class Real>
Result<FitReport> FitIn(const FitJob& job) {
  const FitPlan& plan = job.plan;
  const std::size_t first = plan.training_values, values = job.series.values.size();
  const auto training = StretchesOf<Real>(job, first, {0, first});
  if (!training) return tl::unexpected(training.error());
  const auto judged = StretchesOf<Real>(job, values, {first, values});
  if (!judged) return tl::unexpected(judged.error());

  ThreadPool pool(plan.threads);
  Network<Real> network(plan.specification);
  network.Initialise(job.options.seed);
  Validation<Real> validation(network, *judged, pool);
  const SquaredError<Real> loss;
  Trainer<Real> trainer(
      network, *training, loss, [&](const Network<Real>&) { return validation.Error(); },
      {plan.steps, job.options.rate, job.options.clip, /*validate_every=*/0, /*patience=*/0,
       plan.optimizer, job.options.schedule, plan.threshold, job.options.seed},
      pool);
  Result<std::string> sets = job.options.resume ? Resume(job, network, trainer) : "";
  if (!sets) return tl::unexpected(sets.error());
  *sets = InstructionSetsWithThis(*sets);
  const Result<Ending> ending = trainer.Run(job.observer, job.options.save_every, [&] {
    return SaveCheckpoint(job, *sets, network, trainer);
  });
  if (!ending) return tl::unexpected(ending.error());

  const TrainingState& state = trainer.state();
  FitReport report;
  report.stopped = *ending == Ending::kStopped;
  report.steps = state.step, report.planned_steps = plan.steps;
  report.best_step = state.best_step, report.skipped_steps = state.skipped_steps;
  report.training_values = first, report.validation_values = plan.validation_values;
  report.model = ModelOf<Real>(job, *sets, network,
                               state.best_step > 0 ? trainer.best() : network.weights(), state);
  network.Pack(report.model.weights, network.weights());
  const Comparison comparison = validation.Compare(job.series, plan.scaling, first);
  report.validation_error = comparison.error;
  report.threshold = trainer.threshold_report();
  report.seasonal_naive_error = comparison.seasonal_naive_error;
  if (auto kept = Keep(job, report); !kept) return tl::unexpected(kept.error());
  return report;
}

template Result<FitReport> FitIn<float>(const FitJob& job);
template Result<FitReport> FitIn<double>(const FitJob& job);

}  // namespace unroll
