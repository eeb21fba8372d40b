// The flags that say what network is trained.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cli/flags.h"
#include "unroll/base/status.h"
#include "unroll/tasks/forecasting.h"

namespace unroll::cli {

/// Empty where not given.
struct NetworkFlags {
  std::string cell, hidden, direction, activation, initial, threshold;
  std::optional<std::uint64_t> layers;
  std::optional<double> dropout, recurrent_dropout, forget_bias;
  bool peepholes = false, residual = false;

  void AddTo(Flags& flags);
  /// The name of the first that is given, or "".
  std::string FirstGiven() const;
  /// Sets those that are given.
  ///
  /// Errors:  kUsage.
  Result<void> ApplyTo(ForecastingOptions& options) const;
};

}  // namespace unroll::cli
