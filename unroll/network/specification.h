// What a network is made of, each field named once: files, help and printing follow from the list.
#pragma once

#include <cstdint>
#include <string>

#include "unroll/base/status.h"

namespace unroll {

/// The type of numbers a network is trained and stored in.
enum class Precision { kFp32, kFp64 };

/// "fp32", "fp64"
std::string_view NameOf(Precision precision);

/// A stack of recurrent layers with a dense head on the last one's output at every step.
struct Specification {
  std::string cell = "lstm";
  std::uint64_t inputs = 1;   ///< I, numbers read at a step
  std::uint64_t hidden = 32;  ///< H, units of each recurrent layer
  std::uint64_t layers = 1;   ///< recurrent layers, each reading the one below
  std::uint64_t outputs = 1;  ///< O, numbers given at a step
  double forget_bias = 1;     ///< added to an LSTM's forget gate at the start of training
  Precision precision = Precision::kFp32;

  /// Calls visit(name, field) for every field, in the order of the file.
  template <class Self, class Visit>
  static void ForEachField(Self& self, Visit&& visit) {
    visit("cell", self.cell);
    visit("inputs", self.inputs);
    visit("hidden", self.hidden);
    visit("layers", self.layers);
    visit("outputs", self.outputs);
    visit("forget_bias", self.forget_bias);
    visit("precision", self.precision);
  }
  friend bool operator==(const Specification&, const Specification&) = default;
};

/// Errors:  kUsage where a size is 0 or beyond what this library walks, or the cell is unknown;
///          `place` is the field's name.
Result<void> CheckSpecification(const Specification& specification);

}  // namespace unroll
