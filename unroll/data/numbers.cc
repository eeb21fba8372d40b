#include "unroll/data/numbers.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "unroll/data/plain_text.h"

namespace unroll {
namespace {

bool EqualsWithoutCase(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

}  // namespace

tl::expected<double, NumberFault> ParseNumber(std::string_view cell) {
  std::string_view digits = Trimmed(cell);
  if (digits.empty() || EqualsWithoutCase(digits, "nan") || EqualsWithoutCase(digits, "na")) {
    return std::nan("");
  }
  if (digits.front() == '+') {
    digits.remove_prefix(1);
    if (digits.starts_with('-')) return tl::unexpected(NumberFault::kNotANumber);
  }
  double number = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, code] = std::from_chars(digits.data(), end, number);
  if (stop != end || code == std::errc::invalid_argument || std::isnan(number)) {
    return tl::unexpected(NumberFault::kNotANumber);
  }
  if (code == std::errc::result_out_of_range || std::abs(number) > kLargestNumber) {
    return tl::unexpected(NumberFault::kOutOfRange);
  }
  return number;
}

bool IsNumber(std::string_view cell) {
  const auto number = ParseNumber(cell);
  return number && !std::isnan(*number);
}

Error NumberError(NumberFault fault, std::string_view cell, std::string place) {
  std::string expected = "a number";
  std::string mend = "leave the cell empty if it is missing";
  if (fault == NumberFault::kOutOfRange) {
    expected = "a number of a size up to 1e15 that a double can hold";
  } else if (cell.find_first_of("0123456789") != std::string_view::npos &&
             cell.find(',') != std::string_view::npos) {
    mend = "write it with a decimal point and without separators";
  }
  return {Failure::kBadData, std::move(place), std::move(expected),
          fmt::format("\"{}\"", Escaped(cell)), std::move(mend)};
}

}  // namespace unroll
