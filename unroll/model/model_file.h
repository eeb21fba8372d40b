// What model, checkpoint and verify have in common: our file taken apart, and put together.
// For model/ alone.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "unroll/model/checkpoint.h"
#include "unroll/model/model.h"
#include "unroll/model/safetensors.h"

namespace unroll {

/// Our keys in the metadata.
inline constexpr char kFormatKey[] = "format";
inline constexpr char kSpecificationKey[] = "specification";
inline constexpr char kScalingKey[] = "scaling";
inline constexpr char kProvenanceKey[] = "provenance";
inline constexpr char kChecksumsKey[] = "checksums";
inline constexpr char kTrainingKey[] = "training";  // with the next one in checkpoints alone
inline constexpr char kSettingsKey[] = "settings";

/// A model, and what a checkpoint holds beside it.
struct ModelFile {
  Model model;
  std::vector<NamedTensor> extra;
  std::optional<std::string> training, settings;  ///< JSON; both or none
};

/// Whether any of our keys is there: then the file is held to be ours, and must be sound.
bool IsOurs(const TensorFile& file);

/// Everything that ReadModel promises, for models and checkpoints.
///
/// Errors:  kBadData.
Result<ModelFile> DecodeModelFile(const TensorFile& file);

/// Everything that ReadCheckpoint promises.
///
/// Errors:  kBadData.
Result<Checkpoint> DecodeCheckpoint(const TensorFile& file);

/// The weights of `specification`, checked and folded, and the tensors beside them (refused unless
/// `may_have_more`).
///
/// Errors:  kBadData.
Result<std::vector<NamedTensor>> DecodeTensors(const TensorFile& file,
                                               const Specification& specification,
                                               bool may_have_more, std::vector<NamedTensor>* more);

/// Writes `model` with the tensors and the metadata of a checkpoint, if any.
///
/// Errors:  those of WriteModel.
Result<void> EncodeModelFile(FileSystem& files, const std::string& path, const Model& model,
                             std::span<const NamedTensor> extra, const Metadata& more);

/// The key "checksums" for a file of these tensors and metadata: one for each tensor, and under
/// "__metadata__" one for all other keys and their values.
std::string ChecksumsOf(std::span<const TensorView> tensors, const Metadata& metadata);

}  // namespace unroll
