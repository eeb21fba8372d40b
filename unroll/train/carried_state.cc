#include "unroll/train/carried_state.h"

#include <fmt/format.h>

#include <cstddef>
#include <string_view>

namespace unroll {

template <class Real>
std::vector<TensorName> StateTensors(const Network<Real>& network, std::size_t B) {
  constexpr std::string_view kLetters = "hc";  // the states of a cell, in their order
  std::vector<TensorName> names;
  for (std::uint64_t k = 0; k < network.specification().layers; ++k) {
    const Recurrent<Real>& layer = network.layers()[k];
    for (int s = 0; s < layer.cell().states; ++s) {
      names.push_back({fmt::format("state.{}_l{}", kLetters[static_cast<std::size_t>(s)], k),
                       {B, layer.units()}});
    }
  }
  return names;
}

template <class Real>
std::vector<NamedTensor> StateToTensors(std::span<const TensorName> names,
                                        std::span<const Real> state) {
  std::vector<NamedTensor> tensors;
  for (const TensorName& name : names) {
    const std::size_t count = name.dims[0] * name.dims[1];
    tensors.push_back(
        {name.name, name.dims, std::vector<Real>(state.begin(), state.begin() + count)});
    state = state.subspan(count);
  }
  return tensors;
}

template <class Real>
std::vector<Real> StateFromTensors(std::span<const TensorName> names,
                                   std::span<const NamedTensor> tensors) {
  std::vector<Real> state;
  for (const TensorName& name : names) {
    const std::span<const Real> part = Find(tensors, name.name)->As<Real>();
    state.insert(state.end(), part.begin(), part.end());
  }
  return state;
}

#define UNROLL_INSTANTIATE(Real)                                                    \
  template std::vector<TensorName> StateTensors(const Network<Real>&, std::size_t); \
  template std::vector<NamedTensor> StateToTensors(std::span<const TensorName>,     \
                                                   std::span<const Real>);          \
  template std::vector<Real> StateFromTensors<Real>(std::span<const TensorName>,    \
                                                    std::span<const NamedTensor>);
UNROLL_INSTANTIATE(float)
UNROLL_INSTANTIATE(double)
#undef UNROLL_INSTANTIATE

}  // namespace unroll
