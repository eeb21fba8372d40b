#include "unroll/network/stream.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <string>

#include "unroll/base/tensor.h"

namespace unroll {

template <class Real>
struct Stream<Real>::Level {
  Level(const Recurrent<Real>& recurrent, const InitialState<Real>* initial, bool adds_input)
      : layer(&recurrent),
        begin(initial),
        state(static_cast<std::size_t>(recurrent.cell().states) * Padded<Real>(recurrent.units())),
        sum(adds_input ? Padded<Real>(recurrent.units()) : 0) {
    if (begin != nullptr) room.emplace(*begin, 1, 1);
  }
  bool Remembers() const { return !layer->is_dense(); }
  std::size_t states() const { return static_cast<std::size_t>(layer->cell().states); }
  /// What it hands on; with its input added, where that is wanted.
  const Real* Output(const Real* input) {
    if (sum.size() == 0) return state.data();
    for (std::size_t j = 0; j < layer->units(); ++j) sum[j] = state[j] + input[j];
    return sum.data();
  }

  const Recurrent<Real>* layer;
  const InitialState<Real>* begin;  ///< null: the head has none
  std::optional<InitialRoom<Real>> room;
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
    const bool recurrent = k < s.layers;
    levels_.emplace_back(layer, recurrent ? &network.parts().initial[k] : nullptr,
                         s.residual && k > 0 && recurrent);
    scratch = std::max(
        scratch, AdvanceScratch(layer.Weights(network.weights().data(), nullptr, nullptr), 1));
  }
  scratch_ = Buffer<Real>(scratch);
  const bool must_be_told = s.initial == Initial::kGiven || s.initial == Initial::kEntity ||
                            s.initial == Initial::kStatic;
  if (!must_be_told) Reset();
}

template <class Real>
Stream<Real>::~Stream() = default;

template <class Real>
std::span<const Real> Stream<Real>::Advance(std::span<const Real> x) {
  RequireSymbols(false);
  RequireShape("x", {{'I', network_->specification().inputs}}, {{'I', x.size()}});
  std::copy(x.begin(), x.end(), x_.data());
  return Walk();
}

template <class Real>
std::span<const Real> Stream<Real>::Advance(std::int32_t symbol) {
  RequireSymbols(true);
  network_->parts().embedding->Gather(network_->weights().data(), {&symbol, 1}, x_.data(), alone_);
  return Walk();
}

template <class Real>
void Stream<Real>::RequireSymbols(bool symbols) const {
  if (network_->parts().embedding.has_value() == symbols) return;
  throw std::logic_error(symbols ? "Advance: expected numbers, found a symbol"
                                 : "Advance: expected a symbol, found numbers");
}

template <class Real>
std::span<const Real> Stream<Real>::Walk() {
  if (!begun_) {
    throw std::logic_error("initial state " +
                           std::string(NameOf(network_->specification().initial)) +
                           ": expected a Reset that says what it is made of, found none");
  }
  const Real* input = x_.data();
  for (Level& level : levels_) {
    unroll::Advance(level.layer->Weights(network_->weights().data(), nullptr, nullptr), 1, input,
                    level.state.data(), scratch_.data());
    input = level.Output(input);
  }
  return {input, network_->specification().outputs};
}

template <class Real>
void Stream<Real>::Reset(const InitialInput<Real>& begin) {
  RequireShape("begin", {{'N', 1}}, {{'N', begin.N}});
  InitialInput<Real> of_layer = begin;
  for (Level& level : levels_) {
    if (level.begin == nullptr) continue;
    level.begin->Fill(network_->weights().data(), of_layer, level.state.data(), *level.room,
                      alone_);
    if (of_layer.given != nullptr) of_layer.given += level.states() * level.layer->units();
  }
  begun_ = true;
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
  begun_ = true;
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
