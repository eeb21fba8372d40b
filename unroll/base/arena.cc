// Aligned, zeroed blocks from the system.
#include "unroll/base/arena.h"

#include <sys/mman.h>

#include <cstdlib>

namespace unroll {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;
constexpr std::size_t kHugeFrom = std::size_t{1} << 20;

}  // namespace

void* AllocateAligned(std::size_t bytes) noexcept {
  if (bytes > static_cast<std::size_t>(-1) - kAlignment - kHugePage) return nullptr;
  std::size_t taken = bytes + kAlignment;
  const bool huge = bytes >= kHugeFrom;
  if (huge) taken = (taken + kHugePage - 1) / kHugePage * kHugePage;
  void* block = nullptr;
  if (posix_memalign(&block, huge ? kHugePage : kAlignment, taken) != 0) return nullptr;
#ifdef MADV_HUGEPAGE
  // Before the zeroes are written: a page that is there already is not made huge at once.
  // A refusal costs speed only.
  if (huge) madvise(block, taken, MADV_HUGEPAGE);
#endif
  return std::memset(block, 0, taken);
}

void FreeAligned(void* block) noexcept { std::free(block); }

}  // namespace unroll
