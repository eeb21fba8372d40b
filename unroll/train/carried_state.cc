#include "unroll/train/carried_state.h"

#include <cstddef>

namespace unroll {

template <class Real>
std::vector<TensorName> StateTensors(const Network<Real>& network, std::size_t B) {
  std::vector<TensorName> names;
  for (const TensorName& state : StatesOf(network.specification())) {
    names.push_back({"state." + state.name, {B, state.dims[0]}});
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
