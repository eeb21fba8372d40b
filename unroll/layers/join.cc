#include "unroll/layers/join.h"

#include <algorithm>

#include "unroll/base/arena.h"

namespace unroll {
namespace {

/// Calls body(first, end) for every thread's share of the rows.
template <class Body>
void ForRows(std::size_t rows, std::size_t width, ThreadPool& pool, const Body& body) {
  constexpr std::size_t kWorthSharing = std::size_t{1} << 15;  // numbers
  const int threads = rows * width < kWorthSharing ? 1 : pool.threads();
  pool.Run(threads, [&](int index, int count) {
    const auto i = static_cast<std::size_t>(index), n = static_cast<std::size_t>(count);
    body(rows * i / n, rows * (i + 1) / n);
  });
}

}  // namespace

template <class Real>
void SideBySide<Real>::Join(const std::array<const Real*, 2>& parts, const Real* added,
                            Real* joined, ThreadPool& pool) const {
  const std::size_t width = widths[0] + widths[1], stride = Padded<Real>(width);
  ForRows(rows, width, pool, [&](std::size_t first, std::size_t end) {
    for (std::size_t r = first; r < end; ++r) {
      Real* to = joined + r * stride;
      std::size_t column = 0;
      for (std::size_t part = 0; part < parts.size(); ++part) {
        if (widths[part] == 0) continue;
        std::copy_n(parts[part] + r * Padded<Real>(widths[part]), widths[part], to + column);
        column += widths[part];
      }
      if (added == nullptr) continue;
      const Real* more = added + r * stride;
      for (std::size_t j = 0; j < width; ++j) to[j] += more[j];
    }
  });
}

template <class Real>
void SideBySide<Real>::Part(const Real* joined, const std::array<Real*, 2>& parts,
                            ThreadPool& pool) const {
  const std::size_t width = widths[0] + widths[1], stride = Padded<Real>(width);
  ForRows(rows, width, pool, [&](std::size_t first, std::size_t end) {
    for (std::size_t r = first; r < end; ++r) {
      const Real* from = joined + r * stride;
      for (std::size_t part = 0; part < parts.size(); ++part) {
        if (widths[part] == 0) continue;
        std::copy_n(from, widths[part], parts[part] + r * Padded<Real>(widths[part]));
        from += widths[part];
      }
    }
  });
}

template <class Real>
void AddRows(std::size_t rows, std::size_t width, const Real* from, Real* to, ThreadPool& pool) {
  const std::size_t stride = Padded<Real>(width);
  ForRows(rows, width, pool, [&](std::size_t first, std::size_t end) {
    for (std::size_t r = first; r < end; ++r) {
      for (std::size_t j = 0; j < width; ++j) to[r * stride + j] += from[r * stride + j];
    }
  });
}

#define UNROLL_INSTANTIATE(Real)    \
  template struct SideBySide<Real>; \
  template void AddRows(std::size_t, std::size_t, const Real*, Real*, ThreadPool&);
UNROLL_INSTANTIATE(float)
UNROLL_INSTANTIATE(double)

}  // namespace unroll
