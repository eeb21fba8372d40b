// What vector.cc hands to the loops of each instruction set. For kernels/ alone.
#pragma once

#include <cstddef>

namespace unroll {

/// An AdamStep's numbers as the loop needs them.
template <class Real>
struct AdamNumbers {
  Real gradient_factor, epsilon;
  Real beta_1, rest_1;  ///< rest: 1 - beta
  Real beta_2, rest_2;
  Real step;             ///< rate / (1 - beta_1^t)
  Real root_correction;  ///< sqrt(1 - beta_2^t)
};

template <class Real>
struct AdamArrays {
  const Real* gradients;
  Real *weights, *m, *v;
};

/// The loops over a share of n numbers, compiled for one instruction set; see vector-inl.h.
template <class Real>
struct VectorLoops {
  double (*sum_of_squares)(const Real* x, std::size_t n, double factor);
  double (*largest_size)(const Real* x, std::size_t n);
  double (*zeroed)(const Real* x, std::size_t n);
  void (*scale)(Real* x, std::size_t n, double factor);
  double (*adam)(const AdamNumbers<Real>& numbers, const AdamArrays<Real>& arrays,
                 std::size_t first, std::size_t n);
};

}  // namespace unroll
