// Arrays of normal numbers, the same for a seed everywhere.
#pragma once

#include <cstddef>
#include <cstdint>

#include "unroll/base/arena.h"
#include "unroll/base/random.h"

namespace unroll::test {

template <class Real>
Buffer<Real> RandomNumbers(std::size_t count, std::uint64_t seed) {
  Random random(seed, Purpose::kTest);
  Buffer<Real> numbers(count);
  for (Real& number : numbers.span()) number = static_cast<Real>(random.Normal());
  return numbers;
}

}  // namespace unroll::test
