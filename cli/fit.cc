#include "cli/fit.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <csignal>
#include <filesystem>

#include "cli/common_flags.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/schedule.h"
#include "cli/signals.h"
#include "unroll/base/files.h"
#include "unroll/base/memory.h"
#include "unroll/train/observer.h"

namespace unroll::cli {
namespace {

constexpr WholeRange kExtent{1, 65536};
constexpr WholeRange kCount{1, 1'000'000'000};
constexpr RealRange kRate{0, 10};
constexpr RealRange kNorm{0, 1e15};
constexpr RealRange kMomentum{0, 0.9999};
constexpr RealRange kDecay{0, 10};
constexpr RealRange kSeconds{0, 1e9};

/// Shows a training, and stops it where a signal wants that.
class Watch : public Observer {
 public:
  explicit Watch(bool quiet) : quiet_(quiet), display_(ProgressDisplay::StyleFor(quiet)) {}

  void OnResume(const Resumption& resumption) override {
    if (quiet_ || resumption.begun_on == resumption.runs_on) return;
    Say(fmt::format("{} was begun on {}; this run is on {}: the bits may differ\n",
                    Escaped(resumption.checkpoint, 4096), Escaped(resumption.begun_on),
                    resumption.runs_on));
  }
  void OnProgress(const Progress& progress) override { display_.Show(progress); }
  void OnSkip(const SkippedStep& skipped) override {
    if (quiet_) return;
    display_.Clear();
    Say(fmt::format("step {} skipped: the {} is not finite{}\n", skipped.step,
                    InWords(skipped.where),
                    skipped.rolled_back ? "; back to the last good state, at half the rate" : ""));
  }
  bool ShouldStop() override { return StopWanted(); }

 private:
  const bool quiet_;
  ProgressDisplay display_;
};

/// "1 step", "2 steps"
std::string Count(std::uint64_t number, const char* what) {
  return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
}

/// "1 unit", "64 units", "64,32 units"
std::string Units(const PerLayer& hidden) {
  if (hidden.numbers.size() == 1) return Count(hidden[0], "unit");
  return hidden.InWords() + " units";
}

/// The command that takes up a stopped training.
std::string ResumeCommand(const FitJob& job) {
  std::string command = "unroll " + job.command;
  for (const std::string& word : job.words) command += " " + ShellWord(word);
  const bool resumes = std::find(job.words.begin(), job.words.end(), "--resume") != job.words.end();
  return resumes ? command : command + " --resume";
}

tl::unexpected<Error> Stopped(const FitJob& job, const FitReport& report) {
  const bool by_hand = StopSignal() == SIGINT;
  const std::string mend =
      job.model_path.empty()
          ? "nothing is kept without --save MODEL"
          : fmt::format("{} is saved, go on with: {}",
                        Escaped(CheckpointPath(job.model_path), 4096), ResumeCommand(job));
  return Fail(by_hand ? Failure::kInterrupted : Failure::kTerminated, job.command,
              "all " + Count(report.planned_steps, "step"),
              fmt::format("{} after step {}", by_hand ? "SIGINT" : "SIGTERM", report.steps), mend);
}

void SayBefore(const FitJob& job, const Series& series, const ForecastingOptions& options) {
  Say(InWords(series) + "\n");
  const std::uint64_t season = options.season > 0 ? options.season : series.Season();
  const bool chosen = options.horizon == 0;
  const std::uint64_t horizon = chosen ? defaults::Horizon(season) : options.horizon;
  Say(fmt::format("season {}, horizon {}{}; {}, {}, {}\n", season, horizon,
                  chosen ? " (--horizon sets another)" : "", options.cell, Units(options.hidden),
                  Count(options.layers, "layer")));
  if (!job.model_path.empty() && !options.resume &&
      RealFiles().Exists(CheckpointPath(job.model_path))) {
    Say(fmt::format("{} of an earlier training is replaced (--resume goes on from it)\n",
                    Escaped(CheckpointPath(job.model_path), 4096)));
  }
}

void SayAfter(const FitJob& job, const FitReport& report) {
  Say(fmt::format("trained on {}, {}, best after step {}\n", Count(report.training_values, "value"),
                  Count(report.steps, "step"), report.best_step));
  Say(fmt::format("mean absolute error on the last {}, kept apart: {:.4g} ({}: {:.4g})\n",
                  Count(report.validation_values, "value"), report.validation_error,
                  report.model.scaling->season > 1 ? "seasonal naive" : "naive",
                  report.seasonal_naive_error));
  for (const ThresholdReport& state : report.threshold) {
    Say(fmt::format("threshold on {}: acted at {} of {}, left {:.4g} of the gradient\n",
                    state.state, state.acted, Count(state.steps, "step"), state.kept));
  }
  if (!job.model_path.empty()) Say(fmt::format("saved {}\n", Escaped(job.model_path, 4096)));
}

}  // namespace

void SeriesFlags::AddOperandTo(Flags& flags) {
  flags.AddOperand("FILE", "CSV: one column of numbers, or a date and a number", &file);
}

void SeriesFlags::AddTo(Flags& flags, const std::string& without_horizon) {
  flags.AddWhole("--horizon", kExtent, "Steps ahead (default: " + without_horizon + ")", &horizon);
  flags.AddWhole("--threads", kThreadRange, "Threads (default: all processors)", &threads);
  AddMemory(flags, &memory);
  flags.AddSwitch("--quiet", "No words but errors", &quiet);
  flags.AddSwitch("--json", "Print one JSON document", &json);
}

void FitFlags::AddTo(Flags& flags) {
  network.AddTo(flags);
  flags.AddWhole("--steps", kCount, fmt::format("Updates (default {})", defaults::kSteps), &steps);
  flags.AddWhole("--epochs", kCount, "Passes over the series, instead of --steps", &epochs);
  flags.AddReal("--lr", kRate, fmt::format("Learning rate (default {})", defaults::kRate), &rate);
  flags.AddChoice("--optimizer", OptimizerChoices(),
                  fmt::format("{} (default adam)", fmt::join(OptimizerChoices(), ", ")),
                  &optimizer);
  flags.AddReal("--momentum", kMomentum, "Of sgd and rmsprop (default: none)", &momentum);
  flags.AddReal("--weight-decay", kDecay, "Pull to 0 (default: none; of adamw 0.01)",
                &weight_decay);
  flags.AddText("--schedule", "SCHEDULE",
                fmt::format("Of the learning rate: {} (default constant)", kSchedulesInWords),
                &schedule);
  flags.AddWhole("--warm-up", kCount, "Steps in which the rate grows to --lr (default: none)",
                 &warm_up);
  flags.AddReal("--clip", kNorm,
                fmt::format("Largest global norm of a gradient (default {})", defaults::kClip),
                &clip);
  flags.AddWhole("--seed", {}, "Seed of all random numbers (default 1)", &seed);
  flags.AddChoice("--precision", kPrecisions, "fp32 (default) or fp64", &precision);
  flags.AddWhole("--season", kExtent, "Steps in a season (default: from the dates)", &season);
  flags.AddReal("--save-every", kSeconds,
                fmt::format("Seconds between checkpoints (default {})", defaults::kSaveEvery),
                &save_every);
  flags.AddSwitch("--resume", "Go on from the checkpoint of a stopped training", &resume);
}

std::string FitFlags::FirstGiven() const {
  if (std::string name = network.FirstGiven(); !name.empty()) return name;
  const std::pair<const char*, bool> given[] = {
      {"--steps", steps.has_value()},
      {"--epochs", epochs.has_value()},
      {"--lr", rate.has_value()},
      {"--optimizer", !optimizer.empty()},
      {"--momentum", momentum.has_value()},
      {"--weight-decay", weight_decay.has_value()},
      {"--schedule", !schedule.empty()},
      {"--warm-up", warm_up.has_value()},
      {"--clip", clip.has_value()},
      {"--seed", seed.has_value()},
      {"--precision", !precision.empty()},
      {"--season", season.has_value()},
      {"--resume", resume},
      {"--save-every", save_every.has_value()},
  };
  for (const auto& [name, is_given] : given) {
    if (is_given) return name;
  }
  return "";
}

Result<ForecastingOptions> OptionsOf(const SeriesFlags& shared, const FitFlags& fit) {
  if (fit.steps && fit.epochs) {
    return Fail(Failure::kUsage, "--epochs", "not to be given with --steps", "both",
                "leave one of them out");
  }
  ForecastingOptions options;
  if (auto sound = fit.network.ApplyTo(options); !sound) return tl::unexpected(sound.error());
  if (fit.precision == NameOf(Precision::kFp64)) options.precision = Precision::kFp64;
  options.horizon = shared.horizon.value_or(options.horizon);
  options.season = fit.season.value_or(options.season);
  options.steps = fit.steps.value_or(options.steps);
  options.epochs = fit.epochs.value_or(options.epochs);
  options.rate = fit.rate.value_or(options.rate);
  if (!fit.optimizer.empty()) options.optimizer = DefaultsOf(*FindRule(fit.optimizer));
  options.optimizer.momentum = fit.momentum.value_or(options.optimizer.momentum);
  options.optimizer.weight_decay = fit.weight_decay.value_or(options.optimizer.weight_decay);
  if (!fit.schedule.empty()) {
    const Result<Schedule> schedule = ParseSchedule(fit.schedule);
    if (!schedule) return tl::unexpected(schedule.error());
    options.schedule = *schedule;
  }
  options.schedule.warm_up = fit.warm_up.value_or(0);
  options.clip = fit.clip.value_or(options.clip);
  options.seed = fit.seed.value_or(options.seed);
  options.threads = static_cast<int>(shared.threads.value_or(0));
  options.save_every = fit.save_every.value_or(options.save_every);
  options.memory_limit = shared.memory;
  options.resume = fit.resume;
  return options;
}

Result<Series> ReadSeriesFile(const std::string& path, std::optional<std::uint64_t> memory) {
  // A row of two bytes becomes cells, places and values of about 40.
  constexpr std::uint64_t kShare = 32, kLeast = std::uint64_t{1} << 20;
  const std::uint64_t limit = std::max(kLeast, MemoryLimit(memory) / kShare);
  Result<std::string> text = RealFiles().Read(path, limit);
  if (!text) return tl::unexpected(text.error());
  return ReadSeries(std::move(*text), path);
}

std::string InWords(const Series& series) {
  std::string words = fmt::format("{}: {} of {}", Escaped(series.place, 4096),
                                  Count(series.values.size(), "value"), Escaped(series.value_name));
  if (!series.dates) return words + ", without dates";
  const DateAxis& dates = *series.dates;
  const auto last = static_cast<std::int64_t>(series.values.size()) - 1;
  return words + fmt::format(", {} from {} to {}", dates.Frequency(), dates.At(0), dates.At(last));
}

Result<FitReport> FitAndTell(const FitJob& job, const Series& series,
                             const ForecastingOptions& options) {
  NoteStopSignals();
  if (!job.quiet) SayBefore(job, series, options);
  const auto fit = [&] {
    Watch watch(job.quiet);  // whose bar is gone before other words follow
    return Fit(series, options, job.model_path, RealFiles(), watch);
  };
  Result<FitReport> report = fit();
  if (!report) return report;
  if (report->stopped) return Stopped(job, *report);
  if (!job.quiet) SayAfter(job, *report);
  return report;
}

Json InJson(const FitReport& report) {
  return {{"season", report.model.scaling->season},
          {"horizon", report.model.scaling->horizon()},
          {"steps", report.steps},
          {"best_step", report.best_step},
          {"skipped_steps", report.skipped_steps},
          {"training_values", report.training_values},
          {"validation_values", report.validation_values},
          {"validation_error", report.validation_error},
          {"seasonal_naive_error", report.seasonal_naive_error}};
}

bool IsSameFile(const std::string& one, const std::string& other) {
  namespace fs = std::filesystem;
  std::error_code none;
  if (fs::equivalent(one, other, none)) return true;  // by another link, too
  const auto whole = [&](const std::string& path) {
    return fs::weakly_canonical(fs::absolute(path, none), none);
  };
  return !one.empty() && !other.empty() && whole(one) == whole(other) && !none;
}

Result<void> CheckOutput(const std::string& flag, const std::string& path,
                         const std::string& input) {
  if (IsSameFile(path, input)) {
    return Fail(Failure::kCannotCreate, flag, "another file than the input",
                fmt::format("\"{}\"", Escaped(path)));
  }
  return CheckWritable(path);
}

}  // namespace unroll::cli
