#include "unroll/layers/initial_state.h"

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <string>

namespace unroll {
namespace {

/// One step of N rows through a dense layer.
template <class Real>
Batch<Real> OneStep(std::size_t N, const Real* x) {
  return {1, N, 0, x, nullptr, nullptr, nullptr};
}

template <class Real>
std::size_t EncoderTape(std::size_t H, std::size_t N) {
  return TapeSize<Real>(LinearCell(), H, 1, N);
}

}  // namespace

std::string_view NameOf(Initial initial) {
  static constexpr std::string_view kNames[] = {"zeros",  "given",  "learned",
                                                "entity", "static", "warm_up"};
  const auto i = static_cast<std::size_t>(initial);
  return i < std::size(kNames) ? kNames[i] : "";
}

template <class Real>
InitialState<Real>::InitialState(Initial kind, std::size_t states, std::size_t units,
                                 std::size_t choices, Layout<Real>& layout)
    : kind_(kind), states_(states), units_(units), choices_(choices) {
  for (std::size_t s = 0; s < states; ++s) {
    if (kind == Initial::kLearned) tables_.emplace_back(1, units, layout);
    if (kind == Initial::kEntity) tables_.emplace_back(choices, units, layout);
    if (kind == Initial::kStatic) encoders_.emplace_back(LinearCell(), choices, units, layout);
  }
}

template <class Real>
void InitialState<Real>::Require(const InitialInput<Real>& input,
                                 const InitialRoom<Real>& room) const {
  const auto require = [&](Initial kind, const void* what, const char* name) {
    if (kind_ != kind || what != nullptr || input.N == 0) return;
    throw std::logic_error("initial state " + std::string(NameOf(kind)) + ": expected " + name +
                           ", found null");
  };
  require(Initial::kGiven, input.given, "the states");
  require(Initial::kEntity, input.entity, "the entity of each sequence");
  require(Initial::kStatic, input.features, "the features of each sequence");
  if (input.N > room.N_) {
    throw std::logic_error("initial state: expected at most " + std::to_string(room.N_) +
                           " sequences, found " + std::to_string(input.N));
  }
}

template <class Real>
void InitialState<Real>::Fill(const Real* arena, const InitialInput<Real>& input, Real* initial,
                              InitialRoom<Real>& room, ThreadPool& pool) const {
  Require(input, room);
  const std::size_t N = input.N, Hp = Padded<Real>(units_), Fp = Padded<Real>(choices_);
  std::fill_n(initial, states_ * N * Hp, Real(0));
  for (std::size_t n = 0; n < N && kind_ == Initial::kStatic; ++n) {
    std::copy_n(input.features + n * choices_, choices_, room.features_.data() + n * Fp);
  }
  for (std::size_t r = 0; r < states_ * N && kind_ == Initial::kGiven; ++r) {
    std::copy_n(input.given + r * units_, units_, initial + r * Hp);
  }
  const std::int32_t* rows = kind_ == Initial::kEntity ? input.entity : room.same_.data();
  for (std::size_t s = 0; s < tables_.size(); ++s) {
    tables_[s].Gather(arena, {rows, N}, initial + s * N * Hp, pool);
  }
  for (std::size_t s = 0; s < encoders_.size(); ++s) {
    Crew<Real> crew{&pool, encoders_[s].SplitFor(1, N, pool.threads()), room.scratch_.data()};
    Forward(encoders_[s].Weights(arena, nullptr, nullptr), OneStep(N, room.features_.data()),
            States<Real>{room.state_.data(), room.state_.data()}, initial + s * N * Hp,
            Tape<Real>{room.tape_.data() + s * EncoderTape<Real>(units_, room.N_)}, crew);
  }
}

template <class Real>
void InitialState<Real>::AddGradient(const Real* arena, const InitialInput<Real>& input,
                                     const Real* d_initial, Real* d_arena, InitialRoom<Real>& room,
                                     ThreadPool& pool) const {
  Require(input, room);
  const std::size_t N = input.N, Hp = Padded<Real>(units_);
  const std::int32_t* rows = kind_ == Initial::kEntity ? input.entity : room.same_.data();
  for (std::size_t s = 0; s < tables_.size(); ++s) {
    tables_[s].ScatterAdd({rows, N}, d_initial + s * N * Hp, d_arena, pool);
  }
  for (std::size_t s = 0; s < encoders_.size(); ++s) {
    Crew<Real> crew{&pool, encoders_[s].SplitFor(1, N, pool.threads()), room.scratch_.data()};
    room.state_.Zero();
    const Real* const d_y = d_initial + s * N * Hp;
    Backward(encoders_[s].Weights(arena, nullptr, nullptr), OneStep(N, room.features_.data()),
             States<Real>{room.state_.data(), room.state_.data()}, d_y, d_y,
             Tape<Real>{room.tape_.data() + s * EncoderTape<Real>(units_, room.N_)},
             BatchGradients<Real>{encoders_[s].In(d_arena), room.state_.data(), nullptr, nullptr},
             crew);
  }
}

template <class Real>
std::size_t InitialState<Real>::tensors_per_state() const {
  if (!encoders_.empty()) return 2;
  return tables_.empty() ? 0 : 1;
}

template <class Real>
void InitialState<Real>::Pack(std::span<const Real* const> plain, Real* arena) const {
  for (std::size_t s = 0; s < tables_.size(); ++s) tables_[s].Pack(plain[s], arena);
  for (std::size_t s = 0; s < encoders_.size(); ++s) {
    encoders_[s].Pack({plain[2 * s], nullptr, plain[2 * s + 1], nullptr}, arena);
  }
}

template <class Real>
void InitialState<Real>::Unpack(const Real* arena, std::span<Real* const> plain) const {
  for (std::size_t s = 0; s < tables_.size(); ++s) tables_[s].Unpack(arena, plain[s]);
  for (std::size_t s = 0; s < encoders_.size(); ++s) {
    encoders_[s].Unpack(arena, {plain[2 * s], nullptr, plain[2 * s + 1], nullptr});
  }
}

template <class Real>
InitialRoom<Real>::Sizes::Sizes(const InitialState<Real>& initial, std::size_t N, int threads) {
  if (initial.kind() == Initial::kLearned) same = N;
  if (initial.encoders_.empty()) return;
  const WalkWeights<Real> weights = initial.encoders_[0].Weights(nullptr, nullptr, nullptr);
  features = N * Padded<Real>(initial.choices_);
  state = N * Padded<Real>(initial.units_);
  tape = initial.states_ * EncoderTape<Real>(initial.units_, N);
  scratch = ScratchSize(weights, 1, N, threads);
}

template <class Real>
InitialRoom<Real>::InitialRoom(const InitialState<Real>& initial, std::size_t N, int threads)
    : InitialRoom(Sizes(initial, N, threads), N) {}

template <class Real>
InitialRoom<Real>::InitialRoom(const Sizes& sizes, std::size_t N)
    : N_(N),
      same_(sizes.same),
      features_(sizes.features),
      state_(sizes.state),
      tape_(sizes.tape),
      scratch_(sizes.scratch) {}

template <class Real>
void MaskWarmUp(std::size_t steps, std::size_t T, std::size_t B, const std::int32_t* sequence,
                const std::int32_t* before, bool begins, std::size_t O, Real* mask) {
  for (std::size_t b = 0; b < B; ++b) {
    std::int32_t current = before != nullptr ? before[b] : kIdle;
    std::size_t left = sequence == nullptr && begins ? steps : 0;
    for (std::size_t k = b; k < T * B; k += B) {
      if (sequence != nullptr && sequence[k] == kIdle) continue;
      if (sequence != nullptr && sequence[k] != current) current = sequence[k], left = steps;
      if (left == 0) continue;
      --left;
      std::fill_n(mask + k * O, O, Real(0));
    }
  }
}

#define UNROLL_INSTANTIATE(Real)                                                       \
  template class InitialState<Real>;                                                   \
  template class InitialRoom<Real>;                                                    \
  template void MaskWarmUp(std::size_t, std::size_t, std::size_t, const std::int32_t*, \
                           const std::int32_t*, bool, std::size_t, Real*);
UNROLL_INSTANTIATE(float)
UNROLL_INSTANTIATE(double)
#undef UNROLL_INSTANTIATE

}  // namespace unroll
