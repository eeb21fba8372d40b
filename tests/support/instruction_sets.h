// Runs a test on every instruction set that this machine has.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "unroll/kernels/instruction_sets.h"

namespace unroll::test {

/// While it lives, kernels asked for are of the set `name`; then of the best again.
class ForcedInstructionSet {
 public:
  explicit ForcedInstructionSet(std::string_view name) { Force(name); }
  ~ForcedInstructionSet() { Force(""); }
  ForcedInstructionSet(const ForcedInstructionSet&) = delete;
  ForcedInstructionSet& operator=(const ForcedInstructionSet&) = delete;

 private:
  static void Force(std::string_view name) {
    const Result<void> forced = ForceInstructionSet(name);
    if (!forced.has_value()) ADD_FAILURE() << forced.error().Message();
  }
};

/// Calls body() once for each instruction set of this machine, the best first; failures name it.
template <class Body>
void ForEachInstructionSet(const Body& body) {
  for (const std::string_view name : InstructionSets()) {
    const ForcedInstructionSet forced(name);
    SCOPED_TRACE(std::string(name));
    body();
  }
}

/// Whether the current set multiplies and adds with one rounding; else with two.
inline bool FusesMultiplyAdd() {
  const std::string_view name = CurrentInstructionSet();
  return name != "sse4" && name != "ssse3" && name != "portable";
}

}  // namespace unroll::test
