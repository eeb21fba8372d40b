#include "unroll/sequence/split.h"

namespace unroll {

Split ChooseSplit(std::size_t weight_bytes, std::size_t flops_per_step, std::size_t B,
                  int threads) {
  constexpr std::size_t kWorthWaiting = 64 << 10;     // flops
  constexpr std::size_t kSecondLevelCache = 2 << 20;  // bytes
  constexpr std::size_t kRowsPerThread = 4;           // fewer leave the tiles too flat
  constexpr std::size_t kWorthSharing = 4 << 10;      // flops of a step at which nobody waits
  const bool nobody_waits = weight_bytes == 0;
  if (threads == 1 || flops_per_step < (nobody_waits ? kWorthSharing : kWorthWaiting)) {
    return Split::kAlone;
  }
  const bool too_few_rows = B < kRowsPerThread * static_cast<std::size_t>(threads);
  return too_few_rows || weight_bytes > kSecondLevelCache ? Split::kUnits : Split::kRows;
}

}  // namespace unroll
