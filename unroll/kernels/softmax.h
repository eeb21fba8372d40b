// Softmax and its logarithm over a row of numbers: what scores say as probabilities.
//
//   softmax(x)_k     = e^x_k / sum over j of e^x_j
//   log_softmax(x)_k = x_k - log(sum over j of e^x_j)
//
// No size of number overflows: what is raised is x_k less the largest. -inf is a number here, with
// probability 0. A row with NaN or +inf, or of -inf alone, gives NaN everywhere.
//
// Rows are reckoned in double whatever they consist of. Relative errors, with eps the distance from
// 1 to the next number of the row's type and off = the largest x less x_k:
//
//   softmax      float 1.1 eps      double (3 + off + n / 1000) eps
//   log_softmax  float 0.6 eps      double (3 + n / 1000) eps; that of the largest is as exact as
//                                   the softmax of the second
//
// Below the normal numbers float is right to the smallest denormal number; in double, softmax is 0
// where off > 708. log_softmax is -inf below the lowest number of its type.
#pragma once

#include <cstddef>

namespace unroll {

/// log(sum of e^x) = largest + excess. Apart, because excess is small beside a large x, and yet all
/// that is left of it for the largest. `excess` is NaN where the row gives NaN.
struct LogSum {
  double largest;
  double excess;  ///< 0 ... log(n)
};

/// What works on a row x of n > 0 numbers and writes as many to y, which may be x.
template <class Real>
struct RowFunctions {
  LogSum (*softmax)(const Real* x, std::size_t n, Real* y);
  LogSum (*log_softmax)(const Real* x, std::size_t n, Real* y);
  LogSum (*log_sum)(const Real* x, std::size_t n);
};

/// Those of the current instruction set (kernels/instruction_sets.h), to be asked for once for many
/// rows.
template <class Real>
RowFunctions<Real> SoftmaxFunctions();

}  // namespace unroll
