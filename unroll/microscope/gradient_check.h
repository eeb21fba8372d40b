// Gradients against central differences: of a whole network, its initial states and its inputs.
#pragma once

#include <cstddef>
#include <string>

#include "unroll/microscope/gradient_cases.h"

namespace unroll {

/// Relative error that a right gradient stays below, in double.
inline constexpr double kGradientTolerance = 1e-6;

struct GradientResult {
  double worst = 0;        ///< largest difference, relative to the largest gradient of its kind
  std::string where;       ///< the tensor it was found in
  std::size_t looked = 0;  ///< numbers whose slope was measured
  std::size_t kinks = 0;   ///< numbers left out, since a kink lies within the steps of measuring
};

/// Walks a small random batch forward and back as the case says, and measures the slope of the loss
/// along at most `most` numbers of each tensor of weights, of the given initial states and of the
/// inputs.
///
/// The gradients are those of the case's split; slopes are measured by one thread, whose error must
/// be the same to the last bit (else the difference is infinite, in "split").
///
/// Five points are measured twice, with steps of different size. Where a kink (of relu, |error|
/// ...) lies among them, the two slopes differ, and the number is left out; a wrong gradient leaves
/// both alike. Where that happens to many, other random numbers are taken.
///
/// Errors:  those of SubjectOf; std::bad_alloc.
Result<GradientResult> CheckGradients(const GradientCase& one, std::size_t most);

}  // namespace unroll
