// The gate functions against the C library in double (for float) and in long double, over the whole
// range of their arguments. Every float where UNROLL_NIGHTLY is set.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/instruction_sets.h"
#include "unroll/base/random.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tests/kernels/gates_slow_test.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "unroll/kernels/gates-inl.h"

HWY_BEFORE_NAMESPACE();
namespace unroll::HWY_NAMESPACE {

/// y = gate(x) of n numbers, a multiple of 64; gate 0 is sigmoid, 1 tanh, 2 exp. The exponential is
/// that of arguments <= 0.
template <class Real>
void Evaluate(int gate, const Real* x, Real* y, std::size_t n) {
  const hn::ScalableTag<Real> d;
  for (std::size_t i = 0; i < n; i += hn::Lanes(d)) {
    const auto v = hn::LoadU(d, x + i);
    auto result = v;
    if (gate == 0) result = Sigmoid(d, v);
    if (gate == 1) result = Tanh(d, v);
    if (gate == 2) {
      auto power = v, rest = v;
      SplitExp(d, v, power, rest);
      result = hn::MulAdd(power, rest, power);
    }
    hn::StoreU(result, d, y + i);
  }
}
void EvaluateF32(int gate, const float* x, float* y, std::size_t n) { Evaluate(gate, x, y, n); }
void EvaluateF64(int gate, const double* x, double* y, std::size_t n) { Evaluate(gate, x, y, n); }

}  // namespace unroll::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace unroll {
namespace {

HWY_EXPORT(EvaluateF32);
HWY_EXPORT(EvaluateF64);

enum Gate { kSigmoid, kTanh, kExp };
constexpr std::size_t kBlock = 4096;

void Evaluate(Gate gate, const float* x, float* y, std::size_t n) {
  HWY_DYNAMIC_DISPATCH(EvaluateF32)(gate, x, y, n);
}
void Evaluate(Gate gate, const double* x, double* y, std::size_t n) {
  HWY_DYNAMIC_DISPATCH(EvaluateF64)(gate, x, y, n);
}

template <class Wide>
Wide Exact(Gate gate, Wide x) {
  switch (gate) {
    case kSigmoid:
      return 1 / (1 + std::exp(-x));
    case kTanh:
      return std::tanh(x);
    default:
      return std::exp(x);
  }
}

/// Below it the functions stay at the smallest normal number instead of going on to denormals.
template <class Real>
constexpr Real kLowest = sizeof(Real) == 4 ? Real(-87) : Real(-708);

/// Errors in units of the last place of the exact result, and relative ones in machine epsilons
/// (which is half as strict where the result is just below a power of two).
struct Errors {
  double ulps = 0, epsilons = 0;
};

template <class Real, class Wide>
Errors ErrorsOf(Real y, Wide exact) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (std::isnan(y)) return {kInfinity, kInfinity};
  using Limits = std::numeric_limits<Real>;
  int exponent;
  std::frexp(exact, &exponent);
  const Wide ulp = std::ldexp(Wide(1), std::max(exponent, Limits::min_exponent) - Limits::digits);
  const Wide error = std::abs(static_cast<Wide>(y) - exact);
  const Wide size = std::max<Wide>(std::abs(exact), Limits::min());
  return {static_cast<double>(error / ulp), static_cast<double>(error / size / Limits::epsilon())};
}

/// The worst errors over the arguments that next(x) gives, until it gives none.
template <class Real, class Wide, class Next>
Errors Worst(Gate gate, const Next& next) {
  std::vector<Real> x(kBlock), y(kBlock);
  Errors worst;
  for (bool more = true; more;) {
    std::size_t n = 0;
    while (n < kBlock && (more = next(x[n]))) {
      const bool counts = std::isfinite(x[n]) &&
                          (gate == kTanh || x[n] >= kLowest<Real>)&&(gate != kExp || x[n] <= 0);
      n += counts;
    }
    std::fill(x.begin() + static_cast<std::ptrdiff_t>(n), x.end(), Real(0));
    Evaluate(gate, x.data(), y.data(), kBlock);
    for (std::size_t i = 0; i < n; ++i) {
      const Errors errors = ErrorsOf<Real, Wide>(y[i], Exact<Wide>(gate, x[i]));
      worst.ulps = std::max(worst.ulps, errors.ulps);
      worst.epsilons = std::max(worst.epsilons, errors.epsilons);
    }
  }
  return worst;
}

Errors WorstInFloat(Gate gate, std::uint64_t stride) {
  std::uint64_t bits = 0;
  return Worst<float, double>(gate, [&](float& x) {
    if (bits >> 32 != 0) return false;
    const auto word = static_cast<std::uint32_t>(bits);
    std::memcpy(&x, &word, sizeof(x));
    bits += stride;
    return true;
  });
}

Errors WorstInDouble(Gate gate, std::size_t count) {
  Random random(1, Purpose::kTest);
  std::size_t i = 0;
  return Worst<double, long double>(gate, [&](double& x) {
    if (i == count) return false;
    // In turn over the whole range, where the functions bend, and close to 0 by magnitude.
    const double range = i % 3 == 0 ? 708 : 20;
    x = random.Uniform(-range, range);
    if (i % 3 == 2) x *= std::pow(10, random.Uniform(-300, 0));
    ++i;
    return true;
  });
}

constexpr std::pair<Gate, const char*> kGates[] = {
    {kSigmoid, "sigmoid"}, {kTanh, "tanh"}, {kExp, "exp"}};

void ExpectSmall(const Errors& worst, const char* name) {
  EXPECT_LE(worst.ulps, 3) << name;
  EXPECT_LE(worst.epsilons, 2) << name;
  const std::string key = std::string(CurrentInstructionSet()) + "_" + name;
  testing::Test::RecordProperty(key, testing::PrintToString(worst.ulps) + " ULP, " +
                                         testing::PrintToString(worst.epsilons) + " epsilon");
}

TEST(GatesTest, AreRightToThreeUlpInFloat) {
  const bool all = std::getenv("UNROLL_NIGHTLY") != nullptr;
  std::uint64_t stride = all ? 1 : 61;
  test::ForEachInstructionSet([&] {
    for (const auto& [gate, name] : kGates) ExpectSmall(WorstInFloat(gate, stride), name);
    if (!all) stride = 6101;  // the others
  });
}

TEST(GatesTest, AreRightToThreeUlpInDouble) {
  const std::size_t count = std::getenv("UNROLL_NIGHTLY") != nullptr ? 100'000'000 : 300'000;
  test::ForEachInstructionSet([&] {
    for (const auto& [gate, name] : kGates) ExpectSmall(WorstInDouble(gate, count), name);
  });
}

template <class Real>
Real At(Gate gate, Real x) {
  const std::vector<Real> in(64, x);
  std::vector<Real> out(64);
  Evaluate(gate, in.data(), out.data(), 64);
  for (const Real y : out) {
    EXPECT_EQ(std::memcmp(&y, &out[0], sizeof(y)), 0) << "a lane differs";
  }
  return out[0];
}

template <class Real>
void ExpectEndsAreRight() {
  constexpr Real kInfinity = std::numeric_limits<Real>::infinity();
  constexpr Real kMost = std::numeric_limits<Real>::max();
  const Real nothing = 2 * std::numeric_limits<Real>::min();
  test::ForEachInstructionSet([&] {
    for (const Gate gate : {kSigmoid, kTanh, kExp}) {
      EXPECT_TRUE(std::isnan(At(gate, std::numeric_limits<Real>::quiet_NaN())));
    }
    for (const Real x : {Real(50), Real(1000), kMost, kInfinity}) {
      EXPECT_EQ(At(kSigmoid, x), 1);
      EXPECT_EQ(At(kTanh, x), 1);
      EXPECT_EQ(At(kTanh, -x), -1);
      const Real end = x >= 1000 ? nothing : std::exp(-x) * Real(1.001);
      EXPECT_GE(At(kSigmoid, -x), 0);
      EXPECT_LE(At(kSigmoid, -x), end);
      EXPECT_LE(At(kExp, -x), end);
    }
    EXPECT_EQ(At(kSigmoid, Real(0)), Real(0.5));
    EXPECT_EQ(At(kExp, Real(0)), 1);
    EXPECT_EQ(At(kTanh, Real(0)), 0);
    EXPECT_FALSE(std::signbit(At(kTanh, Real(0))));
    EXPECT_TRUE(std::signbit(At(kTanh, Real(-0.0))));
  });
}

TEST(GatesTest, SaturateAndKeepNan) {
  ExpectEndsAreRight<float>();
  ExpectEndsAreRight<double>();
}

}  // namespace
}  // namespace unroll
#endif  // HWY_ONCE
