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

std::vector<TensorName> ExpectedTensors(const Specification& specification) {
  if (auto checked = CheckSpecification(specification); !checked) {
    throw std::logic_error(checked.error().Message());
  }
  const auto gates = static_cast<std::uint64_t>(FindCell(specification.cell)->gates);
  const std::uint64_t H = specification.hidden, rows = gates * H;
  std::vector<TensorName> tensors;
  for (std::uint64_t k = 0; k < specification.layers; ++k) {
    const std::uint64_t I = k == 0 ? specification.inputs : H;
    tensors.push_back({fmt::format("rnn.weight_ih_l{}", k), {rows, I}});
    tensors.push_back({fmt::format("rnn.weight_hh_l{}", k), {rows, H}});
    tensors.push_back({fmt::format("rnn.bias_ih_l{}", k), {rows}});
    tensors.push_back({fmt::format("rnn.bias_hh_l{}", k), {rows}});
  }
  tensors.push_back({"head.weight", {specification.outputs, H}});
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
