// How much memory there is, asked before it is needed.
#pragma once

#include <cstdint>
#include <string>

#include "unroll/base/status.h"

namespace unroll {

/// Bytes this process may still take: the least of the cgroup's limit, MemAvailable and RLIMIT_AS.
std::uint64_t AvailableMemory();

/// "1.5 GiB", "640 MiB", "12 KiB"
std::string BytesInWords(std::uint64_t bytes);

/// kSystem where `needed` is more than `limit`: "`what`: expected at most LIMIT of memory, found
/// that it needs NEEDED; `mend`".
Result<void> CheckMemory(const std::string& what, std::uint64_t needed, std::uint64_t limit,
                         const std::string& mend);

}  // namespace unroll
