// Numbers in cells: the same in every locale.
#pragma once

#include <string>
#include <string_view>

#include "unroll/base/status.h"

namespace unroll {

inline constexpr double kLargestNumber = 1e15;  ///< sizes beyond are taken for damage in the file

/// Why a cell holds no number.
enum class NumberFault { kNotANumber, kOutOfRange };

/// The decimal number in `cell`, with blanks and one sign allowed before it and blanks after; NaN
/// where the number is missing: an empty cell, nan or NA in letters of any case.
///
/// Errors:  kOutOfRange for an infinity, a size above kLargestNumber, and one that is not 0 but too
///          small for a double; kNotANumber for everything else.
tl::expected<double, NumberFault> ParseNumber(std::string_view cell);

/// Whether `cell` holds a number that is not missing and not out of range.
bool IsNumber(std::string_view cell);

/// What a person is told about `cell` at `place`.
Error NumberError(NumberFault fault, std::string_view cell, std::string place);

}  // namespace unroll
