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
#include "unroll/base/threads.h"

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

/// Below it the functions stay at what they are there instead of going on to denormals.
template <class Real>
constexpr Real kLowest = sizeof(Real) == 4 ? Real(-87) : Real(-708);

/// Errors in units in the last place of the exact result, and relative ones in machine epsilons
/// (twice as lenient where the result lies just below a power of two).
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

/// The worst errors over the arguments that next(x) gives, until it gives none. Results that are
/// off by less than `slack` have none.
template <class Real, class Wide, class Next>
Errors Worst(Gate gate, Real slack, const Next& next) {
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
      const Wide exact = Exact<Wide>(gate, x[i]);
      if (std::abs(y[i] - exact) < slack) continue;
      const Errors errors = ErrorsOf<Real, Wide>(y[i], exact);
      worst.ulps = std::max(worst.ulps, errors.ulps);
      worst.epsilons = std::max(worst.epsilons, errors.epsilons);
    }
  }
  return worst;
}

Errors WorstInFloat(Gate gate, std::uint64_t stride, float slack = 0) {
  std::uint64_t bits = 0;
  return Worst<float, double>(gate, slack, [&](float& x) {
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
  return Worst<double, long double>(gate, 0, [&](double& x) {
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

/// What gates-inl.h states.
double MostUlps(Gate gate, bool single) {
  if (gate == kExp) return 1.1;
  return single && CurrentInstructionSet() == "avx512" ? 2 : 3;
}

void ExpectSmall(const Errors& worst, double most_ulps, const char* name) {
  EXPECT_LE(worst.ulps, most_ulps) << name;
  const std::string key = std::string(CurrentInstructionSet()) + "_" + name;
  testing::Test::RecordProperty(key, testing::PrintToString(worst.ulps) + " ULP, " +
                                         testing::PrintToString(worst.epsilons) + " epsilon");
}

TEST(GatesTest, AreRightToTheStatedUlpInFloat) {
  const bool all = std::getenv("UNROLL_NIGHTLY") != nullptr;
  std::uint64_t stride = all ? 1 : 61;
  test::ForEachInstructionSet([&] {
    for (const auto& [gate, name] : kGates) {
      ExpectSmall(WorstInFloat(gate, stride), MostUlps(gate, true), name);
    }
    if (!all) stride = 6101;  // the others
  });
}

/// In walks denormals are flushed; corrections that became 0 would be seen at the low end.
TEST(GatesTest, AreRightToTheStatedUlpWhereDenormalsAreFlushed) {
  const std::uint64_t stride = std::getenv("UNROLL_NIGHTLY") != nullptr ? 7 : 6101;
  const FlushDenormals flush;
  test::ForEachInstructionSet([&] {
    const float slack = test::FusesMultiplyAdd() ? 0 : std::numeric_limits<float>::min();
    for (const auto& [gate, name] : kGates) {
      ExpectSmall(WorstInFloat(gate, stride, slack), MostUlps(gate, true), name);
    }
  });
}

TEST(GatesTest, AreRightToTheStatedUlpInDouble) {
  const std::size_t count = std::getenv("UNROLL_NIGHTLY") != nullptr ? 100'000'000 : 300'000;
  test::ForEachInstructionSet([&] {
    for (const auto& [gate, name] : kGates) {
      ExpectSmall(WorstInDouble(gate, count), MostUlps(gate, false), name);
    }
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
  constexpr auto kHalf = static_cast<Real>(0.6932);  // e^-kHalf < 1/2
  test::ForEachInstructionSet([&] {
    for (const Gate gate : {kSigmoid, kTanh, kExp}) {
      EXPECT_TRUE(std::isnan(At(gate, std::numeric_limits<Real>::quiet_NaN())));
    }
    // From where 1 is the nearest number.
    EXPECT_EQ(At(kSigmoid, kHalf * (std::numeric_limits<Real>::digits + 1)), 1);
    EXPECT_EQ(At(kTanh, kHalf * (std::numeric_limits<Real>::digits + 2) / 2), 1);
    for (const Real x : {Real(50), Real(1000), kMost, kInfinity}) {
      EXPECT_EQ(At(kSigmoid, x), 1);
      EXPECT_EQ(At(kTanh, x), 1);
      EXPECT_EQ(At(kTanh, -x), -1);
    }
    for (const Gate gate : {kSigmoid, kExp}) {
      const Real least = At(gate, kLowest<Real>);
      EXPECT_GE(least, std::numeric_limits<Real>::min()) << "no denormal";
      for (const Real x : {Real(1000), kMost, kInfinity}) EXPECT_EQ(At(gate, -x), least);
    }
    EXPECT_EQ(At(kTanh, std::numeric_limits<Real>::denorm_min()),
              std::numeric_limits<Real>::denorm_min());
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
