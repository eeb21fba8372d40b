#include "unroll/tasks/provenance.h"

#include <fmt/format.h>

#include <filesystem>

#include "unroll/kernels/instruction_sets.h"
#include "unroll/version.h"

namespace unroll {

std::map<std::string, std::string> ProvenanceOf(const Series& series, Precision precision,
                                                std::uint64_t seed, std::uint64_t steps,
                                                std::uint64_t best_step) {
  return {
      {"version", kVersion},
      {"data", std::filesystem::path(series.place).filename().string()},
      {kInstructionSetKey, std::string(CurrentInstructionSet())},
      {"precision", std::string(NameOf(precision))},
      {"seed", fmt::to_string(seed)},
      {"steps", fmt::to_string(steps)},
      {"best_step", fmt::to_string(best_step)},
  };
}

}  // namespace unroll
