// One series of numbers out of a CSV file: its values, and their dates where it has them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "unroll/base/status.h"
#include "unroll/data/dates.h"

namespace unroll {

/// Values at equal steps, the oldest first. At least one, all finite.
struct Series {
  std::string id = "1";    ///< `unique_id` of the output
  std::string value_name;  ///< header of the values, or "y"
  std::vector<double> values;
  std::optional<DateAxis> dates;  ///< of values[0] on
  std::string place;              ///< the file, for errors about the series as a whole

  /// The dates' season; 1 where there are none.
  std::size_t Season() const;
  /// `ds` of the `count` steps after the last value: dates, or else numbers from size + 1 on.
  ///
  /// Errors:  see DateAxis::Dates.
  Result<std::vector<std::string>> StepsAfter(std::size_t count) const;
};

/// Reads one column of numbers, or a date and a number, under any names or none.
///
/// Errors:  kBadData for what ParseCsv and ReadDates refuse, more than two columns, no number below
///          the header, and a cell that holds no number or whose number is missing.
Result<Series> ReadSeries(std::string text, std::string name);

}  // namespace unroll
