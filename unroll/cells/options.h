// What can be chosen about a cell without changing its sums, its states or its weights.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace unroll {

/// A function of one number that is monotone, so that its slope follows from its value.
enum class Activation : std::uint8_t {
  kTanh,
  kSigmoid,
  kRelu,         ///< max(0, v)
  kHardSigmoid,  ///< min(1, max(0, 0.2 v + 0.5)), as ONNX and Keras 2 have it
  kIdentity,
};

/// "tanh", "sigmoid", "relu", "hard_sigmoid", "identity"; "" behind the last
std::string_view NameOf(Activation activation);

/// The activation of that name, if there is one.
std::optional<Activation> FindActivation(std::string_view name);

/// "tanh, sigmoid, relu, hard_sigmoid, identity": for messages and help.
std::string_view ActivationNames();

/// Options of a cell; the names are those of ONNX and Keras. Each cell says which of them it takes
/// (CellFacts::options); it ignores the others.
struct CellOptions {
  Activation activation = Activation::kTanh;          ///< of the candidate, or of the output itself
  Activation gate_activation = Activation::kSigmoid;  ///< of gates
  Activation output_activation = Activation::kTanh;   ///< of an LSTM's cell state on its way out
  double clip = 0;            ///< bound on what goes into an activation; 0: none (ONNX's `clip`)
  bool input_forget = false;  ///< an LSTM forgets what it does not take in: f = 1 - i

  friend bool operator==(const CellOptions&, const CellOptions&) = default;
};

/// Whether nothing but the paper's own tanh and sigmoid is asked for: the straight path.
constexpr bool IsPlain(const CellOptions& options) { return options == CellOptions{}; }

}  // namespace unroll
