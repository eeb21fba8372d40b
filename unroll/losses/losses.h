// THE LIST of losses: each by a name and the option that it reads, as plain data.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "unroll/base/status.h"
#include "unroll/losses/loss.h"

namespace unroll {

/// A loss as a file or a command line names it. An option that it does not read stays as it is
/// here.
struct LossOptions {
  std::string name = "squared";                  ///< see Losses()
  double delta = 1;                              ///< where Huber's loss stops being a square
  std::vector<double> quantiles{0.1, 0.5, 0.9};  ///< between 0 and 1, rising
  double floor = 1e-3;                           ///< the least sigma of a normal distribution
  std::uint64_t classes = 2;                     ///< how many there are to choose from

  friend bool operator==(const LossOptions&, const LossOptions&) = default;
};

struct LossFacts {
  std::string_view name;
  std::string_view option;  ///< the field of LossOptions that it reads, or ""
};

/// squared, absolute, huber, quantile (regression.h), gaussian (likelihood.h), softmax, binary
/// (classification.h).
std::span<const LossFacts> Losses();

/// "squared, absolute, ...": for messages and help.
std::string LossNames();

/// Errors:  kUsage, place "loss" or "loss.FIELD", where the name is unknown, a value is out of its
///          range, or an option is set that the loss does not read.
Result<void> CheckLossOptions(const LossOptions& options);

/// Errors:  those of CheckLossOptions.
template <class Real>
Result<std::unique_ptr<Loss<Real>>> MakeLoss(const LossOptions& options);

}  // namespace unroll
