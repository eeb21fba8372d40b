// The logistic function and its integral for any size of number. For losses/ alone.
#pragma once

#include <algorithm>
#include <cmath>

namespace unroll {

/// log(1 + e^x).
inline double Softplus(double x) { return std::max(0.0, x) + std::log1p(std::exp(-std::abs(x))); }

/// 1 / (1 + e^-x), the slope of Softplus; as exact near 0 as near 1.
inline double Logistic(double x) {
  const double e = std::exp(-std::abs(x));
  return (x >= 0 ? 1 : e) / (1 + e);
}

}  // namespace unroll
