// What a network reads and is asked for at every step of a series, as dense arrays.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "unroll/base/status.h"
#include "unroll/data/scaling.h"

namespace unroll {

/// Scaled numbers beyond this many deviations are held there, so that values such as training never
/// saw stay finite in the network's arithmetic.
inline constexpr double kFurthestDeviation = 1e6;

/// The values [begin, end) of a series.
struct ValueRange {
  std::size_t begin, end;
};

/// A series as a network walks it. T steps, one a value; I inputs; N steps ahead.
template <class Real>
struct SeriesSteps {
  std::size_t T, I, N;
  std::vector<Real> x;       ///< [T, I]; 0 where the past does not reach
  std::vector<Real> target;  ///< [T, N]; 0 where masked
  std::vector<Real> mask;    ///< [T, N]; 1 where the value that the target speaks of counts, else 0
};

/// Makes the steps of a whole series. The errors that count are those about the values in `judged`:
/// of step t and k ahead, where t + k lies in it. Inputs are given at every step.
///
/// Errors:  kBadData, at `place`, see Transform.
template <class Real>
Result<SeriesSteps<Real>> MakeSteps(const Scaling& scaling, std::span<const double> values,
                                    ValueRange judged, const std::string& place);

}  // namespace unroll
