#include "unroll/losses/classification.h"

#include <cmath>
#include <stdexcept>

#include "unroll/kernels/softmax.h"
#include "unroll/losses/each_target.h"
#include "unroll/losses/logistic.h"

namespace unroll {
namespace {

/// 0 times anything is 0: a score may be infinite.
double Times(double share, double score) { return share == 0 ? 0 : share * score; }

}  // namespace

template <class Real>
SoftmaxCrossEntropy<Real>::SoftmaxCrossEntropy(std::size_t classes) : classes_(classes) {
  if (classes < 2 || classes > kMostClasses) {
    throw std::logic_error("SoftmaxCrossEntropy: classes must be 2 to 2^24");
  }
}

template <class Real>
bool SoftmaxCrossEntropy<Real>::Takes(Real target) const {
  return target >= Real(0) && target < static_cast<Real>(classes_) && target == std::trunc(target);
}

template <class Real>
double SoftmaxCrossEntropy<Real>::Evaluate(const Judged<Real>& judged, Reduction reduction,
                                           Tensor<Real> d_outputs) const {
  const RowFunctions<Real> of_row = SoftmaxFunctions<Real>();
  return EvaluateTargets(*this, judged, reduction, d_outputs,
                         [&](const Real* scores, double target, const Slopes<Real>& slopes) {
                           const auto c = static_cast<std::size_t>(target);
                           const LogSum sum = slopes.wanted()
                                                  ? of_row.softmax(scores, classes_, slopes.data)
                                                  : of_row.log_sum(scores, classes_);
                           if (slopes.wanted()) {
                             double others = 0;  // 1 - p_c, which p_c near 1 would have lost
                             for (std::size_t k = 0; k < classes_; ++k) {
                               if (k == c) continue;
                               const auto p = static_cast<double>(slopes.data[k]);
                               others += p;
                               slopes.Set(k, p);
                             }
                             slopes.Set(c, -others);
                           }
                           return sum.excess + (sum.largest - static_cast<double>(scores[c]));
                         });
}

template <class Real>
double BinaryCrossEntropy<Real>::Evaluate(const Judged<Real>& judged, Reduction reduction,
                                          Tensor<Real> d_outputs) const {
  return EvaluateTargets(*this, judged, reduction, d_outputs,
                         [](const Real* output, double target, const Slopes<Real>& slopes) {
                           const auto z = static_cast<double>(*output);
                           const double size = std::abs(z);
                           // p - target, from whichever end p is close to
                           slopes.Set(0,
                                      z >= 0 ? (1 - target) - Logistic(-z) : Logistic(z) - target);
                           return Softplus(-size) + Times(z >= 0 ? 1 - target : target, size);
                         });
}

#define UNROLL_INSTANTIATE(Real)            \
  template class SoftmaxCrossEntropy<Real>; \
  template class BinaryCrossEntropy<Real>;
UNROLL_INSTANTIATE(float)
UNROLL_INSTANTIATE(double)
#undef UNROLL_INSTANTIATE

}  // namespace unroll
