#include "unroll/network/named_tensor.h"

#include <fmt/format.h>

#include <functional>
#include <numeric>
#include <stdexcept>

#include "unroll/cells/cells.h"

namespace unroll {

std::uint64_t NumbersIn(std::span<const std::uint64_t> dims) {
  return std::accumulate(dims.begin(), dims.end(), std::uint64_t{1}, std::multiplies<>());
}

std::uint64_t CountWeights(const Specification& specification) {
  std::uint64_t weights = 0;
  for (const TensorName& tensor : ExpectedTensors(specification)) weights += NumbersIn(tensor.dims);
  return weights;
}

std::vector<TensorName> LayerTensors(const CellFacts& cell, std::uint64_t I, std::uint64_t H,
                                     const std::string& suffix) {
  const auto gates = static_cast<std::uint64_t>(cell.gates);
  std::vector<TensorName> tensors;
  const auto add = [&](const char* name, std::vector<std::uint64_t> dims) {
    tensors.push_back({fmt::format("rnn.{}{}", name, suffix), std::move(dims)});
  };
  const auto unit_rows = [&](UnitTensor tensor) {
    return static_cast<std::uint64_t>(RowsOf(cell, tensor));
  };
  if (cell.input_sums > 0) {
    add("weight_ih", {gates * H, I});
  } else if (unit_rows(UnitTensor::kWeightIh) > 0) {
    add("weight_ih", {H});
  }
  if (cell.recurrent_sums > 0) {
    add("weight_hh", {gates * H, H});
  } else if (unit_rows(UnitTensor::kWeightHh) > 0) {
    add("weight_hh", {H});
  }
  add("bias_ih", {gates * H});
  if (cell.recurrent_sums > 0) add("bias_hh", {gates * H});
  if (const std::uint64_t rows = unit_rows(UnitTensor::kWeightPeephole); rows > 0) {
    add("weight_peephole", {rows, H});
  }
  return tensors;
}

std::string SuffixOf(std::uint64_t layer, bool reverse) {
  return fmt::format("_l{}{}", layer, reverse ? "_reverse" : "");
}

std::vector<TensorName> StatesOf(const Specification& specification) {
  constexpr std::string_view kLetters = "hc";  // the states of a cell, in their order
  const CellFacts& cell = *FindCell(specification.cell);
  std::vector<TensorName> states;
  for (std::uint64_t k = 0; k < specification.layers; ++k) {
    for (std::uint64_t way = 0; way < specification.directions(); ++way) {
      for (const char letter : kLetters.substr(0, static_cast<std::size_t>(cell.states))) {
        states.push_back(
            {letter + SuffixOf(k, IsReverse(specification, way)), {specification.hidden[k]}});
      }
    }
  }
  return states;
}

bool IsReverse(const Specification& specification, std::uint64_t way) {
  return specification.direction == Direction::kReverse || way == 1;
}

std::vector<TensorName> InitialTensors(const Specification& specification) {
  std::vector<TensorName> tensors;
  const Initial initial = specification.initial;
  for (const TensorName& state : StatesOf(specification)) {
    const std::uint64_t H = state.dims[0];
    if (initial == Initial::kLearned) tensors.push_back({"initial." + state.name, {H}});
    if (initial == Initial::kEntity) {
      tensors.push_back({"initial." + state.name, {specification.entities, H}});
    }
    if (initial != Initial::kStatic) continue;
    tensors.push_back({"initial.weight_" + state.name, {H, specification.static_inputs}});
    tensors.push_back({"initial.bias_" + state.name, {H}});
  }
  return tensors;
}

std::vector<TensorName> ExpectedTensors(const Specification& specification) {
  if (auto checked = CheckSpecification(specification); !checked) {
    throw std::logic_error(checked.error().Message());
  }
  const CellFacts& cell = *FindCell(specification.cell);
  std::vector<TensorName> tensors;
  for (std::uint64_t k = 0; k < specification.layers; ++k) {
    for (std::uint64_t way = 0; way < specification.directions(); ++way) {
      const std::vector<TensorName> of_layer =
          LayerTensors(cell, specification.InputsOf(k), specification.hidden[k],
                       SuffixOf(k, IsReverse(specification, way)));
      tensors.insert(tensors.end(), of_layer.begin(), of_layer.end());
    }
  }
  const std::vector<TensorName> initial = InitialTensors(specification);
  tensors.insert(tensors.end(), initial.begin(), initial.end());
  if (specification.vocabulary > 0) {
    tensors.push_back({"embedding.weight", {specification.vocabulary, specification.inputs}});
  }
  if (!specification.tied) {
    tensors.push_back(
        {"head.weight", {specification.outputs, specification.InputsOf(specification.layers)}});
  }
  tensors.push_back({"head.bias", {specification.outputs}});
  return tensors;
}

template <class Real>
std::span<const Real> NamedTensor::As() const {
  if (const auto* numbers = std::get_if<std::vector<Real>>(&values)) return *numbers;
  throw std::logic_error(name + ": asked for in the precision that it does not have");
}
template std::span<const float> NamedTensor::As<float>() const;
template std::span<const double> NamedTensor::As<double>() const;

const NamedTensor* Find(std::span<const NamedTensor> tensors, std::string_view name) {
  for (const NamedTensor& tensor : tensors) {
    if (tensor.name == name) return &tensor;
  }
  return nullptr;
}

std::string DimsInWords(std::span<const std::uint64_t> dims) {
  return fmt::format("[{}]", fmt::join(dims.begin(), dims.end(), ", "));
}

}  // namespace unroll
