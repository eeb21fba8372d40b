// Streams of Philox4x32-10 (Random123's), and the few distributions that are wanted.
#include "unroll/base/random.h"

#include <Random123/philox.h>

#include <cmath>
#include <numbers>
#include <stdexcept>

namespace unroll {

RandomStream::RandomStream(std::uint64_t seed, Purpose purpose, std::uint64_t step,
                           std::uint32_t sequence)
    : key{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)},
      counter{0, sequence, static_cast<std::uint32_t>(step),
              static_cast<std::uint32_t>(step >> 32) | static_cast<std::uint32_t>(purpose) << 24} {
  if (step >> 56 != 0) throw std::logic_error("a random stream's step is less than 2^56");
}

std::uint32_t Random::Bits() {
  if (used_ == 4) {
    const r123::Philox4x32::ctr_type counter = {
        {stream_.counter[0], stream_.counter[1], stream_.counter[2], stream_.counter[3]}};
    const r123::Philox4x32::key_type key = {{stream_.key[0], stream_.key[1]}};
    const r123::Philox4x32::ctr_type block = r123::Philox4x32()(counter, key);
    for (int i = 0; i < 4; ++i) block_[i] = block[i];
    ++stream_.counter[0];
    used_ = 0;
  }
  return block_[used_++];
}

double Random::Uniform() {
  const std::uint64_t high = Bits() >> 5;  // 27 bits
  const std::uint64_t low = Bits() >> 6;   // 26 bits
  return static_cast<double>(high << 26 | low) * 0x1p-53;
}

std::uint64_t Random::Below(std::uint64_t n) {
  if (n == 0) throw std::logic_error("there is no number below 0");
  // The first 2^64 mod n of all values are drawn again: the others fall on each result as often.
  const std::uint64_t refused = (0 - n) % n;
  for (;;) {
    const std::uint64_t high = Bits();
    const std::uint64_t bits = high << 32 | Bits();
    if (bits >= refused) return bits % n;
  }
}

double Random::Normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  const double radius = std::sqrt(-2.0 * std::log(1.0 - Uniform()));  // the logarithm of (0, 1]
  const double angle = 2.0 * std::numbers::pi * Uniform();
  spare_ = radius * std::sin(angle);
  has_spare_ = true;
  return radius * std::cos(angle);
}

}  // namespace unroll
