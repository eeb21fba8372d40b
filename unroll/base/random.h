// Random numbers that depend on what they are for, not on who draws them first.
//
// Philox is a function of a key and a counter. The key is the user's seed; the counter says
// purpose, step and sequence. So the numbers are the same for any number of threads and after any
// resume.
#pragma once

#include <array>
#include <cstdint>

namespace unroll {

/// What random numbers are drawn for. Values stand in the counter: never renumber them.
enum class Purpose : std::uint8_t {
  kWeights = 0,  ///< step: index of the tensor
  kWindows = 1,  ///< step: training step; which parts of which series
  kDropout = 2,  ///< step: training step, from bit 46 on the place in the network; sequence: n
  kTest = 255,
};

/// The key of one (seed, purpose, step, sequence) and the counter of its first block of four words.
///
/// The key is the seed, low word first. The counter's words, which never change their places:
///   0  number of the block in the stream
///   1  sequence
///   2  step, bits 0 to 31
///   3  step, bits 32 to 55; above them, in bits 24 to 31, the purpose
///
/// Errors:  std::logic_error where step is 2^56 or more.
struct RandomStream {
  RandomStream(std::uint64_t seed, Purpose purpose, std::uint64_t step, std::uint32_t sequence);
  std::array<std::uint32_t, 2> key;
  std::array<std::uint32_t, 4> counter;
};

/// The numbers of one RandomStream: 2^34 words, four from each block.
///
/// Errors:  those of RandomStream.
/// Source:  Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3", SC11; Philox4x32-10.
class Random {
 public:
  explicit Random(std::uint64_t seed, Purpose purpose, std::uint64_t step = 0,
                  std::uint32_t sequence = 0)
      : stream_(seed, purpose, step, sequence) {}

  std::uint32_t Bits();
  /// Uniform in [0, 1), 53 bits.
  double Uniform();
  /// Uniform in [low, high).
  double Uniform(double low, double high) { return low + (high - low) * Uniform(); }
  /// Uniform in 0 .. n - 1, without the bias of a remainder.
  ///
  /// Errors:  std::logic_error where n is 0.
  std::uint64_t Below(std::uint64_t n);
  /// Normal with mean 0 and variance 1 (Box and Muller 1958).
  double Normal();

 private:
  RandomStream stream_;
  std::array<std::uint32_t, 4> block_{};
  int used_ = 4;
  double spare_ = 0;
  bool has_spare_ = false;
};

}  // namespace unroll
