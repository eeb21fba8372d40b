// Where a model comes from, in words that people read.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "unroll/data/series.h"
#include "unroll/network/specification.h"

namespace unroll {

/// The instruction sets that a training with this provenance ran on, in their order: "avx2", or
/// "avx512, avx2" where it was resumed on another; then with the one of this run. `before` is empty
/// where there was none.
std::string InstructionSetsBefore(const std::map<std::string, std::string>& provenance);
std::string InstructionSetsWithThis(const std::string& before);

/// version, data (the file's name without its folders), simd (as above), precision, seed, steps
/// (done), best_step.
std::map<std::string, std::string> ProvenanceOf(const Series& series, Precision precision,
                                                const std::string& instruction_sets,
                                                std::uint64_t seed, std::uint64_t steps,
                                                std::uint64_t best_step);

}  // namespace unroll
