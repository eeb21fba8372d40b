#include "recipes/adding_problem/cases.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <stdexcept>

namespace adding {

Cases::Cases(std::size_t steps, std::size_t rows)
    : T(steps), B(rows), x(T * B * kInputs), target(T * B), mask(T * B) {
  if (T < kLeastSteps) throw std::logic_error("Cases: no room for two marks");
  std::fill(mask.end() - static_cast<std::ptrdiff_t>(B), mask.end(), 1.0f);
}

void Cases::Draw(std::uint64_t seed, std::uint64_t index) {
  for (std::size_t b = 0; b < B; ++b) {
    unroll::Random random(seed, unroll::Purpose::kWindows, index, static_cast<std::uint32_t>(b));
    const std::size_t half = T / 2;
    const std::size_t first = random.Below(half), second = half + random.Below(T - half);
    float sum = 0;
    for (std::size_t t = 0; t < T; ++t) {
      const bool marked = t == first || t == second;
      // 24 bits, as many as a float has below 1: never rounded up to 1.
      const auto number = static_cast<float>(random.Bits() >> 8) * 0x1p-24f;
      float* const step = &x[(t * B + b) * kInputs];
      step[0] = number;
      step[1] = marked ? 1.0f : 0.0f;
      if (marked) sum += number;
    }
    target[(T - 1) * B + b] = sum;
  }
}

unroll::Stretch<float> Cases::View() const {
  const unroll::Shape outputs{{'T', T}, {'B', B}, {'O', 1}};
  return {{x.data(), {{'T', T}, {'B', B}, {'I', kInputs}}},
          {target.data(), outputs},
          {mask.data(), outputs},
          /*begins=*/true};
}

std::uint64_t CasesBytes(std::size_t T, std::size_t B) {
  return std::uint64_t{T} * B * (kInputs + 2) * sizeof(float);
}

unroll::Stretch<float> FreshCases::At(std::uint64_t index) const {
  cases_.Draw(seed_, index);
  return cases_.View();
}

double ErrorOfAlwaysOne(const Cases& cases) {
  const std::vector<float> ones(cases.T * cases.B, 1.0f);
  const unroll::Stretch<float> stretch = cases.View();
  const unroll::Shape& shape = stretch.target.shape;
  return unroll::SquaredError<float>().Evaluate(
      {{ones.data(), shape}, stretch.target, stretch.mask}, unroll::Reduction::kMean,
      {nullptr, shape});
}

std::string InCsv(const Cases& cases) {
  std::string csv = "case,t,f0,f1,target\n";
  for (std::size_t b = 0; b < cases.B; ++b) {
    for (std::size_t t = 0; t < cases.T; ++t) {
      const std::size_t at = t * cases.B + b;
      const float* const step = &cases.x[at * kInputs];
      fmt::format_to(std::back_inserter(csv), "{},{},{},{},", b, t, step[0], step[1]);
      if (cases.mask[at] != 0) fmt::format_to(std::back_inserter(csv), "{}", cases.target[at]);
      csv += '\n';
    }
  }
  return csv;
}

}  // namespace adding
