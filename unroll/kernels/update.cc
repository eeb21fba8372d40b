#include "unroll/kernels/update.h"

#include <cmath>
#include <cstddef>
#include <stdexcept>

#include "unroll/kernels/shares.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "unroll/kernels/update.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "unroll/kernels/update-inl.h"

HWY_BEFORE_NAMESPACE();
namespace unroll::HWY_NAMESPACE {

UpdateLoops<float> UpdateLoopsF32() {
  return {&SgdShare<float>, &RmspropShare<float>, &AdamShare<float>};
}
UpdateLoops<double> UpdateLoopsF64() {
  return {&SgdShare<double>, &RmspropShare<double>, &AdamShare<double>};
}

}  // namespace unroll::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace unroll {

HWY_EXPORT(UpdateLoopsF32);
HWY_EXPORT(UpdateLoopsF64);

namespace {

template <class Real>
UpdateLoops<Real> LoopsOf();
template <>
UpdateLoops<float> LoopsOf<float>() {
  return HWY_DYNAMIC_DISPATCH(UpdateLoopsF32)();
}
template <>
UpdateLoops<double> LoopsOf<double>() {
  return HWY_DYNAMIC_DISPATCH(UpdateLoopsF64)();
}

template <class Real>
void CheckLengths(const UpdateSpans<Real>& arrays, bool has_m, bool has_v) {
  const std::size_t n = arrays.weights.size();
  if (arrays.gradients.size() != n || arrays.m.size() != (has_m ? n : 0) ||
      arrays.v.size() != (has_v ? n : 0)) {
    throw std::logic_error("an update takes arrays of one length, and only those of its rule");
  }
}

/// `epsilon` in Real. At 0 a weight that never had a gradient would become 0 / 0.
template <class Real>
Real EpsilonIn(double epsilon) {
  const auto in_real = static_cast<Real>(epsilon);
  if (!(in_real > 0)) throw std::logic_error("an update's epsilon must be above 0");
  return in_real;
}

/// Runs one loop over all shares.
template <class Real, template <class> class Numbers>
bool Run(UpdateLoop<Real, Numbers> loop, const Numbers<Real>& numbers,
         const UpdateSpans<Real>& spans, ThreadPool& pool) {
  const auto data = [](std::span<Real> moment) { return moment.empty() ? nullptr : moment.data(); };
  const UpdateArrays<Real> arrays{spans.gradients.data(), spans.weights.data(), data(spans.m),
                                  data(spans.v)};
  return Shares(spans.weights.size()).Sum(pool, [&](std::size_t first, std::size_t n) {
    return loop(numbers, arrays, first, n);
  }) == 0;
}

}  // namespace

template <class Real>
bool UpdateBySgd(const UpdateStep& step, const SgdTerms& terms, const UpdateSpans<Real>& arrays,
                 ThreadPool& pool) {
  CheckLengths(arrays, terms.momentum != 0, false);
  const SgdNumbers<Real> numbers{static_cast<Real>(step.gradient_factor),
                                 static_cast<Real>(step.weight_decay), static_cast<Real>(step.rate),
                                 static_cast<Real>(terms.momentum), terms.nesterov};
  return Run<Real, SgdNumbers>(LoopsOf<Real>().sgd, numbers, arrays, pool);
}

template <class Real>
bool UpdateByRmsprop(const UpdateStep& step, const RmspropTerms& terms,
                     const UpdateSpans<Real>& arrays, ThreadPool& pool) {
  CheckLengths(arrays, terms.momentum != 0, true);
  const RmspropNumbers<Real> numbers{static_cast<Real>(step.gradient_factor),
                                     static_cast<Real>(step.weight_decay),
                                     static_cast<Real>(step.rate),
                                     static_cast<Real>(terms.momentum),
                                     static_cast<Real>(terms.alpha),
                                     static_cast<Real>(1 - terms.alpha),
                                     EpsilonIn<Real>(terms.epsilon)};
  return Run<Real, RmspropNumbers>(LoopsOf<Real>().rmsprop, numbers, arrays, pool);
}

template <class Real>
bool UpdateByAdam(const UpdateStep& step, const AdamTerms& terms, const UpdateSpans<Real>& arrays,
                  ThreadPool& pool) {
  CheckLengths(arrays, true, true);
  if (terms.updates == 0) throw std::logic_error("UpdateByAdam: updates count from 1 on");
  const auto t = static_cast<double>(terms.updates);
  const AdamNumbers<Real> numbers{
      static_cast<Real>(step.gradient_factor),
      static_cast<Real>(terms.decoupled ? 0 : step.weight_decay),
      static_cast<Real>(terms.beta_1),
      static_cast<Real>(1 - terms.beta_1),
      static_cast<Real>(terms.beta_2),
      static_cast<Real>(1 - terms.beta_2),
      static_cast<Real>(step.rate / (1 - std::pow(terms.beta_1, t))),
      static_cast<Real>(std::sqrt(1 - std::pow(terms.beta_2, t))),
      EpsilonIn<Real>(terms.epsilon),
      static_cast<Real>(terms.decoupled ? 1 - step.rate * step.weight_decay : 1),
  };
  return Run<Real, AdamNumbers>(LoopsOf<Real>().adam, numbers, arrays, pool);
}

#define UNROLL_INSTANTIATE(Real)                                                                  \
  template bool UpdateBySgd(const UpdateStep&, const SgdTerms&, const UpdateSpans<Real>&,         \
                            ThreadPool&);                                                         \
  template bool UpdateByRmsprop(const UpdateStep&, const RmspropTerms&, const UpdateSpans<Real>&, \
                                ThreadPool&);                                                     \
  template bool UpdateByAdam(const UpdateStep&, const AdamTerms&, const UpdateSpans<Real>&,       \
                             ThreadPool&);
UNROLL_INSTANTIATE(float)
UNROLL_INSTANTIATE(double)
#undef UNROLL_INSTANTIATE

}  // namespace unroll
#endif  // HWY_ONCE
