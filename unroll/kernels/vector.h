// Arithmetic over whole arrays, such as all gradients of a network.
//
// An array is cut into shares that depend on its length alone, and what the shares give is added in
// their order: the same bits for any number of threads.
#pragma once

#include <span>

#include "unroll/base/threads.h"

namespace unroll {

/// Root of the sum of squares. Sums in double and scales where a square would leave its range; not
/// finite only where a number is not, or the norm itself is no double. Denormal numbers count as 0.
template <class Real>
double EuclideanNorm(std::span<const Real> numbers, ThreadPool& pool);

template <class Real>
bool AllFinite(std::span<const Real> numbers, ThreadPool& pool);

template <class Real>
void Scale(std::span<Real> numbers, double factor, ThreadPool& pool);

}  // namespace unroll
