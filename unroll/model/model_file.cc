#include "unroll/model/model_file.h"

#include <fmt/format.h>

#include <charconv>
#include <map>

#include "unroll/model/fields.h"
#include "unroll/model/tensor_values.h"

namespace unroll {
namespace {

constexpr std::string_view kFormatName = "unroll ";
constexpr char kOfMetadata[] = "__metadata__";
constexpr const char* kModelKeys[] = {kFormatKey, kSpecificationKey, kProvenanceKey};
constexpr const char* kOtherKeys[] = {kScalingKey, kChecksumsKey, kTrainingKey, kSettingsKey};

tl::unexpected<Error> Bad(std::string place, std::string expected, std::string found,
                          std::string mend = "") {
  return Fail(Failure::kBadData, std::move(place), std::move(expected), std::move(found),
              std::move(mend));
}

std::string Place(const TensorFile& file, std::string_view part) {
  return fmt::format("{}: {}", file.name, Escaped(part));
}

std::string ChecksumOfMetadata(const Metadata& metadata) {
  std::string all;
  for (const auto& [key, value] : metadata) {
    if (key == kChecksumsKey) continue;
    all.append(key).push_back('\0');
    all.append(value).push_back('\0');
  }
  return Checksum(all);
}

Result<void> CheckFormat(const TensorFile& file) {
  if (!IsOurs(file)) {
    return Bad(file.name, "a model of Unroll", "tensors without its metadata",
               "weights alone have no scaling to forecast with, see docs/model-format.md");
  }
  const auto found = file.metadata.find(kFormatKey);
  if (found == file.metadata.end()) {
    return Bad(Place(file, "metadata"), fmt::format("the key {}", kFormatKey), "none");
  }
  const std::string& text = found->second;
  const char* const end = text.data() + text.size();
  std::uint64_t format = 0;
  if (text.rfind(kFormatName, 0) == 0) {
    const auto [stop, error] = std::from_chars(text.data() + kFormatName.size(), end, format);
    if (stop != end || error != std::errc()) format = 0;
  }
  if (format == 0) {
    return Bad(Place(file, "metadata format"), "\"unroll 1\"", '"' + Escaped(text) + '"');
  }
  if (format > kModelFormat) {
    return Bad(file.name, fmt::format("a format up to {}, which this build reads", kModelFormat),
               fmt::format("one written by format {}", format), "use a newer Unroll");
  }
  return {};
}

Result<void> CheckKeys(const TensorFile& file) {
  std::map<std::string_view, bool> known;
  for (const char* key : kModelKeys) {
    known[key] = true;
    if (file.metadata.count(key) == 0) {
      return Bad(Place(file, "metadata"), fmt::format("the key {}", key), "none");
    }
  }
  for (const char* key : kOtherKeys) known[key] = true;
  for (const auto& [key, value] : file.metadata) {
    if (known.count(key) == 0) {
      return Bad(Place(file, "metadata"), "the keys of a model of Unroll",
                 '"' + Escaped(key) + '"');
    }
  }
  if (file.metadata.count(kTrainingKey) != file.metadata.count(kSettingsKey)) {
    return Bad(Place(file, "metadata"), "training and settings together", "one of them");
  }
  return {};
}

Result<void> CheckChecksums(const TensorFile& file) {
  auto sums = TextsFromJson(file.metadata.at(kChecksumsKey), Place(file, "checksums"));
  if (!sums) return tl::unexpected<Error>(std::move(sums).error());
  const auto check = [&](const std::string& name, const std::string& found) -> Result<void> {
    const auto sum = sums->find(name);
    const std::string at = Place(file, name == kOfMetadata ? "metadata" : name);
    if (sum == sums->end()) return Bad(at, "a checksum", "none");
    if (sum->second != found) {
      return Bad(at, "checksum " + Escaped(sum->second), found,
                 "the file was damaged or changed after it was written");
    }
    sums->erase(sum);
    return {};
  };
  if (auto r = check(kOfMetadata, ChecksumOfMetadata(file.metadata)); !r) return r;
  for (const TensorEntry& tensor : file.tensors) {
    if (auto r = check(tensor.name, Checksum(file.Bytes(tensor))); !r) return r;
  }
  if (sums->empty()) return {};
  return Bad(Place(file, sums->begin()->first), "a tensor to its checksum", "none");
}

Result<Specification> ReadSpecification(const TensorFile& file) {
  const std::string place = Place(file, kSpecificationKey);
  auto read = RecordFromJson<Specification>(file.metadata.at(kSpecificationKey), place);
  if (!read) return read;
  if (auto sound = CheckSpecification(*read); !sound) {
    const Error& error = sound.error();
    return Bad(fmt::format("{}.{}", place, error.place), error.expected, error.found);
  }
  return read;
}

/// None where the file has none.
Result<std::optional<Scaling>> ReadScaling(const TensorFile& file,
                                           const Specification& specification) {
  const auto text = file.metadata.find(kScalingKey);
  if (text == file.metadata.end()) return std::nullopt;
  const std::string place = Place(file, kScalingKey);
  auto read = RecordFromJson<Scaling>(text->second, place);
  if (!read) return tl::unexpected<Error>(std::move(read).error());
  if (auto sound = CheckScaling(*read); !sound) {
    const Error& error = sound.error();
    return Bad(fmt::format("{}.{}", place, error.place), error.expected, error.found);
  }
  if (read->inputs() != specification.inputs || read->horizon() != specification.outputs) {
    return Bad(place,
               fmt::format("{} inputs and {} targets, as the specification says",
                           specification.inputs, specification.outputs),
               fmt::format("{} and {}", read->inputs(), read->horizon()));
  }
  return std::move(*read);
}

}  // namespace

bool IsOurs(const TensorFile& file) {
  // PyTorch's own files say "format": "pt".
  const auto format = file.metadata.find(kFormatKey);
  if (format != file.metadata.end() && format->second.rfind("unroll", 0) == 0) return true;
  for (const char* key : {kSpecificationKey, kScalingKey, kChecksumsKey, kTrainingKey}) {
    if (file.metadata.count(key) != 0) return true;
  }
  return false;
}

std::string ChecksumsOf(std::span<const TensorView> tensors, const Metadata& metadata) {
  JsonObject sums = {{kOfMetadata, ToJson(ChecksumOfMetadata(metadata))}};
  for (const TensorView& tensor : tensors) {
    sums.emplace_back(tensor.name, ToJson(Checksum(tensor.bytes)));
  }
  return WriteJsonObject(sums);
}

Result<ModelFile> DecodeModelFile(const TensorFile& file) {
  if (auto r = CheckFormat(file); !r) return tl::unexpected<Error>(r.error());
  if (auto r = CheckKeys(file); !r) return tl::unexpected<Error>(r.error());
  if (file.metadata.count(kChecksumsKey) != 0) {
    if (auto r = CheckChecksums(file); !r) return tl::unexpected<Error>(r.error());
  }
  const auto text = [&](const char* key) -> const std::string& { return file.metadata.at(key); };
  auto specification = ReadSpecification(file);
  if (!specification) return tl::unexpected<Error>(std::move(specification).error());
  auto scaling = ReadScaling(file, *specification);
  if (!scaling) return tl::unexpected<Error>(std::move(scaling).error());
  auto provenance = TextsFromJson(text(kProvenanceKey), Place(file, kProvenanceKey));
  if (!provenance) return tl::unexpected<Error>(std::move(provenance).error());

  ModelFile result{};
  const bool is_checkpoint = file.metadata.count(kTrainingKey) != 0;
  if (is_checkpoint) {
    result.training = text(kTrainingKey);
    result.settings = text(kSettingsKey);
  }
  auto weights = DecodeTensors(file, *specification, is_checkpoint, &result.extra);
  if (!weights) return tl::unexpected<Error>(std::move(weights).error());
  result.model = {std::move(*specification), std::move(*scaling), std::move(*provenance),
                  std::move(*weights)};
  return result;
}

Result<std::vector<NamedTensor>> DecodeTensors(const TensorFile& file,
                                               const Specification& specification,
                                               bool may_have_more, std::vector<NamedTensor>* more) {
  std::map<std::string_view, const TensorEntry*> held;
  for (const TensorEntry& tensor : file.tensors) held[tensor.name] = &tensor;
  const std::string_view dtype = DtypeOf(specification.precision);
  std::vector<NamedTensor> weights;
  for (const TensorName& expected : ExpectedTensors(specification)) {
    const auto found = held.find(expected.name);
    const std::string wanted = fmt::format("{} {}", dtype, DimsInWords(expected.dims));
    if (found == held.end()) return Bad(Place(file, expected.name), wanted, "no such tensor");
    const TensorEntry& tensor = *found->second;
    if (tensor.dims != expected.dims || tensor.dtype != dtype) {
      return Bad(Place(file, expected.name), wanted,
                 fmt::format("{} {}", tensor.dtype, DimsInWords(tensor.dims)));
    }
    auto values = ReadValues(file, tensor);
    if (!values) return tl::unexpected<Error>(std::move(values).error());
    weights.push_back(std::move(*values));
    held.erase(found);
  }
  for (const TensorEntry& tensor : file.tensors) {
    if (held.count(tensor.name) == 0) continue;
    if (!may_have_more) {
      return Bad(Place(file, tensor.name), "only the tensors of its specification", "one more");
    }
    auto values = ReadValues(file, tensor);
    if (!values) return tl::unexpected<Error>(std::move(values).error());
    more->push_back(std::move(*values));
  }
  if (auto folded = FoldBiases(*FindCell(specification.cell), weights, file.name); !folded) {
    return tl::unexpected<Error>(std::move(folded).error());
  }
  return weights;
}

Result<void> EncodeModelFile(FileSystem& files, const std::string& path, const Model& model,
                             std::span<const NamedTensor> extra, const Metadata& more) {
  RequireWeights(model.specification, model.weights);
  std::vector<TensorView> tensors;
  for (const std::span<const NamedTensor> part :
       {std::span<const NamedTensor>(model.weights), extra}) {
    for (const NamedTensor& tensor : part) {
      if (auto r = CheckFinite(tensor, tensor.name, Failure::kDiverged); !r) return r;
      tensors.push_back(ViewOf(tensor));
    }
  }
  const auto specification = RecordToJson(model.specification, kSpecificationKey);
  if (!specification) return tl::unexpected<Error>(specification.error());
  Metadata metadata = more;
  metadata[kFormatKey] = fmt::format("{}{}", kFormatName, kModelFormat);
  metadata[kSpecificationKey] = *specification;
  if (model.scaling) {
    const auto scaling = RecordToJson(*model.scaling, kScalingKey);
    if (!scaling) return tl::unexpected<Error>(scaling.error());
    metadata[kScalingKey] = *scaling;
  }
  metadata[kProvenanceKey] = TextsToJson(model.provenance);
  metadata[kChecksumsKey] = ChecksumsOf(tensors, metadata);
  return WriteTensors(files, path, std::move(tensors), metadata);
}

}  // namespace unroll
