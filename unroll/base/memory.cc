// The system's answers on memory, and its amounts in words.
#include "unroll/base/memory.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <limits>

#include "unroll/base/cgroup.h"

namespace unroll {
namespace {

constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();

/// What the kernel believes can be had without swapping.
std::uint64_t MachineMemory() {
  std::ifstream file("/proc/meminfo");  // "MemAvailable:   12345 kB"
  std::uint64_t kilobytes = 0;
  for (std::string word; file >> word;) {
    if (word == "MemAvailable:" && file >> kilobytes) return kilobytes * 1024;
  }
  const auto pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGE_SIZE);
  return pages > 0 && size > 0 ? static_cast<std::uint64_t>(pages) * size : kNoLimit;
}

/// What RLIMIT_AS leaves.
std::uint64_t AddressSpace() {
  rlimit limit{};
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return kNoLimit;
  std::ifstream file("/proc/self/statm");  // pages in all, ...
  std::uint64_t pages = 0;
  file >> pages;
  const std::uint64_t used = pages * static_cast<std::uint64_t>(sysconf(_SC_PAGE_SIZE));
  return limit.rlim_cur - std::min<std::uint64_t>(limit.rlim_cur, used);
}

}  // namespace

std::uint64_t AvailableMemory() {
  return std::min({CgroupMemory(), MachineMemory(), AddressSpace()});
}

std::uint64_t MemoryLimit(std::optional<std::uint64_t> allowed) {
  return allowed ? *allowed : AvailableMemory();
}

std::string BytesInWords(std::uint64_t bytes) {
  if (bytes < 1024) return fmt::format("{} byte{}", bytes, bytes == 1 ? "" : "s");
  constexpr const char* kUnits[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  double amount = static_cast<double>(bytes) / 1024;
  int unit = 0;
  while (amount >= 1023.95 && unit < 5) {  // what would be rounded to 1024 is 1 of the next unit
    amount /= 1024;
    ++unit;
  }
  std::string digits = fmt::format("{:.1f}", amount);
  if (digits.ends_with(".0")) digits.resize(digits.size() - 2);
  return digits + ' ' + kUnits[unit];
}

Result<void> CheckMemory(const std::string& what, std::uint64_t needed, std::uint64_t limit,
                         const std::string& mend) {
  if (needed <= limit) return {};
  std::string limit_words = BytesInWords(limit), needed_words = BytesInWords(needed);
  if (limit_words == needed_words) {  // too close for rounded numbers
    limit_words = fmt::format("{} bytes", limit);
    needed_words = fmt::format("{} bytes", needed);
  }
  return Fail(Failure::kSystem, what, "at most " + limit_words + " of memory",
              "that it needs " + needed_words, mend);
}

}  // namespace unroll
