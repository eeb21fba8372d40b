#include "unroll/cells/options.h"

#include <array>
#include <cstddef>

namespace unroll {
namespace {

constexpr std::array<std::string_view, 5> kNames = {"tanh", "sigmoid", "relu", "hard_sigmoid",
                                                    "identity"};

}  // namespace

std::string_view NameOf(Activation activation) {
  const auto i = static_cast<std::size_t>(activation);
  return i < kNames.size() ? kNames[i] : "";
}

std::optional<Activation> FindActivation(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<Activation>(i);
  }
  return std::nullopt;
}

std::string_view ActivationNames() { return "tanh, sigmoid, relu, hard_sigmoid, identity"; }

}  // namespace unroll
