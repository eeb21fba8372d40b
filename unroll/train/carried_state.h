// The state that is carried from stretch to stretch, as tensors of a checkpoint.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "unroll/network/network.h"

namespace unroll {

/// The name and the extents of each part of Pass::SaveState for B rows, in its order: state.h_lK
/// and state.c_lK, both [B, H], for every layer K.
template <class Real>
std::vector<TensorName> StateTensors(const Network<Real>& network, std::size_t B);

/// Cuts what Pass::SaveState gave into those tensors.
template <class Real>
std::vector<NamedTensor> StateToTensors(std::span<const TensorName> names,
                                        std::span<const Real> state);

/// Lays them end to end again; all must be there.
template <class Real>
std::vector<Real> StateFromTensors(std::span<const TensorName> names,
                                   std::span<const NamedTensor> tensors);

}  // namespace unroll
