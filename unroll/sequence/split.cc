#include "unroll/sequence/split.h"

namespace unroll {

Split ChooseSplit(std::size_t weight_bytes, std::size_t flops, std::size_t B, int threads) {
  constexpr std::size_t kWorthWaiting = 64 << 10;     // flops
  constexpr std::size_t kSecondLevelCache = 2 << 20;  // bytes
  constexpr std::size_t kRowsPerThread = 4;           // fewer leave the tiles too flat
  constexpr std::size_t kWorthWaking = 4 << 20;       // flops of a walk in which nobody waits
  const bool nobody_waits = weight_bytes == 0;
  if (threads == 1 || flops < (nobody_waits ? kWorthWaking : kWorthWaiting)) return Split::kAlone;
  const bool too_few_rows = B < kRowsPerThread * static_cast<std::size_t>(threads);
  return too_few_rows || weight_bytes > kSecondLevelCache ? Split::kUnits : Split::kRows;
}

}  // namespace unroll
