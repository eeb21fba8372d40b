// What lies between two layers: the outputs of two directions side by side, and a layer's input
// added to its output.
#pragma once

#include <array>
#include <cstddef>

#include "unroll/base/threads.h"

namespace unroll {

/// Rows of one or two parts, [rows, widths[0]] and [rows, widths[1]] (0: there is none), that stand
/// side by side in [rows, widths[0] + widths[1]]. All rows are aligned.
template <class Real>
struct SideBySide {
  std::size_t rows;
  std::array<std::size_t, 2> widths;

  /// joined := the parts side by side, plus `added` where that is not null.
  void Join(const std::array<const Real*, 2>& parts, const Real* added, Real* joined,
            ThreadPool& pool) const;
  /// parts := their columns of `joined`.
  void Part(const Real* joined, const std::array<Real*, 2>& parts, ThreadPool& pool) const;
};

/// to += from, both [rows, width] aligned.
template <class Real>
void AddRows(std::size_t rows, std::size_t width, const Real* from, Real* to, ThreadPool& pool);

}  // namespace unroll
