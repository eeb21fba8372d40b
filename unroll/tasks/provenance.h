// Where a model comes from, in words that people read.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "unroll/data/series.h"
#include "unroll/network/specification.h"

namespace unroll {

/// The key of the instruction set it was trained on, by which a training may be resumed.
inline constexpr const char* kInstructionSetKey = "simd";

/// version, data (the file's name without its folders), simd, precision, seed, steps (done),
/// best_step.
std::map<std::string, std::string> ProvenanceOf(const Series& series, Precision precision,
                                                std::uint64_t seed, std::uint64_t steps,
                                                std::uint64_t best_step);

}  // namespace unroll
