#include "unroll/tasks/provenance.h"

#include <fmt/format.h>

#include <filesystem>

#include "unroll/kernels/instruction_sets.h"
#include "unroll/version.h"

namespace unroll {
namespace {

constexpr const char* kInstructionSetKey = "simd";

}  // namespace

std::string InstructionSetsBefore(const std::map<std::string, std::string>& provenance) {
  const auto found = provenance.find(kInstructionSetKey);
  return found == provenance.end() ? "unknown" : found->second;
}

std::string InstructionSetsWithThis(const std::string& before) {
  std::string now(CurrentInstructionSet());
  if (before.empty() || before == now) return now;
  return before.ends_with(", " + now) ? before : before + ", " + now;
}

std::map<std::string, std::string> ProvenanceOf(const Series& series, Precision precision,
                                                const std::string& instruction_sets,
                                                std::uint64_t seed, std::uint64_t steps,
                                                std::uint64_t best_step) {
  return {
      {"version", kVersion},
      {"data", std::filesystem::path(series.place).filename().string()},
      {kInstructionSetKey, instruction_sets},
      {"precision", std::string(NameOf(precision))},
      {"seed", fmt::to_string(seed)},
      {"steps", fmt::to_string(steps)},
      {"best_step", fmt::to_string(best_step)},
  };
}

}  // namespace unroll
