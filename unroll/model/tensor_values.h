// Between the bytes of a file and the numbers of a NamedTensor. For model/ alone.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "unroll/cells/cells.h"
#include "unroll/model/safetensors.h"
#include "unroll/network/named_tensor.h"

namespace unroll {

/// "F32", "F64"
std::string_view DtypeOf(Precision precision);

/// The numbers of a tensor, finite.
///
/// Errors:  kBadData where they are neither F32 nor F64, or not finite.
Result<NamedTensor> ReadValues(const TensorFile& file, const TensorEntry& entry);

/// The bytes of a tensor as they lie in memory. Throws std::logic_error where they are more or
/// fewer than its extents say.
TensorView ViewOf(const NamedTensor& tensor);

/// "`place`[3, 17]: expected finite numbers, found NaN, 12 in all".
Result<void> CheckFinite(const NamedTensor& tensor, const std::string& place, Failure kind);

/// Adds bias_hh to bias_ih and sets it to 0, for the gates of `cell` that only ever see the sum of
/// both.
///
/// Errors:  kBadData where a sum is not finite.
Result<void> FoldBiases(const CellFacts& cell, std::span<NamedTensor> weights,
                        const std::string& file);

/// Throws std::logic_error where `weights` are not exactly those of the specification.
void RequireWeights(const Specification& specification, std::span<const NamedTensor> weights);

}  // namespace unroll
