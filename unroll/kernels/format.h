// Precision is a property of a product: what its operands are, and what their products are summed
// in.
#pragma once

namespace unroll {

/// Operands and sums in single precision. Canonical order: k ascending, one accumulator an output.
struct F32 {
  using Operand = float;
  using Sum = float;
};

/// The same in double precision.
struct F64 {
  using Operand = double;
  using Sum = double;
};

}  // namespace unroll
