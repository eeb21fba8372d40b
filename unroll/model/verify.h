// What a file holds, or the first thing that is wrong with it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "unroll/base/files.h"
#include "unroll/base/status.h"
#include "unroll/model/safetensors.h"

namespace unroll {

struct TensorSummary {
  std::string name;
  std::string dtype;
  std::vector<std::uint64_t> dims;
};

struct FileSummary {
  enum Kind {
    kModel,
    kCheckpoint,
    kTensors,  ///< a sound safetensors file without what a model needs
  };
  Kind kind;
  bool has_checksums;  ///< and every one of them is right
  /// "specification.cell" is "lstm", "scaling.season" is "12", "training.step" ...; of kTensors the
  /// metadata as they are. Values are escaped: one line each.
  std::vector<std::pair<std::string, std::string>> facts;
  std::vector<TensorSummary> tensors;  ///< in the order of the file
};

/// Checks all that ReadModel or ReadCheckpoint would check, and sums it up.
///
/// Errors:  theirs; of a file that is not ours only those of the container.
Result<FileSummary> VerifyFile(FileSystem& files, const std::string& path,
                               std::optional<std::uint64_t> memory = {});

/// The same of a file that has been taken apart.
///
/// Errors:  those of VerifyFile but for the container's.
Result<FileSummary> VerifyTensors(const TensorFile& file);

}  // namespace unroll
