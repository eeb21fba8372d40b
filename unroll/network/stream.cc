#include "unroll/network/stream.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string>

#include "unroll/base/tensor.h"

namespace unroll {

template <class Real>
struct Stream<Real>::Level {
  Level(const Recurrent<Real>& recurrent, bool adds_input)
      : layer(&recurrent),
        state(static_cast<std::size_t>(recurrent.cell().states) * Padded<Real>(recurrent.units())),
        sum(adds_input ? Padded<Real>(recurrent.units()) : 0) {}
  bool Remembers() const { return !layer->is_dense(); }
  std::size_t states() const { return static_cast<std::size_t>(layer->cell().states); }
  /// What it hands on; with its input added, where that is wanted.
  const Real* Output(const Real* input) {
    if (sum.size() == 0) return state.data();
    for (std::size_t j = 0; j < layer->units(); ++j) sum[j] = state[j] + input[j];
    return sum.data();
  }

  const Recurrent<Real>* layer;
  Buffer<Real> state;  ///< [S, H], of which state 0 is the output
  Buffer<Real> sum;    ///< [H]
};

template <class Real>
Stream<Real>::Stream(const Network<Real>& network)
    : network_(&network), x_(Padded<Real>(network.specification().inputs)) {
  const Specification& s = network.specification();
  if (s.direction != Direction::kForward) {
    throw std::logic_error("direction " + std::string(NameOf(s.direction)) +
                           ": expected forward, for a stream has no end to read from");
  }
  std::size_t scratch = 0;
  for (const Recurrent<Real>& layer : network.layers()) {
    const std::size_t k = levels_.size();
    levels_.emplace_back(layer, s.residual && k > 0 && k < s.layers);
    scratch = std::max(
        scratch, AdvanceScratch(layer.Weights(network.weights().data(), nullptr, nullptr), 1));
  }
  scratch_ = Buffer<Real>(scratch);
}

template <class Real>
Stream<Real>::~Stream() = default;

template <class Real>
std::span<const Real> Stream<Real>::Advance(std::span<const Real> x) {
  RequireShape("x", {{'I', network_->specification().inputs}}, {{'I', x.size()}});
  std::copy(x.begin(), x.end(), x_.data());
  const Real* input = x_.data();
  for (Level& level : levels_) {
    unroll::Advance(level.layer->Weights(network_->weights().data(), nullptr, nullptr), 1, input,
                    level.state.data(), scratch_.data());
    input = level.Output(input);
  }
  return {input, network_->specification().outputs};
}

template <class Real>
void Stream<Real>::Reset() {
  for (Level& level : levels_) level.state.Zero();
}

template <class Real>
std::vector<Real> Stream<Real>::Save() const {
  std::vector<Real> state;
  for (const Level& level : levels_) {
    if (!level.Remembers()) continue;
    const std::size_t H = level.layer->units();
    for (std::size_t s = 0; s < level.states(); ++s) {
      const Real* row = level.state.data() + s * Padded<Real>(H);
      state.insert(state.end(), row, row + H);
    }
  }
  return state;
}

template <class Real>
void Stream<Real>::Load(std::span<const Real> state) {
  RequireShape("state", {{'n', Save().size()}}, {{'n', state.size()}});
  for (Level& level : levels_) {
    if (!level.Remembers()) continue;
    const std::size_t H = level.layer->units();
    for (std::size_t s = 0; s < level.states(); ++s) {
      std::copy_n(state.data(), H, level.state.data() + s * Padded<Real>(H));
      state = state.subspan(H);
    }
  }
}

template class Stream<float>;
template class Stream<double>;

}  // namespace unroll
