// What vector.cc hands to the loops of each instruction set. For kernels/ alone.
#pragma once

#include <cstddef>

namespace unroll {

/// The loops over a share of n numbers, compiled for one instruction set; see vector-inl.h.
template <class Real>
struct VectorLoops {
  double (*sum_of_squares)(const Real* x, std::size_t n, double factor);
  double (*largest_size)(const Real* x, std::size_t n);
  double (*zeroed)(const Real* x, std::size_t n);
  void (*scale)(Real* x, std::size_t n, double factor);
};

}  // namespace unroll
