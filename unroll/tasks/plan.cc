#include "unroll/tasks/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <string>

#include "unroll/base/memory.h"
#include "unroll/base/threads.h"
#include "unroll/network/pass.h"
#include "unroll/train/trainer.h"

namespace unroll {
namespace {

constexpr std::uint64_t kLongestSeason = 65536;

Result<void> CheckPositive(const char* flag, double number) {
  if (number > 0 && std::isfinite(number)) return {};
  return Fail(Failure::kUsage, flag, "a number above 0", fmt::to_string(number));
}

/// An error about an option, by the name of its flag.
Result<void> AsFlag(Result<void> checked) {
  if (checked) return checked;
  Error error = std::move(checked).error();
  std::replace(error.place.begin(), error.place.end(), '_', '-');
  error.place = "--" + error.place;
  return tl::unexpected(std::move(error));
}

Result<void> CheckOptions(const ForecastingOptions& options) {
  if (options.steps > 0 && options.epochs > 0) {
    return Fail(Failure::kUsage, "--epochs", "not to be given with --steps", "both",
                "leave one of them out");
  }
  if (options.season > kLongestSeason) {
    return Fail(Failure::kUsage, "--season", fmt::format("at most {} steps", kLongestSeason),
                fmt::to_string(options.season));
  }
  if (options.threads < 0) {
    return Fail(Failure::kUsage, "--threads", "at least 1", fmt::to_string(options.threads));
  }
  if (!(options.save_every >= 0)) {
    return Fail(Failure::kUsage, "--save-every", "at least 0 seconds",
                fmt::to_string(options.save_every));
  }
  return CheckPositive("--lr", options.rate)
      .and_then([&] { return CheckPositive("--clip", options.clip); })
      .and_then([&] { return AsFlag(CheckOptimizer(options.optimizer)); });
}

/// What a network may be, but not one that reads a series step by step and forecasts at each.
Result<void> CheckForForecasting(const ForecastingOptions& options) {
  if (options.direction != Direction::kForward) {
    return Fail(Failure::kUsage, "--direction",
                "forward, for a layer in reverse sees the values that are to be forecast",
                std::string(NameOf(options.direction)));
  }
  if (options.initial != Initial::kZeros && options.initial != Initial::kLearned) {
    return Fail(Failure::kUsage, "--initial", "zeros or learned",
                std::string(NameOf(options.initial)));
  }
  const Threshold& threshold = options.threshold;
  if (threshold.kind == Threshold::Kind::kNone) return {};
  return CheckPositive("--threshold", threshold.limit);
}

/// The network, but for its inputs; checked before anything is sized by it.
Result<Specification> SpecificationOf(const ForecastingOptions& options, std::uint64_t season) {
  Specification specification;
  specification.cell = options.cell;
  specification.inputs = season > 1 ? 2 : 1;
  specification.hidden = options.hidden;
  specification.layers = options.layers;
  specification.outputs = options.horizon > 0 ? options.horizon : defaults::Horizon(season);
  specification.precision = options.precision;
  specification.activation = options.activation;
  specification.forget_bias = options.forget_bias;
  specification.residual = options.residual;
  specification.dropout = options.dropout;
  specification.recurrent_dropout = options.recurrent_dropout;
  specification.initial = options.initial;
  if (auto sound = CheckForForecasting(options); !sound) return tl::unexpected(sound.error());
  if (Result<void> sound = CheckSpecification(specification); !sound) {
    Error error = std::move(sound).error();
    std::replace(error.place.begin(), error.place.end(), '_', '-');
    error.place = error.place == "outputs"  ? "--horizon"
                  : error.place == "inputs" ? "--cell"
                                            : "--" + error.place;
    return tl::unexpected(std::move(error));
  }
  return specification;
}

/// The fewest values of which enough are left to train on.
std::size_t LeastValues(std::size_t season, std::size_t horizon) {
  const std::size_t training = LeastTrainingValues(season, horizon);
  std::size_t values = training;
  while (values - defaults::ValidationValues(values, horizon) < training) ++values;
  return values;
}

}  // namespace

Result<FitPlan> MakePlan(const Series& series, const ForecastingOptions& options) {
  if (Result<void> sound = CheckOptions(options); !sound) return tl::unexpected(sound.error());
  const std::uint64_t season = options.season > 0 ? options.season : series.Season();
  const Result<Specification> specification = SpecificationOf(options, season);
  if (!specification) return tl::unexpected(specification.error());
  FitPlan plan;
  plan.specification = *specification;
  plan.optimizer = options.optimizer;
  const std::size_t values = series.values.size(), horizon = plan.specification.outputs;
  if (const std::size_t least = LeastValues(season, horizon); values < least) {
    return Fail(Failure::kBadData, series.place,
                fmt::format("at least {} values for a season of {} and a horizon of {}", least,
                            season, horizon),
                fmt::to_string(values), "take a longer series, or a shorter --horizon or --season");
  }
  plan.validation_values = defaults::ValidationValues(values, horizon);
  plan.training_values = values - plan.validation_values;
  plan.stretch = defaults::StretchSteps(plan.training_values);
  const std::uint64_t per_pass = (plan.training_values + plan.stretch - 1) / plan.stretch;
  plan.steps = options.epochs > 0  ? options.epochs * per_pass
               : options.steps > 0 ? options.steps
                                   : defaults::kSteps;
  if (auto sound = AsFlag(CheckSchedule(options.schedule, plan.steps)); !sound) {
    return tl::unexpected(sound.error());
  }
  plan.threshold = options.threshold;
  plan.threads = options.threads > 0 ? options.threads : AvailableProcessors();
  plan.scaling = FitScaling(std::span(series.values).first(plan.training_values), season, horizon,
                            AllPositive(series.values));
  return plan;
}

std::uint64_t BytesOf(const FitPlan& plan, std::size_t values, bool resumes) {
  const Specification& specification = plan.specification;
  const std::uint64_t number = specification.precision == Precision::kFp32 ? 4 : 8;
  const std::uint64_t a_step = specification.inputs + 2 * specification.outputs;
  const std::uint64_t steps =
      (values + plan.training_values) * a_step * number + values * 2 * sizeof(double);
  // A checkpoint is held as tensors when it is written, and also as a file when it is read.
  const std::uint64_t arenas = CheckpointArenas(plan.optimizer);
  const std::uint64_t copies = (resumes ? 2 : 1) * arenas + 1;
  return kSmallThings + steps + copies * CountWeights(specification) * number +
         TrainerBytes(specification, plan.optimizer, plan.stretch, 1, plan.threads,
                      plan.threshold) +
         PassBytes(specification, plan.stretch, 1, PassKind::kInference, plan.threads);
}

}  // namespace unroll
