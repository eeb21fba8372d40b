// Numbers on the command line, read strictly: the whole text is one plain decimal number, or the
// flag is refused. (CLI11 2.1.2 reads `010` as 8 and `-1` as 2^64 - 1, and takes `1e999`.)
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "unroll/base/status.h"

namespace unroll::cli {

/// Whole numbers that a flag takes.
struct WholeRange {
  std::uint64_t least = 0;
  std::uint64_t most = std::numeric_limits<std::uint64_t>::max();

  std::string InWords() const;
};

/// Real numbers that a flag takes: above `above`, and at most `most`.
struct RealRange {
  double above = 0;
  double most = 1e15;
  bool from = false;  ///< `above` itself too

  std::string InWords() const;
};

/// Each reads `text`, the value of the flag `place`.
///
/// Errors:  kUsage for anything but decimal digits, a leading 0 before another digit, and whatever
///          is out of range.
Result<std::uint64_t> ParseWhole(std::string_view text, const std::string& place, WholeRange range);

/// A number as ParseWhole takes it, or with a point or an exponent: 0.5, 1e-3.
///
/// Errors:  those of ParseWhole; kUsage for infinities and what is not a number.
Result<double> ParseReal(std::string_view text, const std::string& place, RealRange range);

inline constexpr const char* kSizeInWords = "a size such as 512M or 2GiB";

/// A number of bytes: a whole number with K, M, G or T, or with KiB, MiB, GiB or TiB, which all
/// count in steps of 1024; "512M" is 2^29.
///
/// Errors:  those of ParseWhole; kUsage for another unit, none, and 2^63 bytes or more.
Result<std::uint64_t> ParseSize(std::string_view text, const std::string& place);

}  // namespace unroll::cli
