// What the control groups of Linux (versions 1 and 2) leave to this process.
#pragma once

#include <cstdint>
#include <string>

namespace unroll {

/// Whole processors in the quota of this process's control group and of those above it; a number
/// beyond any machine where there is no quota. A share of a processor is cut off: threads that wait
/// for one another lose more to a pause of one of them than the share brings.
///
/// `root` is the folder in which /proc and /sys are looked for; for tests.
int CgroupProcessors(const std::string& root = "");

/// Bytes that this process's control group, and each above it, still allows: its limit less what it
/// uses, without the file cache that would give way; UINT64_MAX where there is no limit.
std::uint64_t CgroupMemory(const std::string& root = "");

}  // namespace unroll
