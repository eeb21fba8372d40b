// What update.cc hands to the loops of each instruction set. For kernels/ alone.
#pragma once

#include <cstddef>

namespace unroll {

/// The arrays of one update; m and v are null where the rule has none.
template <class Real>
struct UpdateArrays {
  const Real* gradients;
  Real *weights, *m, *v;
};

/// The numbers of a rule as its loop needs them.
template <class Real>
struct SgdNumbers {
  Real gradient_factor, weight_decay;
  Real rate, momentum;
  bool nesterov;
};

template <class Real>
struct RmspropNumbers {
  Real gradient_factor, weight_decay;
  Real rate, momentum;
  Real alpha, rest;  ///< rest: 1 - alpha
  Real epsilon;
};

template <class Real>
struct AdamNumbers {
  Real gradient_factor, weight_decay;
  Real beta_1, rest_1;  ///< rest: 1 - beta
  Real beta_2, rest_2;
  Real step;             ///< rate / (1 - beta_1^t)
  Real root_correction;  ///< sqrt(1 - beta_2^t)
  Real epsilon;
  Real kept;  ///< share of a weight that decoupled decay leaves
};

/// One rule over the n numbers from `first` on: 0 where all that it wrote is finite, else NaN.
template <class Real, template <class> class Numbers>
using UpdateLoop = double (*)(const Numbers<Real>& numbers, const UpdateArrays<Real>& arrays,
                              std::size_t first, std::size_t n);

/// The loops compiled for one instruction set; see update-inl.h.
template <class Real>
struct UpdateLoops {
  UpdateLoop<Real, SgdNumbers> sgd;
  UpdateLoop<Real, RmspropNumbers> rmsprop;
  UpdateLoop<Real, AdamNumbers> adam;
};

}  // namespace unroll
