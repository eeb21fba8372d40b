// How many steps' sums are formed ahead of the walk by one product with W.
#pragma once

#include <algorithm>
#include <cstddef>

namespace unroll {

inline constexpr std::size_t kChunkBytes = std::size_t{384} << 10;  ///< of the second-level cache
inline constexpr std::size_t kChunkRows = 96;

/// Steps whose sums fit the second-level cache; but at least so many that the product has 96 rows,
/// or W would be read from the third level for too little work.
///
/// Units:  `numbers_per_row` of sums that one row writes in one step.
template <class Real>
constexpr std::size_t ChunkSteps(std::size_t T, std::size_t rows, std::size_t numbers_per_row) {
  const std::size_t enough = (kChunkRows + rows - 1) / rows;
  const std::size_t fitting =
      kChunkBytes / sizeof(Real) / std::max<std::size_t>(1, rows * numbers_per_row);
  return std::max<std::size_t>(1, std::min(T, std::max(enough, fitting)));
}

/// Bound on the numbers of a chunk of at most T steps of at most `rows` rows. Fewer rows may be
/// walked in larger chunks: 95 rows by two steps, 96 by one.
template <class Real>
constexpr std::size_t MostChunkNumbers(std::size_t T, std::size_t rows,
                                       std::size_t numbers_per_row) {
  const std::size_t enough = (rows + kChunkRows - 1) * numbers_per_row;
  return std::min(std::max<std::size_t>(1, T) * rows * numbers_per_row,
                  std::max(enough, kChunkBytes / sizeof(Real)));
}

}  // namespace unroll
