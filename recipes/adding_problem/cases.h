// The adding problem: two of a row of numbers are marked, and at the end their sum is asked for.
//
//   input 0   a number, uniform in [0, 1)
//   input 1   1 at two steps, one in either half of the case; else 0
//   target    the sum of the two marked numbers; it counts at the last step alone
//
// Whoever always says 1 has a mean squared error of 1/6, the variance of the sum.
//
// Source:  Hochreiter & Schmidhuber 1997, Neural Computation 9(8), experiment 4; with these ranges
//          and halves, Arjovsky, Shah & Bengio 2016, ICML.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "unroll/unroll.h"

namespace adding {

/// The fewest steps of a case: one for each mark.
inline constexpr std::size_t kLeastSteps = 2;
inline constexpr std::size_t kInputs = 2;

/// B cases of T steps side by side.
struct Cases {
  /// Errors:  std::logic_error for fewer than kLeastSteps.
  Cases(std::size_t steps, std::size_t rows);

  /// Draws all anew: the same for the same seed and index.
  void Draw(std::uint64_t seed, std::uint64_t index);
  /// As a network learns from it.
  unroll::Stretch<float> View() const;

  std::size_t T, B;
  std::vector<float> x;       ///< [T, B, 2]
  std::vector<float> target;  ///< [T, B]; 0 but at the last step
  std::vector<float> mask;    ///< [T, B]; 1 at the last step, else 0
};

/// Bytes of such cases.
std::uint64_t CasesBytes(std::size_t T, std::size_t B);

/// New cases at every step of a training: nothing is seen twice.
class FreshCases : public unroll::StretchSource<float> {
 public:
  FreshCases(std::size_t T, std::size_t B, std::uint64_t seed) : cases_(T, B), seed_(seed) {}

  unroll::Stretch<float> At(std::uint64_t index) const override;
  std::uint64_t per_pass() const override { return 1; }  // no stretch comes again
  std::size_t T() const override { return cases_.T; }
  std::size_t B() const override { return cases_.B; }

 private:
  mutable Cases cases_;  // of the last index asked for
  std::uint64_t seed_;
};

/// The mean squared error of whoever always says 1.
double ErrorOfAlwaysOne(const Cases& cases);

/// One line for each step of each case, `case,t,f0,f1,target`; the target is empty but at the last
/// step. Numbers have the digits that give them back to the last bit.
std::string InCsv(const Cases& cases);

}  // namespace adding
