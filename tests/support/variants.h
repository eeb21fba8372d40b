// The ways in which a test walks each cell: with and without ids, masks, reverse, a threshold, a
// tape that is kept, and options that are not the paper's.
#pragma once

#include <ostream>
#include <vector>

#include "tests/support/random_layer.h"

namespace unroll::test {

/// Every option that the cell takes, away from its default.
inline CellOptions AllOptions(const CellFacts& cell) {
  CellOptions options;
  const auto takes = [&cell](Option option) { return (cell.options & option) != 0; };
  if (takes(kTakesActivation)) options.activation = Activation::kRelu;
  if (takes(kTakesGateActivation)) options.gate_activation = Activation::kHardSigmoid;
  if (takes(kTakesOutputActivation)) options.output_activation = Activation::kIdentity;
  if (takes(kTakesClip)) options.clip = 0.8;
  options.input_forget = takes(kTakesInputForget);
  return options;
}

/// Each way of walking that such a cell allows, and some of them together.
inline std::vector<Variant> Variants(const CellFacts& cell) {
  std::vector<Variant> variants(7);
  variants[1].ids = true;
  variants[2].reverse = true;
  variants[3].ids = variants[3].reverse = variants[3].kept = true;
  variants[4].ids = true, variants[4].options = AllOptions(cell);
  variants[4].threshold = {Threshold::Kind::kNorm, 0.7};
  variants[5].kept = true, variants[5].threshold = {Threshold::Kind::kValue, 0.3};
  variants[6].ids = true, variants[6].threshold = {Threshold::Kind::kNorm, 0.7};
  if (cell.recurrent_sums == 0) return variants;
  Variant masked;
  masked.masked = true;
  variants.push_back(masked);
  masked.ids = masked.kept = true, masked.threshold = {Threshold::Kind::kNorm, 0.7};
  variants.push_back(masked);
  masked.reverse = true, masked.options = AllOptions(cell);
  variants.push_back(masked);
  return variants;
}

inline std::ostream& operator<<(std::ostream& out, const Variant& variant) {
  if (variant.ids) out << ", ids";
  if (variant.masked) out << ", mask on h";
  if (variant.reverse) out << ", reverse";
  if (variant.kept) out << ", tape kept";
  if (!IsPlain(variant.options)) out << ", options";
  if (variant.threshold.kind == Threshold::Kind::kNorm) out << ", threshold by norm";
  if (variant.threshold.kind == Threshold::Kind::kValue) out << ", threshold by value";
  return out;
}

}  // namespace unroll::test
