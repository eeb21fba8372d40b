// What flags of several commands share.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/flags.h"
#include "cli/numbers.h"
#include "unroll/cells/cells.h"
#include "unroll/train/optimizer.h"

namespace unroll::cli {

/// More would only wait for one another.
inline constexpr WholeRange kThreadRange{1, 1024};

inline void AddMemory(Flags& flags, std::optional<std::uint64_t>* to) {
  flags.AddSize("--memory", "Most memory to take, 512M or 2GiB (default: what is free)", to);
}

inline const std::vector<std::string> kPrecisions = {"fp32", "fp64"};

inline std::vector<std::string> OptimizerChoices() {
  std::vector<std::string> names;
  for (const Rule rule : kRules) names.emplace_back(NameOf(rule));
  return names;
}

inline std::vector<std::string> CellChoices() {
  std::vector<std::string> names;
  for (const CellFacts& cell : Cells()) names.emplace_back(cell.name);
  return names;
}

}  // namespace unroll::cli
