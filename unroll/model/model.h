// A network with all that is needed to use it: what it is made of, how its numbers are scaled (if
// they are), where it comes from, and its weights. It lives in one safetensors file
// (docs/model-format.md).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "unroll/base/files.h"
#include "unroll/base/status.h"
#include "unroll/data/scaling.h"
#include "unroll/network/named_tensor.h"
#include "unroll/network/specification.h"

namespace unroll {

/// The newest format that this build reads, and the one that it writes.
inline constexpr std::uint64_t kModelFormat = 1;

struct Model {
  Specification specification;
  std::optional<Scaling> scaling;  ///< none where the network reads its numbers as they are
  std::map<std::string, std::string> provenance;  ///< "version", "data", "simd" ...: for people
  std::vector<NamedTensor> weights;               ///< as ExpectedTensors lists them
};

/// Reads a model that is sound in every part: format, checksums, specification, tensors exactly
/// those of the specification, finite numbers. Where a gate only ever sees the sum of its two
/// biases, they are folded into the first. `memory` is what it may take in all, in bytes; nothing:
/// what is free.
///
/// Errors:  kBadData, place "path: tensor", "path: metadata" or "path:byte N"; those of
///          FileSystem::Read.
Result<Model> ReadModel(FileSystem& files, const std::string& path,
                        std::optional<std::uint64_t> memory = {});

/// Replaces `path` by the model, all or nothing: the same bytes for the same model.
///
/// Errors:  kDiverged where a number is not finite; those of WriteFile. std::logic_error where the
///          weights are not those of the specification.
Result<void> WriteModel(FileSystem& files, const std::string& path, const Model& model);

/// The weights alone, of a model or of a bare state_dict that PyTorch's safetensors wrote: the
/// tensors of `specification` and nothing else; biases folded.
///
/// Errors:  those of ReadModel.
Result<std::vector<NamedTensor>> ReadWeights(FileSystem& files, const std::string& path,
                                             const Specification& specification);

}  // namespace unroll
