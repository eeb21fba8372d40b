#include "unroll/kernels/instruction_sets.h"

#include <cstdint>

#include "hwy/highway.h"
#include "hwy/targets.h"
#include "unroll/base/status.h"

namespace unroll {
namespace {

std::string_view NameOfTarget(std::int64_t target) {
  switch (target) {
    case HWY_AVX3_DL:
    case HWY_AVX3:
      return "avx512";
    case HWY_AVX2:
      return "avx2";
    case HWY_SSE4:
      return "sse4";
    case HWY_SSSE3:
      return "ssse3";
    case HWY_NEON:
      return "neon";
    default:
      return "portable";
  }
}

/// All that the machine has, asked before anything is forced.
const std::vector<std::int64_t>& Targets() {
  static const std::vector<std::int64_t> kTargets = hwy::SupportedAndGeneratedTargets();
  return kTargets;
}

}  // namespace

std::vector<std::string_view> InstructionSets() {
  std::vector<std::string_view> names;
  for (const std::int64_t target : Targets()) names.push_back(NameOfTarget(target));
  return names;
}

std::string_view CurrentInstructionSet() {
  return NameOfTarget(hwy::SupportedAndGeneratedTargets().front());
}

Result<void> ForceInstructionSet(std::string_view name) {
  std::string known;
  for (const std::int64_t target : Targets()) {
    if (name.empty() || NameOfTarget(target) == name) {
      hwy::SetSupportedTargetsForTest(name.empty() ? 0 : target);
      hwy::GetChosenTarget().Update(hwy::SupportedTargets());
      return {};
    }
    known += (known.empty() ? "" : ", ") + std::string(NameOfTarget(target));
  }
  return Fail(Failure::kUsage, "instruction set", "one of " + known, '"' + Escaped(name) + '"',
              "name one that this machine has");
}

}  // namespace unroll
