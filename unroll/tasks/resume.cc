#include "unroll/tasks/resume.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "unroll/model/safetensors.h"

namespace unroll {
namespace {

constexpr const char* kBeginAnew = "train anew without --resume";
constexpr const char* kSteps = "--steps";

/// That the flags are those of the checkpoint. Other steps will do where no step that is done would
/// have been another with them.
Result<void> CheckSettings(const std::map<std::string, std::string>& settings,
                           const Checkpoint& found, const FitPlan& plan, const Schedule& schedule,
                           const std::string& path) {
  for (const auto& [flag, value] : settings) {
    const auto before = found.settings.find(flag);
    const std::string then = before == found.settings.end() ? "nothing" : Escaped(before->second);
    if (then == value || (flag == kSteps && !DependsOnSteps(schedule))) continue;
    const std::string why = flag == kSteps ? ", which its schedule ends at" : "";
    return Fail(Failure::kUsage, flag, fmt::format("{}, as {} was begun with{}", then, path, why),
                value, fmt::format("give the same flags again, or {}", kBeginAnew));
  }
  if (plan.steps > found.training.step) return {};
  return Fail(Failure::kUsage, kSteps,
              fmt::format("more than the {} that {} has done", found.training.step, path),
              fmt::to_string(plan.steps));
}

std::string InWords(const Threshold& threshold) {
  if (threshold.kind == Threshold::Kind::kNone) return "none";
  return fmt::format("{}:{}", threshold.kind == Threshold::Kind::kNorm ? "norm" : "value",
                     threshold.limit);
}

}  // namespace

std::map<std::string, std::string> SettingsOf(const ForecastingOptions& options,
                                              const FitPlan& plan) {
  const Specification& specification = plan.specification;
  return {
      {"--cell", specification.cell},
      {"--hidden", specification.hidden.InWords()},
      {"--layers", fmt::to_string(specification.layers)},
      {"--activation", std::string(NameOf(specification.activation))},
      {"--forget-bias", fmt::to_string(specification.forget_bias)},
      {"--residual", specification.residual ? "true" : "false"},
      {"--dropout", fmt::to_string(specification.dropout)},
      {"--recurrent-dropout", fmt::to_string(specification.recurrent_dropout)},
      {"--initial", std::string(NameOf(specification.initial))},
      {"--threshold", InWords(options.threshold)},
      {"--precision", std::string(NameOf(specification.precision))},
      {"--horizon", fmt::to_string(specification.outputs)},
      {"--season", fmt::to_string(plan.scaling.season)},
      {kSteps, fmt::to_string(plan.steps)},
      {"--lr", fmt::to_string(options.rate)},
      {"--clip", fmt::to_string(options.clip)},
      {"--optimizer", std::string(NameOf(options.optimizer.rule))},
      {"--momentum", fmt::to_string(options.optimizer.momentum)},
      {"--weight-decay", fmt::to_string(options.optimizer.weight_decay)},
      {"--schedule", InWords(options.schedule)},
      {"--warm-up", fmt::to_string(options.schedule.warm_up)},
      {"--seed", fmt::to_string(options.seed)},
  };
}

std::string DataChecksum(const Series& series) {
  const std::vector<double>& values = series.values;
  return Checksum(std::string_view(reinterpret_cast<const char*>(values.data()),
                                   values.size() * sizeof(double)));
}

Result<Checkpoint> FindCheckpoint(const Series& series, const ForecastingOptions& options,
                                  const FitPlan& plan, const std::string& model_path,
                                  FileSystem& files) {
  const std::string path = CheckpointPath(model_path);
  if (model_path.empty() || !files.Exists(path)) {
    return Fail(Failure::kNoInput, model_path.empty() ? "--resume" : path,
                "the checkpoint of a stopped training", "none", kBeginAnew);
  }
  Result<Checkpoint> found = ReadCheckpoint(files, path, options.memory_limit);
  if (!found) return found;
  if (auto same = CheckSettings(SettingsOf(options, plan), *found, plan, options.schedule, path);
      !same) {
    return tl::unexpected(same.error());
  }
  if (found->training.data_checksum != DataChecksum(series)) {
    return Fail(Failure::kBadData, series.place,
                fmt::format("the values that {} was begun with", path), "others",
                fmt::format("give the same file again, or {}", kBeginAnew));
  }
  if (found->model.specification != plan.specification || found->model.scaling != plan.scaling) {
    return Fail(Failure::kBadData, path, "the network and scaling that its settings lead to",
                "others", kBeginAnew);
  }
  return found;
}

}  // namespace unroll
