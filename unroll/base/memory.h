// How much memory there is, asked before it is needed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "unroll/base/status.h"

namespace unroll {

/// Bytes this process may still take: the least of the cgroup's limit, MemAvailable and RLIMIT_AS.
std::uint64_t AvailableMemory();

/// What a work may take: what its caller allows, or else what is available.
std::uint64_t MemoryLimit(std::optional<std::uint64_t> allowed);

/// What a work takes beside its arrays: stacks and all that is small.
inline constexpr std::uint64_t kSmallThings = std::uint64_t{16} << 20;

/// "1.5 GiB", "640 MiB", "12 KiB"
std::string BytesInWords(std::uint64_t bytes);

/// kSystem where `needed` is more than `limit`: "`what`: expected at most LIMIT of memory, found
/// that it needs NEEDED; `mend`".
Result<void> CheckMemory(const std::string& what, std::uint64_t needed, std::uint64_t limit,
                         const std::string& mend);

}  // namespace unroll
