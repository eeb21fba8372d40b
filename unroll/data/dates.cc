#include "unroll/data/dates.h"

#include <date/date.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "unroll/data/plain_text.h"

namespace unroll {
namespace {

using date::year_month_day;

constexpr std::int64_t kLastYear = 9999;

/// The number that `text` is, all of it digits.
std::optional<int> Digits(std::string_view text) {
  int number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  return number;
}

struct Date {
  DateForm form;
  year_month_day day;  ///< the first one of a year or a month
};

/// The date in `cell`. Fixed widths, so that a form is never guessed from a date's value.
std::optional<Date> ParseDate(std::string_view cell) {
  const std::string_view text = Trimmed(cell);
  Date found{};
  std::optional<int> year, month = 1, day = 1;
  if (text.size() == 4) {
    found.form = DateForm::kYear;
  } else if (text.size() == 7 && text[4] == '-') {
    found.form = DateForm::kMonth;
  } else if (text.size() == 10 && text[4] == '-' && text[7] == '-') {
    found.form = DateForm::kDay;
    day = Digits(text.substr(8));
  } else {
    return std::nullopt;
  }
  year = Digits(text.substr(0, 4));
  if (found.form != DateForm::kYear) month = Digits(text.substr(5, 2));
  if (!year || !month || !day || *year == 0) return std::nullopt;
  found.day = date::year(*year) / static_cast<int>(*month) / static_cast<int>(*day);
  if (!found.day.ok()) return std::nullopt;
  return found;
}

std::int64_t Months(const year_month_day& day) {
  return std::int64_t{static_cast<int>(day.year())} * 12 + static_cast<unsigned>(day.month()) - 1;
}

std::int64_t Days(const year_month_day& day) {
  return date::sys_days(day).time_since_epoch().count();
}

/// The most common size of the steps between neighbours other than 0, of equals the smallest; or
/// `otherwise`.
std::int64_t CommonStep(const std::vector<Date>& dates,
                        std::int64_t (*position)(const year_month_day&), std::int64_t otherwise) {
  std::vector<std::int64_t> steps;
  for (std::size_t i = 1; i < dates.size(); ++i) {
    const std::int64_t step = std::abs(position(dates[i].day) - position(dates[i - 1].day));
    if (step != 0) steps.push_back(step);
  }
  std::sort(steps.begin(), steps.end());
  std::size_t most = 0;
  for (std::size_t begin = 0, end = 0; begin < steps.size(); begin = end) {
    while (end < steps.size() && steps[end] == steps[begin]) ++end;
    if (end - begin > most) {
      most = end - begin;
      otherwise = steps[begin];
    }
  }
  return otherwise;
}

unsigned LastDay(const year_month_day& day) {
  return static_cast<unsigned>((day.year() / day.month() / date::last).day());
}

/// The day of the month on which all dates fall if they are months apart: 31 if all are the last of
/// theirs, else the most common one.
unsigned CommonDay(const std::vector<Date>& dates) {
  std::size_t last = 0, count[32] = {};
  for (const Date& date : dates) {
    const unsigned day = static_cast<unsigned>(date.day.day());
    ++count[day];
    last += day == LastDay(date.day);
  }
  if (last == dates.size()) return 31;
  return static_cast<unsigned>(
      31 - (std::max_element(std::rbegin(count), std::rend(count)) - std::rbegin(count)));
}

/// What the dates of form kDay are steps of.
DateAxis RecogniseDays(const std::vector<Date>& dates) {
  DateAxis axis{DateForm::kDay, DateUnit::kDays, Days(dates[0].day), CommonStep(dates, Days, 1), 1};
  if (axis.step < 28) return axis;
  const unsigned common = CommonDay(dates);
  const auto fits = std::count_if(dates.begin(), dates.end(), [&](const Date& date) {
    return static_cast<unsigned>(date.day.day()) == std::min(common, LastDay(date.day));
  });
  if (static_cast<std::size_t>(fits) * 2 <= dates.size()) return axis;
  return {DateForm::kDay, DateUnit::kMonths, Months(dates[0].day), CommonStep(dates, Months, 1),
          common};
}

/// What is wrong with date i, which is not where the axis has its step i, though all before it are.
Error StepError(const DateAxis& axis, const std::vector<Date>& dates, std::size_t i,
                std::string_view cell, std::string place) {
  std::string mend =
      fmt::format("the dates are {}: fill in the rows that are missing", axis.Frequency());
  if (i == 0) {
    mend = fmt::format("the dates after it are {}", axis.Frequency());
  } else if (dates[i].day == dates[i - 1].day) {
    mend = "the date is there twice: keep one row of it";
  } else if (dates[i].day < dates[i - 1].day) {
    mend = "put the rows in the order of time";
  }
  return {Failure::kBadData, std::move(place), axis.At(static_cast<std::int64_t>(i)),
          std::string(Trimmed(cell)), std::move(mend)};
}

}  // namespace

std::size_t DateAxis::Season() const {
  if (unit == DateUnit::kMonths) return step == 1 ? 12 : step == 3 ? 4 : 1;
  return step == 1 ? 7 : step == 7 ? 52 : 1;
}

std::string DateAxis::Frequency() const {
  if (unit == DateUnit::kDays) {
    return step == 1 ? "daily" : step == 7 ? "weekly" : fmt::format("every {} days", step);
  }
  if (step == 12) return "yearly";
  if (step % 12 == 0) return fmt::format("every {} years", step / 12);
  return step == 1 ? "monthly" : step == 3 ? "quarterly" : fmt::format("every {} months", step);
}

std::string DateAxis::At(std::int64_t i) const {
  const std::int64_t position = first + i * step;
  if (unit == DateUnit::kDays) {
    const year_month_day on = date::sys_days(date::days(position));
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(on.year()),
                       static_cast<unsigned>(on.month()), static_cast<unsigned>(on.day()));
  }
  const std::int64_t year = position / 12, month = position % 12 + 1;
  if (form == DateForm::kYear) return fmt::format("{:04}", year);
  if (form == DateForm::kMonth) return fmt::format("{:04}-{:02}", year, month);
  const year_month_day in_month = date::year(static_cast<int>(year)) / static_cast<int>(month) / 1;
  return fmt::format("{:04}-{:02}-{:02}", year, month, std::min(day, LastDay(in_month)));
}

Result<std::vector<std::string>> DateAxis::Dates(std::size_t begin, std::size_t count,
                                                 const std::string& place) const {
  const std::int64_t end = unit == DateUnit::kMonths
                               ? (kLastYear + 1) * 12
                               : Days(date::year(kLastYear + 1) / date::January / 1);
  const std::size_t known = static_cast<std::size_t>((end - 1 - first) / step) + 1;
  if (begin > known || count > known - begin) {
    return Fail(Failure::kBadData, place, fmt::format("dates up to the year {}", kLastYear),
                fmt::format("{} steps ({}) from {} on", begin + count, Frequency(), At(0)));
  }
  std::vector<std::string> dates;
  dates.reserve(count);
  for (std::size_t i = begin; i < begin + count; ++i) {
    dates.push_back(At(static_cast<std::int64_t>(i)));
  }
  return dates;
}

bool IsDate(std::string_view cell) { return ParseDate(cell).has_value(); }

Result<DateAxis> ReadDates(std::span<const std::string_view> cells,
                           const std::function<std::string(std::size_t)>& place) {
  std::vector<Date> dates;
  dates.reserve(cells.size());
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::optional<Date> date = ParseDate(cells[i]);
    if (!date || (i > 0 && date->form != dates[0].form)) {
      return Fail(Failure::kBadData, place(i),
                  i == 0 ? "a date like 1949, 1949-01 or 1949-01-31"
                         : fmt::format("a date like {}", Trimmed(cells[0])),
                  fmt::format("\"{}\"", Escaped(cells[i])));
    }
    dates.push_back(*date);
  }
  const DateForm form = dates[0].form;
  const DateAxis axis =
      form == DateForm::kDay
          ? RecogniseDays(dates)
          : DateAxis{form, DateUnit::kMonths, Months(dates[0].day),
                     CommonStep(dates, Months, form == DateForm::kYear ? 12 : 1), 1};
  for (std::size_t i = 0; i < dates.size(); ++i) {
    if (axis.At(static_cast<std::int64_t>(i)) == Trimmed(cells[i])) continue;
    return tl::unexpected(StepError(axis, dates, i, cells[i], place(i)));
  }
  return axis;
}

}  // namespace unroll
