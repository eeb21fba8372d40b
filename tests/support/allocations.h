// Counts what the program allocates. To be included by one file of a test program, since it
// replaces operator new and delete for all of it.
#pragma once

#include <atomic>
#include <cstdlib>
#include <new>

#if defined(__SANITIZE_THREAD__)
#define UNROLL_COUNTS_ALLOCATIONS 0  // TSan's may not be replaced
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define UNROLL_COUNTS_ALLOCATIONS 0
#endif
#endif
#ifndef UNROLL_COUNTS_ALLOCATIONS
#define UNROLL_COUNTS_ALLOCATIONS 1
#endif

namespace unroll::test {

/// Calls of operator new so far; 0 for ever where they cannot be counted.
inline std::atomic<long> allocations{0};

}  // namespace unroll::test

// NOLINTBEGIN(misc-definitions-in-headers): a replacement may not be inline
#if UNROLL_COUNTS_ALLOCATIONS
// Never inlined: g++ would see malloc's block given to delete.
[[gnu::noinline]] void* operator new(std::size_t size) {
  unroll::test::allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* block = std::malloc(size > 0 ? size : 1)) return block;
  throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment) {
  unroll::test::allocations.fetch_add(1, std::memory_order_relaxed);
  const auto align = static_cast<std::size_t>(alignment);
  if (void* block = std::aligned_alloc(align, (size + align - 1) / align * align)) return block;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* block) noexcept { std::free(block); }
[[gnu::noinline]] void operator delete(void* block, std::size_t) noexcept { std::free(block); }
[[gnu::noinline]] void operator delete(void* block, std::align_val_t) noexcept { std::free(block); }
[[gnu::noinline]] void operator delete(void* block, std::size_t, std::align_val_t) noexcept {
  std::free(block);
}
#endif
// NOLINTEND(misc-definitions-in-headers)
