// Buffers are zero, aligned and readable a little beyond their end; a refusal is an exception.
#include "unroll/base/arena.h"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <new>
#include <utility>

// A refused allocation must look under the sanitizers as it does without them.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() { return "allocator_may_return_null=1"; }

namespace unroll {
namespace {

std::uintptr_t Address(const void* data) { return reinterpret_cast<std::uintptr_t>(data); }

TEST(PaddedTest, RoundsUpToWholeVectors) {
  EXPECT_EQ(Padded<float>(0), 0u);
  EXPECT_EQ(Padded<float>(1), 16u);
  EXPECT_EQ(Padded<float>(16), 16u);
  EXPECT_EQ(Padded<float>(17), 32u);
  EXPECT_EQ(Padded<double>(8), 8u);
  EXPECT_EQ(Padded<double>(9), 16u);
}

TEST(BufferTest, IsZeroAndAlignedWithSlackBehindIt) {
  for (const std::size_t size : {0, 1, 15, 16, 17, 1000, 262144, 600000}) {
    for (int round = 0; round < 2; ++round) {  // the second one gets the first one's memory
      Buffer<float> buffer(size);
      ASSERT_EQ(buffer.size(), size);
      EXPECT_EQ(Address(buffer.data()) % kAlignment, 0u);
      for (std::size_t i = 0; i < size + kAlignment / sizeof(float); ++i) {
        ASSERT_EQ(buffer.data()[i], 0.0f) << "size " << size << ", number " << i;
      }
      std::memset(buffer.data(), 0xAB, size * sizeof(float) + kAlignment);
    }
  }
}

TEST(BufferTest, StartsAtAHugePageFromOneMebibyteOn) {
  EXPECT_EQ(Address(Buffer<float>(262144).data()) % (2u << 20), 0u);
  EXPECT_EQ(Address(Buffer<float>(1000000).data()) % (2u << 20), 0u);
}

TEST(BufferTest, ARefusalIsBadAlloc) {
  constexpr std::size_t kMost = std::numeric_limits<std::size_t>::max();
  EXPECT_THROW(Buffer<double>(std::size_t{1} << 53), std::bad_alloc);  // more than any machine has
  EXPECT_THROW(Buffer<double>(kMost / 8), std::bad_alloc);             // no room for the slack
  EXPECT_THROW(Buffer<double>(kMost / 8 + 2), std::bad_alloc);  // 8 bytes, if it wrapped round
}

TEST(BufferTest, MovesItsNumbers) {
  Buffer<double> first(3);
  first[2] = 7;
  Buffer<double> second(std::move(first));
  EXPECT_EQ(first.data(), nullptr);
  EXPECT_EQ(first.size(), 0u);
  Buffer<double> third(1);
  third = std::move(second);
  ASSERT_EQ(third.size(), 3u);
  EXPECT_EQ(third[2], 7);
  EXPECT_EQ(third.span().size(), 3u);
}

TEST(BufferTest, ZeroClearsEveryNumber) {
  Buffer<std::int32_t> buffer(5);
  for (std::int32_t& number : buffer.span()) number = -1;
  buffer.Zero();
  for (const std::int32_t number : buffer.span()) EXPECT_EQ(number, 0);
  Buffer<std::int32_t>().Zero();
}

TEST(LayoutTest, ViewsAreAlignedAndDoNotOverlap) {
  Layout<float> layout;
  EXPECT_EQ(layout.Reserve(3), 0u);
  EXPECT_EQ(layout.Reserve(17), 16u);
  EXPECT_EQ(layout.Reserve(0), 48u);
  EXPECT_EQ(layout.Reserve(16), 48u);
  EXPECT_EQ(layout.total(), 64u);
}

}  // namespace
}  // namespace unroll
