// The threshold on the gradient that is passed back in time.
#pragma once

namespace unroll {

/// Bounds what reaches the state before a step, after the product with U: of each sequence, at each
/// step, for each state of the cell apart.
///
/// Source:  Graves 2013, arXiv:1308.0850, section 2.1, by value; by norm it is the same hack with
///          the direction kept.
struct Threshold {
  enum class Kind {
    kNone,
    kValue,  ///< each number lies in [-limit, limit]
    kNorm,   ///< the L2 norm over the units is at most limit
  };
  Kind kind = Kind::kNone;
  double limit = 0;

  friend bool operator==(const Threshold&, const Threshold&) = default;
};

}  // namespace unroll
