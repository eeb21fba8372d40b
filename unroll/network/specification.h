// What a network is made of, each field named once: files, help and printing follow from the list.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "unroll/base/status.h"
#include "unroll/cells/options.h"
#include "unroll/layers/initial_state.h"

namespace unroll {

/// The type of numbers a network is trained and stored in.
enum class Precision { kFp32, kFp64 };

/// "fp32", "fp64"
std::string_view NameOf(Precision precision);

/// Which way recurrent layers read their sequences.
enum class Direction {
  kForward,
  kReverse,        ///< from the last step to the first
  kBidirectional,  ///< both; the output is that of the one, then that of the other, side by side
};

/// "forward", "reverse", "bidirectional"
std::string_view NameOf(Direction direction);

/// A number for each layer, written as one where it is the same for all.
struct PerLayer {
  PerLayer(std::uint64_t all) : numbers{all} {}  // NOLINT: one number is one for all
  PerLayer(std::initializer_list<std::uint64_t> each) : numbers(each) {}
  explicit PerLayer(std::vector<std::uint64_t> each) : numbers(std::move(each)) {}

  std::uint64_t operator[](std::size_t layer) const {
    return numbers.size() == 1 ? numbers[0] : numbers.at(layer);
  }
  /// "64", "64,32"
  std::string InWords() const;
  friend bool operator==(const PerLayer&, const PerLayer&) = default;

  std::vector<std::uint64_t> numbers;
};

/// A stack of recurrent layers with a dense head on the last one's output at every step.
struct Specification {
  std::string cell = "lstm";
  std::uint64_t inputs = 1;   ///< I, numbers read at a step; of an embedding, its width
  PerLayer hidden = 32;       ///< H, units of each recurrent layer, in each direction
  std::uint64_t layers = 1;   ///< recurrent layers, each reading the one below
  std::uint64_t outputs = 1;  ///< O, numbers given at a step
  double forget_bias = 1;     ///< added to a forget gate, where there is one, before training
  Precision precision = Precision::kFp32;
  // What follows came later: a file without it means the default.
  Direction direction = Direction::kForward;
  bool residual = false;         ///< each layer but the first adds what it reads to what it gives
  double dropout = 0;            ///< share of a recurrent layer's outputs that training sets to 0
  bool variational = false;      ///< those are the same at every step of a sequence
  double recurrent_dropout = 0;  ///< share of h that training hides from U, the same at every step
  Activation activation = Activation::kTanh;  ///< see CellOptions
  Activation gate_activation = Activation::kSigmoid;
  Activation output_activation = Activation::kTanh;
  double clip = 0;
  bool input_forget = false;
  Initial initial = Initial::kZeros;
  std::uint64_t entities = 0;       ///< E, where the initial state is an entity's
  std::uint64_t static_inputs = 0;  ///< F, where it is made of what is known beforehand
  std::uint64_t vocabulary = 0;     ///< V symbols that an embedding reads; 0: numbers are read
  bool tied = false;                ///< the head has the embedding's weights

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
    visit("direction", self.direction);
    visit("residual", self.residual);
    visit("dropout", self.dropout);
    visit("variational", self.variational);
    visit("recurrent_dropout", self.recurrent_dropout);
    visit("activation", self.activation);
    visit("gate_activation", self.gate_activation);
    visit("output_activation", self.output_activation);
    visit("clip", self.clip);
    visit("input_forget", self.input_forget);
    visit("initial", self.initial);
    visit("entities", self.entities);
    visit("static_inputs", self.static_inputs);
    visit("vocabulary", self.vocabulary);
    visit("tied", self.tied);
  }
  /// Fields that every file has; the later ones may be missing.
  static constexpr std::size_t kFirstFields = 7;
  friend bool operator==(const Specification&, const Specification&) = default;

  CellOptions options() const {
    return {activation, gate_activation, output_activation, clip, input_forget};
  }
  std::uint64_t directions() const { return direction == Direction::kBidirectional ? 2 : 1; }
  /// Numbers that recurrent layer k gives at a step, and those that layer k (or, as layer
  /// `layers`, the head) reads.
  std::uint64_t OutputsOf(std::size_t k) const { return hidden[k] * directions(); }
  std::uint64_t InputsOf(std::size_t k) const { return k == 0 ? inputs : OutputsOf(k - 1); }
};

/// Errors:  kUsage where a size is 0 or beyond what this library walks, the cell is unknown, or the
///          cell or the other fields leave no meaning to one; `place` is the field's name.
Result<void> CheckSpecification(const Specification& specification);

}  // namespace unroll
