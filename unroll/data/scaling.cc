#include "unroll/data/scaling.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "unroll/data/numbers.h"

namespace unroll {
namespace {

struct Spread {
  double mean, sd;
};

/// Mean and standard deviation of z_t - z_{t-lag}. A deviation that rounding alone could have made
/// counts as none: dividing by it would make noise as large as a signal.
Spread SpreadOfDifferences(std::span<const double> z, std::size_t lag) {
  const double count = static_cast<double>(z.size() - lag);
  double sum = 0, largest = 0;
  for (std::size_t t = lag; t < z.size(); ++t) sum += z[t] - z[t - lag];
  for (const double value : z) largest = std::max(largest, std::abs(value));
  const double mean = sum / count;
  double squares = 0;
  for (std::size_t t = lag; t < z.size(); ++t) {
    const double off = z[t] - z[t - lag] - mean;
    squares += off * off;
  }
  const double sd = std::sqrt(squares / count);
  const double noise = 4 * std::numeric_limits<double>::epsilon() * largest;
  return {mean, sd > noise ? sd : 1.0};
}

double RootMeanSquare(std::span<const double> numbers) {
  double sum = 0;
  for (const double number : numbers) sum += number * number;
  return std::sqrt(sum / static_cast<double>(numbers.size()));
}

Result<void> CheckNumbers(const char* field, std::span<const double> numbers, std::size_t size,
                          bool positive) {
  if (numbers.size() != size) {
    return Fail(Failure::kBadData, field, fmt::format("{} numbers", size),
                fmt::to_string(numbers.size()));
  }
  for (const double number : numbers) {
    if (!std::isfinite(number) || (positive && number <= 0)) {
      return Fail(Failure::kBadData, field, positive ? "finite numbers above 0" : "finite numbers",
                  fmt::to_string(number));
    }
  }
  return {};
}

}  // namespace

Result<void> CheckScaling(const Scaling& scaling) {
  if (scaling.season == 0) {
    return Fail(Failure::kBadData, "season", "at least 1 step", "0");
  }
  if (scaling.target_mean.empty()) {
    return Fail(Failure::kBadData, "target_mean", "at least 1 number", "0");
  }
  const std::size_t I = scaling.season > 1 ? 2 : 1;
  const std::size_t N = scaling.target_mean.size();
  return CheckNumbers("input_mean", scaling.input_mean, I, false)
      .and_then([&] { return CheckNumbers("input_sd", scaling.input_sd, I, true); })
      .and_then([&] { return CheckNumbers("target_mean", scaling.target_mean, N, false); })
      .and_then([&] { return CheckNumbers("target_sd", scaling.target_sd, N, true); });
}

bool AllPositive(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [](double value) { return value > 0; });
}

std::size_t LeastTrainingValues(std::size_t season, std::size_t horizon) {
  return std::max(season, horizon) + 2;
}

Scaling FitScaling(std::span<const double> training, std::size_t season, std::size_t horizon,
                   bool logarithm) {
  if (season == 0 || horizon == 0 || training.size() < LeastTrainingValues(season, horizon)) {
    throw std::logic_error("FitScaling: too few values for the season and the horizon");
  }
  Scaling scaling;
  scaling.logarithm = logarithm;
  scaling.season = season;
  const Result<std::vector<double>> z = Transform(scaling, training, "");
  if (!z) throw std::logic_error("FitScaling: logarithms of values that are not positive");
  const auto add = [&](std::size_t lag, std::vector<double>& mean, std::vector<double>& sd) {
    const Spread spread = SpreadOfDifferences(*z, lag);
    mean.push_back(spread.mean);
    sd.push_back(spread.sd);
  };
  add(1, scaling.input_mean, scaling.input_sd);
  if (season > 1) add(season, scaling.input_mean, scaling.input_sd);
  for (std::size_t k = 1; k <= horizon; ++k) add(k, scaling.target_mean, scaling.target_sd);
  std::fill(scaling.target_sd.begin(), scaling.target_sd.end(), RootMeanSquare(scaling.target_sd));
  return scaling;
}

Result<std::vector<double>> Transform(const Scaling& scaling, std::span<const double> values,
                                      const std::string& place) {
  std::vector<double> z(values.begin(), values.end());
  if (!scaling.logarithm) return z;
  for (std::size_t t = 0; t < z.size(); ++t) {
    if (z[t] <= 0) {
      return Fail(Failure::kBadData, place,
                  "values above 0, because the model works in their logarithms",
                  fmt::format("{} as value {} of {}", z[t], t + 1, z.size()),
                  "train a model on data that hold such values");
    }
    z[t] = std::log(z[t]);
  }
  return z;
}

std::vector<double> Untransform(const Scaling& scaling, double z, std::span<const double> outputs) {
  if (outputs.size() > scaling.horizon()) {
    throw std::logic_error("Untransform: more outputs than the scaling's horizon");
  }
  std::vector<double> values;
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    const double later = z + outputs[k] * scaling.target_sd[k] + scaling.target_mean[k];
    const double value = scaling.logarithm ? std::exp(later) : later;
    values.push_back(std::clamp(value, -kLargestNumber, kLargestNumber));
  }
  return values;
}

}  // namespace unroll
