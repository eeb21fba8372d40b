#include "unroll/kernels/dropout.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "unroll/kernels/dropout.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "unroll/kernels/dropout-inl.h"

HWY_BEFORE_NAMESPACE();
namespace unroll::HWY_NAMESPACE {

DropRowFunction<float> DropRowF32() { return &DropOneRow<float>; }
DropRowFunction<double> DropRowF64() { return &DropOneRow<double>; }

}  // namespace unroll::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace unroll {

HWY_EXPORT(DropRowF32);
HWY_EXPORT(DropRowF64);

template <>
DropRowFunction<float> DropRow<float>() {
  return HWY_DYNAMIC_DISPATCH(DropRowF32)();
}
template <>
DropRowFunction<double> DropRow<double>() {
  return HWY_DYNAMIC_DISPATCH(DropRowF64)();
}

}  // namespace unroll
#endif  // HWY_ONCE
