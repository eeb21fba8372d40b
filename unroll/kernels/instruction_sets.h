// The instruction sets that every kernel is compiled for: they can be listed and forced.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "unroll/base/status.h"

namespace unroll {

/// Names of the sets that this machine has, best first: avx512, avx2, sse4, ssse3, neon, portable.
std::vector<std::string_view> InstructionSets();

/// The set that kernels asked for from now on are compiled for.
std::string_view CurrentInstructionSet();

/// Takes the set `name` for every kernel asked for from now on, "" the best. A network keeps the
/// set that it was built with. Not to be called while another thread builds one.
///
/// Errors:  kUsage, if this machine lacks it.
Result<void> ForceInstructionSet(std::string_view name);

}  // namespace unroll
