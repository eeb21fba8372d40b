// The container: named arrays behind a JSON header (huggingface.co/docs/safetensors).
//
//   8 bytes    N, little-endian
//   N bytes    {"__metadata__": {"key": "text"}, "name": {"dtype", "shape", "data_offsets"}, ...}
//   the rest   the arrays, end to end, little-endian
//
// Reading is strict and takes no more memory than the file: the arrays must cover the data without
// gap or overlap, every key stands once, and every size is checked before it is used.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "unroll/base/files.h"
#include "unroll/base/status.h"

namespace unroll {

/// Limits of what is read and written (docs/model-format.md).
inline constexpr std::uint64_t kMostHeaderBytes = std::uint64_t{16} << 20;
inline constexpr std::size_t kMostTensors = 65536;
inline constexpr std::size_t kMostMetadataKeys = 1024;
inline constexpr std::size_t kMostDims = 8;

using Metadata = std::map<std::string, std::string>;

/// Where one array lies.
struct TensorEntry {
  std::string name;
  std::string dtype;                ///< "F32"
  std::vector<std::uint64_t> dims;  ///< slowest first; none for a single number
  std::uint64_t begin, end;         ///< bytes, counted from the end of the header
};

/// A whole file, sound as a container.
struct TensorFile {
  std::string name;                  ///< for error messages
  std::string content;               ///< the file's bytes
  std::uint64_t data_start;          ///< where the arrays begin in `content`
  std::vector<TensorEntry> tensors;  ///< in the order of their bytes
  Metadata metadata;

  std::string_view Bytes(const TensorEntry& tensor) const {
    return std::string_view(content).substr(data_start + tensor.begin, tensor.end - tensor.begin);
  }
};

/// Takes a file apart. `name` is what error messages call it.
///
/// Errors:  kBadData, place "name: tensor" or "name:byte N".
Result<TensorFile> ParseTensors(std::string content, const std::string& name);

/// Reads a file and takes it apart. It may take half of `memory` bytes (nothing: of what is free),
/// since its tensors are copied from it.
///
/// Errors:  those of FileSystem::Read and ParseTensors.
Result<TensorFile> ReadTensors(FileSystem& files, const std::string& path,
                               std::optional<std::uint64_t> memory = {});

/// An array to be written; owned by somebody else.
struct TensorView {
  std::string name;
  std::string_view dtype;
  std::vector<std::uint64_t> dims;
  std::string_view bytes;
};

/// The length and the header of a file of these arrays in this order, filled up with spaces so that
/// the data begin at a multiple of 8.
std::string TensorHeader(std::span<const TensorView> tensors, const Metadata& metadata);

/// Writes a file, all or nothing: the same bytes for the same arguments. Arrays of wide numbers
/// come first, else in the order given, so that each is aligned to its own numbers.
///
/// Errors:  those of WriteFile; kCannotCreate where the header is beyond the limits.
Result<void> WriteTensors(FileSystem& files, const std::string& path,
                          std::vector<TensorView> tensors, const Metadata& metadata);

/// XXH3-128 of the bytes as `xxhsum -H2` prints it: 32 lower-case hexadecimal digits.
std::string Checksum(std::string_view bytes);

}  // namespace unroll
