#include "unroll/model/verify.h"

#include <fmt/format.h>

#include "unroll/model/json.h"
#include "unroll/model/model_file.h"

namespace unroll {
namespace {

std::string ValueInWords(const JsonValue& value) {
  const auto* scalar = std::get_if<JsonScalar>(&value);
  if (scalar != nullptr && scalar->kind == JsonScalar::kString) return Escaped(scalar->text);
  if (scalar != nullptr) return scalar->InWords();
  std::string words;
  for (const JsonScalar& item : std::get<std::vector<JsonScalar>>(value)) {
    words += (words.empty() ? "" : ", ") + item.InWords();
  }
  return words;
}

/// The members of one of our metadata's objects as "key.member".
void AddFacts(const TensorFile& file, const std::string& key, FileSummary& summary) {
  const auto found = file.metadata.find(key);
  if (found == file.metadata.end()) return;
  const auto object = ReadJsonObject(found->second, key);
  if (!object) return;  // it has been read once already
  for (const auto& [member, value] : *object) {
    summary.facts.emplace_back(key + "." + Escaped(member), ValueInWords(value));
  }
}

}  // namespace

Result<FileSummary> VerifyFile(FileSystem& files, const std::string& path,
                               std::optional<std::uint64_t> memory) {
  const auto file = ReadTensors(files, path, memory);
  if (!file) return tl::unexpected<Error>(file.error());
  return VerifyTensors(*file);
}

Result<FileSummary> VerifyTensors(const TensorFile& file) {
  FileSummary summary{FileSummary::kTensors, false, {}, {}};
  for (const TensorEntry& tensor : file.tensors) {
    summary.tensors.push_back({Escaped(tensor.name), tensor.dtype, tensor.dims});
  }
  if (!IsOurs(file)) {
    for (const auto& [key, value] : file.metadata) {
      summary.facts.emplace_back(Escaped(key), Escaped(value));
    }
    return summary;
  }
  if (file.metadata.count(kTrainingKey) != 0) {
    summary.kind = FileSummary::kCheckpoint;
    if (auto r = DecodeCheckpoint(file); !r) return tl::unexpected<Error>(r.error());
  } else {
    summary.kind = FileSummary::kModel;
    if (auto r = DecodeModelFile(file); !r) return tl::unexpected<Error>(r.error());
  }
  summary.has_checksums = file.metadata.count(kChecksumsKey) != 0;
  for (const char* key :
       {kSpecificationKey, kScalingKey, kProvenanceKey, kTrainingKey, kSettingsKey}) {
    AddFacts(file, key, summary);
  }
  return summary;
}

}  // namespace unroll
