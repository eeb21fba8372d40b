// The dates of a series: read strictly, their frequency recognised, and continued in the same form.
//
// The frequency is the most common distance between neighbours; every other distance is an error
// with its place, so that a gap, a repeat or a wrong order is never taken for data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "unroll/base/status.h"

namespace unroll {

/// How dates are written.
enum class DateForm {
  kYear,   ///< 1821
  kMonth,  ///< 1949-01
  kDay,    ///< 1958-03-29, ISO 8601
};

/// What steps are counted in: days have one length, months have not.
enum class DateUnit { kMonths, kDays };

/// Dates at equal steps, of which only the first is kept.
struct DateAxis {
  DateForm form;
  DateUnit unit;
  std::int64_t first;  ///< months since the year 0, or days since 1970-01-01
  std::int64_t step;   ///< of `unit`s
  unsigned day;  ///< day of the month where the unit is the month; in a shorter month its last

  /// Steps after which a season comes round: 12 for months, 4 for quarters, 52 for weeks, 7 for
  /// days, else 1.
  std::size_t Season() const;
  /// "monthly", "every 5 days"
  std::string Frequency() const;
  /// The date of step i, in the form of the input.
  std::string At(std::int64_t i) const;
  /// The dates of the steps from `begin` on.
  ///
  /// Errors:  kBadData, at `place`, where they go beyond the year 9999.
  Result<std::vector<std::string>> Dates(std::size_t begin, std::size_t count,
                                         const std::string& place) const;

  friend bool operator==(const DateAxis&, const DateAxis&) = default;
};

/// Whether `cell` is a date of one of the forms; blanks around it are allowed.
bool IsDate(std::string_view cell);

/// The axis on which all of `cells` (at least one) lie, one step apart. A single date is taken for
/// yearly, monthly or daily by its form.
///
/// Errors:  kBadData, at place(i), for a cell that is no date of the first one's form, and for the
///          first gap, repeat or step back.
Result<DateAxis> ReadDates(std::span<const std::string_view> cells,
                           const std::function<std::string(std::size_t)>& place);

}  // namespace unroll
