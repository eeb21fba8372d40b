// How good a network is on the part of a series that it was not trained on.
#pragma once

#include <cstddef>

#include "unroll/data/scaling.h"
#include "unroll/data/series.h"
#include "unroll/network/network.h"
#include "unroll/network/pass.h"
#include "unroll/tasks/series_stretches.h"

namespace unroll {

/// Two forecasters side by side.
struct Comparison {
  double error;                 ///< the network's
  double seasonal_naive_error;  ///< that of the same forecasts by the season before
};

/// Walks the whole series, and judges the forecasts of the values from `first` on.
template <class Real>
class Validation {
 public:
  /// `stretches` are the steps of the whole series, with the errors about those values unmasked.
  /// All references must outlive it.
  Validation(const Network<Real>& network, const SeriesStretches<Real>& stretches,
             ThreadPool& pool);

  /// Mean squared error in scaled numbers: what training makes small.
  double Error();

  /// Mean absolute errors, in the units of the series, of all those forecasts for which there is a
  /// season before to repeat.
  Comparison Compare(const Series& series, const Scaling& scaling, std::size_t first);

 private:
  const SeriesStretches<Real>* stretches_;
  Pass<Real> pass_;
};

}  // namespace unroll
