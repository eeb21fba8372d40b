#include "unroll/kernels/softmax.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "unroll/kernels/softmax.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "unroll/kernels/softmax-inl.h"

HWY_BEFORE_NAMESPACE();
namespace unroll::HWY_NAMESPACE {

template <class Real>
RowFunctions<Real> Functions() {
  return {&Softmax<Real>, &LogSoftmax<Real>, &LogSumOfExp<Real>};
}
RowFunctions<float> FunctionsF32() { return Functions<float>(); }
RowFunctions<double> FunctionsF64() { return Functions<double>(); }

}  // namespace unroll::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace unroll {

HWY_EXPORT(FunctionsF32);
HWY_EXPORT(FunctionsF64);

template <>
RowFunctions<float> SoftmaxFunctions<float>() {
  return HWY_DYNAMIC_DISPATCH(FunctionsF32)();
}
template <>
RowFunctions<double> SoftmaxFunctions<double>() {
  return HWY_DYNAMIC_DISPATCH(FunctionsF64)();
}

}  // namespace unroll
#endif  // HWY_ONCE
