// Our own threads: a small pool, the barrier at which walks meet, and the scope in which denormals
// are flushed.
//
// Fewer threads than asked for is normal and changes no bit: a body is told how many run and takes
// its share of the work from that.
#pragma once

#include <atomic>
#include <cstdint>
#include <type_traits>

namespace unroll {

/// Where `count` threads wait for one another. Spins, since the wait is shorter than a call to the
/// kernel would be; yields the processor once the wait has become long.
class Barrier {
 public:
  explicit Barrier(int count) : count_(count) {}
  Barrier(const Barrier&) = delete;
  Barrier& operator=(const Barrier&) = delete;
  void Wait();

 private:
  const int count_;
  alignas(64) std::atomic<int> arrived_{0};
  alignas(64) std::atomic<std::uint32_t> phase_{0};
};

/// Threads that sleep until there is work. Safe after fork (the child makes its own); may be used
/// by several threads at once (whoever finds the pool busy works alone).
///
/// Errors:  none: where the system gives fewer threads, fewer run.
class ThreadPool {
 public:
  /// `threads` in all, the caller's among them; at least 1.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  /// How many can run at once.
  int threads() const;

  /// Calls body(index, count) on `count` threads at once, index 0 .. count - 1, the caller being
  /// index 0; returns when all have returned. count is min(most, threads()), or 1. The body must
  /// not throw. Allocates nothing.
  template <class Body>
  void Run(int most, const Body& body) {
    static_assert(std::is_invocable_v<const Body&, int, int>);
    RunTask(
        most,
        [](const void* b, int index, int count) { (*static_cast<const Body*>(b))(index, count); },
        &body);
  }

  /// Number of threads of the last Run that this thread called; for tests of the splits.
  int last_count() const;

 private:
  using Task = void (*)(const void* body, int index, int count);
  void RunTask(int most, Task task, const void* body);

  struct State;
  State& Current() const;

  // Replaced at the first use in a forked child; the old one is left behind there, since its
  // threads do not exist.
  mutable std::atomic<State*> state_;
};

/// Processors that this process may use (affinity and cgroup quota), at least 1.
int AvailableProcessors();

/// While it lives, this thread's denormal numbers count as zero (FTZ and DAZ); then as before.
class FlushDenormals {
 public:
  FlushDenormals();
  ~FlushDenormals();
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
  std::uint64_t before_;
};

}  // namespace unroll
