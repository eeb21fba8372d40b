// The JSON header of a safetensors file, taken apart; safetensors.cc checks it against the data.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "unroll/base/status.h"
#include "unroll/model/safetensors.h"

namespace unroll {

/// What a header says, sound on its own: every key known and there once, every type right.
struct ParsedHeader {
  std::vector<TensorEntry> tensors;  ///< in the order of the header
  Metadata metadata;
};

/// Errors:  kBadData; `name` is the file's, `offset` the header's place in it.
Result<ParsedHeader> ParseHeader(std::string_view text, const std::string& name,
                                 std::uint64_t offset);

/// Bytes of a number of this dtype; 0 where it is unknown.
std::uint64_t DtypeBytes(std::string_view dtype);

}  // namespace unroll
