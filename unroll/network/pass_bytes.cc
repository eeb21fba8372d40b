// What a pass will take, from the same sizes that it takes its memory by.
#include <algorithm>

#include "unroll/network/pass.h"
#include "unroll/network/pass_sizes.h"

namespace unroll {
namespace {

template <class Real>
std::uint64_t BytesOf(const Specification& s, const PassSizes& sizes, int threads) {
  const std::uint64_t rows = sizes.T * sizes.B;
  std::uint64_t numbers =
      (sizes.trains() ? 2 : 1) * rows * Padded<Real>(s.inputs) + rows * s.outputs;
  if (sizes.trains() && sizes.options.N > 0) numbers += rows;  // at most, of DropoutSteps
  std::size_t scratch = 0;
  const Parts<Real> parts(s);
  for (std::size_t k = 0; k <= s.layers; ++k) {
    const JoinSizes<Real> join(s, k, sizes);
    numbers += join.joined + join.d_joined;
    for (std::size_t way = 0; way < (k < s.layers ? s.directions() : 1); ++way) {
      const Recurrent<Real>& layer = parts.layers[k * s.directions() + way];
      numbers += WaySizes<Real>(s, layer, way == 1, sizes).total();
      scratch = std::max(scratch, ScratchOf(layer, sizes, threads));
      if (k == s.layers) continue;
      numbers += InitialRoom<Real>::SizeFor(parts.initial[k * s.directions() + way],
                                            std::max(sizes.B, sizes.options.N), threads);
    }
  }
  return (numbers + scratch) * sizeof(Real);
}

}  // namespace

std::uint64_t PassBytes(const Specification& specification, std::size_t T, std::size_t B,
                        const PassOptions& options, int threads) {
  const PassSizes sizes{T, B, options};
  return specification.precision == Precision::kFp32
             ? BytesOf<float>(specification, sizes, threads)
             : BytesOf<double>(specification, sizes, threads);
}

}  // namespace unroll
