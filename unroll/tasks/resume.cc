#include "unroll/tasks/resume.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "unroll/kernels/instruction_sets.h"
#include "unroll/model/safetensors.h"
#include "unroll/tasks/provenance.h"

namespace unroll {
namespace {

constexpr const char* kBeginAnew = "train anew without --resume";

}  // namespace

std::map<std::string, std::string> SettingsOf(const ForecastingOptions& options,
                                              const FitPlan& plan) {
  const Specification& specification = plan.specification;
  return {
      {"--cell", specification.cell},
      {"--hidden", fmt::to_string(specification.hidden)},
      {"--layers", fmt::to_string(specification.layers)},
      {"--precision", std::string(NameOf(specification.precision))},
      {"--horizon", fmt::to_string(specification.outputs)},
      {"--season", fmt::to_string(plan.scaling.season)},
      {"--steps", fmt::to_string(plan.steps)},
      {"--lr", fmt::to_string(options.rate)},
      {"--clip", fmt::to_string(options.clip)},
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
  for (const auto& [flag, value] : SettingsOf(options, plan)) {
    const auto before = found->settings.find(flag);
    const std::string then = before == found->settings.end() ? "nothing" : Escaped(before->second);
    if (then == value) continue;
    return Fail(Failure::kUsage, flag, fmt::format("{}, as {} was begun with", then, path), value,
                fmt::format("give the same flags again, or {}", kBeginAnew));
  }
  if (found->training.data_checksum != DataChecksum(series)) {
    return Fail(Failure::kBadData, series.place,
                fmt::format("the values that {} was begun with", path), "others",
                fmt::format("give the same file again, or {}", kBeginAnew));
  }
  const std::string set = found->model.provenance[kInstructionSetKey];
  if (set != CurrentInstructionSet()) {
    return Fail(Failure::kUsage, "--resume",
                fmt::format("the instruction set {}, on which {} was begun", Escaped(set), path),
                std::string(CurrentInstructionSet()),
                fmt::format("set UNROLL_SIMD={}, or {}", Escaped(set), kBeginAnew));
  }
  if (found->model.specification != plan.specification || found->model.scaling != plan.scaling) {
    return Fail(Failure::kBadData, path, "the network and scaling that its settings lead to",
                "others", kBeginAnew);
  }
  return found;
}

}  // namespace unroll
