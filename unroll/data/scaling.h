// How values become the numbers that a network reads and gives, and back again.
//
//   z_t = log y_t, or y_t
//   input of step t:   z_t - z_{t-1}  and, with a season S > 1,  z_t - z_{t-S}
//   target of step t:  z_{t+k} - z_t  for k = 1 .. N
//
// each less its mean and divided by its standard deviation, both taken over the part of the series
// that trains; the targets all by one, the root mean square of theirs, so that an error far ahead,
// where the values spread, counts for more. What was fitted is stored in the model.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "unroll/base/status.h"

namespace unroll {

/// Everything fitted on the training part. All numbers are finite, all deviations above 0.
struct Scaling {
  bool logarithm = false;
  std::uint64_t season = 1;                    ///< S, in steps
  std::vector<double> input_mean, input_sd;    ///< [I], I = 1, or 2 where S > 1
  std::vector<double> target_mean, target_sd;  ///< [N], for k = 1 .. N

  std::size_t inputs() const { return input_mean.size(); }
  std::size_t horizon() const { return target_mean.size(); }

  /// Calls visit(name, field) for every field, in the order of the file.
  template <class Self, class Visit>
  static void ForEachField(Self& self, Visit&& visit) {
    visit("logarithm", self.logarithm);
    visit("season", self.season);
    visit("input_mean", self.input_mean);
    visit("input_sd", self.input_sd);
    visit("target_mean", self.target_mean);
    visit("target_sd", self.target_sd);
  }
  friend bool operator==(const Scaling&, const Scaling&) = default;
};

/// Whether a Scaling read from a file can be used.
///
/// Errors:  kBadData where a size does not fit, a number is not finite or a deviation is not above
///          0; `place` is the field's name.
Result<void> CheckScaling(const Scaling& scaling);

/// Whether every value has a logarithm.
bool AllPositive(std::span<const double> values);

/// The fewest values that FitScaling can learn from: two differences of every kind.
std::size_t LeastTrainingValues(std::size_t season, std::size_t horizon);

/// Fits a scaling on `training`, at least LeastTrainingValues of them, all positive where
/// `logarithm`. Differences that do not vary get the deviation 1.
///
/// Errors:  std::logic_error where the values are too few or not positive.
Scaling FitScaling(std::span<const double> training, std::size_t season, std::size_t horizon,
                   bool logarithm);

/// z of each value.
///
/// Errors:  kBadData, at `place`, for a value that has no logarithm where one is wanted.
Result<std::vector<double>> Transform(const Scaling& scaling, std::span<const double> values,
                                      const std::string& place);

/// What the network's output for k = 1 .. N, read at the step whose z is `z`, says in the units of
/// the values. Held within the numbers that a data file may hold (kLargestNumber).
///
/// Shapes:  outputs [at most N].
std::vector<double> Untransform(const Scaling& scaling, double z, std::span<const double> outputs);

}  // namespace unroll
