#include "unroll/model/checkpoint.h"

#include <set>
#include <stdexcept>
#include <utility>

#include "unroll/model/fields.h"
#include "unroll/model/model_file.h"

namespace unroll {
namespace {

/// A tensor "GROUP.NAME" belongs to the weight NAME and has its shape; any other is free.
const NamedTensor* WeightOf(const NamedTensor& extra, const std::vector<NamedTensor>& weights) {
  for (const NamedTensor& weight : weights) {
    if (extra.name.size() < weight.name.size() + 2 || !extra.name.ends_with(weight.name)) continue;
    if (extra.name[extra.name.size() - weight.name.size() - 1] == '.') return &weight;
  }
  return nullptr;
}

}  // namespace

Result<Checkpoint> ReadCheckpoint(FileSystem& files, const std::string& path,
                                  std::optional<std::uint64_t> memory) {
  const auto file = ReadTensors(files, path, memory);
  if (!file) return tl::unexpected<Error>(file.error());
  return DecodeCheckpoint(*file);
}

Result<Checkpoint> DecodeCheckpoint(const TensorFile& file) {
  const std::string& path = file.name;
  auto decoded = DecodeModelFile(file);
  if (!decoded) return tl::unexpected<Error>(std::move(decoded).error());
  if (!decoded->training) {
    return Fail(Failure::kBadData, path, "a checkpoint", "a finished model");
  }
  auto training = RecordFromJson<TrainingState>(*decoded->training, path + ": " + kTrainingKey);
  if (!training) return tl::unexpected<Error>(std::move(training).error());
  auto settings = TextsFromJson(*decoded->settings, path + ": " + kSettingsKey);
  if (!settings) return tl::unexpected<Error>(std::move(settings).error());
  for (const NamedTensor& extra : decoded->extra) {
    const NamedTensor* weight = WeightOf(extra, decoded->model.weights);
    if (weight != nullptr && weight->dims != extra.dims) {
      return Fail(Failure::kBadData, path + ": " + Escaped(extra.name),
                  DimsInWords(weight->dims) + " like its weight", DimsInWords(extra.dims));
    }
  }
  return Checkpoint{std::move(decoded->model), std::move(decoded->extra), std::move(*training),
                    std::move(*settings)};
}

Result<void> WriteCheckpoint(FileSystem& files, const std::string& path,
                             const Checkpoint& checkpoint) {
  std::set<std::string> names;
  for (const NamedTensor& weight : checkpoint.model.weights) names.insert(weight.name);
  for (const NamedTensor& extra : checkpoint.extra) {
    const NamedTensor* weight = WeightOf(extra, checkpoint.model.weights);
    if (!names.insert(extra.name).second || (weight != nullptr && weight->dims != extra.dims)) {
      throw std::logic_error("a checkpoint's tensor " + extra.name +
                             " is there twice or misshapen");
    }
  }
  const auto training = RecordToJson(checkpoint.training, kTrainingKey);
  if (!training) return tl::unexpected<Error>(training.error());
  return EncodeModelFile(
      files, path, checkpoint.model, checkpoint.extra,
      {{kTrainingKey, *training}, {kSettingsKey, TextsToJson(checkpoint.settings)}});
}

}  // namespace unroll
