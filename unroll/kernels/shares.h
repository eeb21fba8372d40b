// An array cut into shares for threads: by its length alone, so that sums over shares have one
// order. For kernels/ alone.
#pragma once

#include <algorithm>
#include <cstddef>

#include "unroll/base/threads.h"

namespace unroll {

/// Shares of whole cache lines.
class Shares {
 public:
  explicit Shares(std::size_t n)
      : size(std::max(kLeast, ((n + kMost - 1) / kMost + 63) / 64 * 64)),
        count((n + size - 1) / size),
        total(n) {}

  /// The sum, in order, of what body(first, n) gives for each share.
  template <class Body>
  double Sum(ThreadPool& pool, const Body& body) const {
    double parts[kMost];
    pool.Run(total < kWorthThreads ? 1 : pool.threads(), [&](int index, int threads) {
      const FlushDenormals flush;
      const auto i = static_cast<std::size_t>(index), n = static_cast<std::size_t>(threads);
      for (std::size_t k = count * i / n; k < count * (i + 1) / n; ++k) {
        parts[k] = body(k * size, std::min(size, total - k * size));
      }
    });
    double sum = 0;
    for (std::size_t k = 0; k < count; ++k) sum += parts[k];
    return sum;
  }

  const std::size_t size, count, total;

 private:
  static constexpr std::size_t kMost = 64;
  static constexpr std::size_t kLeast = 4096;  // numbers
  static constexpr std::size_t kWorthThreads = 1
                                               << 16;  // numbers; fewer are done before one awakes
};

}  // namespace unroll
