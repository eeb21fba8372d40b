// The block of x or h that the gradients of the weights copy by columns before they multiply.
#pragma once

#include <cstddef>

namespace unroll {

inline constexpr std::size_t kBlockRows = 256;     ///< rows (steps x rows of the batch)
inline constexpr std::size_t kBlockColumns = 480;  ///< inputs or units

}  // namespace unroll
