#include "unroll/model/model.h"

#include <utility>

#include "unroll/model/model_file.h"

namespace unroll {

Result<Model> ReadModel(FileSystem& files, const std::string& path,
                        std::optional<std::uint64_t> memory) {
  const auto file = ReadTensors(files, path, memory);
  if (!file) return tl::unexpected<Error>(file.error());
  auto decoded = DecodeModelFile(*file);
  if (!decoded) return tl::unexpected<Error>(std::move(decoded).error());
  if (decoded->training) {
    return Fail(Failure::kBadData, path, "a model", "a checkpoint of an unfinished training",
                "finish it with unroll train --resume");
  }
  return std::move(decoded->model);
}

Result<void> WriteModel(FileSystem& files, const std::string& path, const Model& model) {
  return EncodeModelFile(files, path, model, {}, {});
}

Result<std::vector<NamedTensor>> ReadWeights(FileSystem& files, const std::string& path,
                                             const Specification& specification) {
  const auto file = ReadTensors(files, path);
  if (!file) return tl::unexpected<Error>(file.error());
  if (IsOurs(*file)) {
    if (auto decoded = DecodeModelFile(*file); !decoded) {
      return tl::unexpected<Error>(std::move(decoded).error());
    }
  }
  return DecodeTensors(*file, specification, /*may_have_more=*/false, /*more=*/nullptr);
}

}  // namespace unroll
