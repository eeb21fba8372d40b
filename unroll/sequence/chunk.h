// How many steps' sums are formed ahead of the walk by one product with W.
#pragma once

#include <algorithm>
#include <cstddef>

namespace unroll {

/// Steps whose sums fit the second-level cache; but at least so many that the product has 96 rows,
/// or W would be read from the third level for too little work.
///
/// Units:  `numbers_per_row` of sums that one row writes in one step.
template <class Real>
constexpr std::size_t ChunkSteps(std::size_t T, std::size_t rows, std::size_t numbers_per_row) {
  constexpr std::size_t kCacheNumbers = (std::size_t{384} << 10) / sizeof(Real);
  constexpr std::size_t kEnoughRows = 96;
  const std::size_t enough = (kEnoughRows + rows - 1) / rows;
  const std::size_t fitting = kCacheNumbers / std::max<std::size_t>(1, rows * numbers_per_row);
  return std::max<std::size_t>(1, std::min(T, std::max(enough, fitting)));
}

}  // namespace unroll
