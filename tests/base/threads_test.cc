// The pool runs every index once and waits for all, alone where it must; the barrier lets nobody
// ahead; denormals count as zero only where they are told to.
#include "unroll/base/threads.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/allocations.h"

// The test of fork makes threads in the child, which TSan otherwise forbids.
extern "C" const char* __tsan_default_options();
extern "C" const char* __tsan_default_options() { return "die_after_fork=0"; }

namespace unroll {
namespace {

using std::chrono::milliseconds;

TEST(BarrierTest, NobodyPassesBeforeAllHaveCome) {
  for (const int count : {1, 2, 3, 5}) {
    constexpr int kRounds = 500;
    Barrier barrier(count);
    std::vector<int> round_of(static_cast<std::size_t>(count), -1);  // plain: the barrier orders it
    std::atomic<int> faults{0};
    const auto walk = [&](int index) {
      for (int round = 0; round < kRounds; ++round) {
        round_of[static_cast<std::size_t>(index)] = round;
        barrier.Wait();
        for (const int other : round_of) faults += other != round;
        barrier.Wait();
      }
    };
    std::vector<std::thread> threads;
    for (int index = 0; index < count; ++index) threads.emplace_back(walk, index);
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(faults, 0) << count << " threads";
  }
}

TEST(ThreadPoolTest, RunsEveryIndexOnceAndWaitsForAll) {
  for (const int threads : {1, 2, 3, 5}) {
    ThreadPool pool(threads);
    ASSERT_EQ(pool.threads(), threads);
    for (int round = 0; round < 300; ++round) {
      std::vector<int> calls(static_cast<std::size_t>(threads));  // plain: Run orders it
      pool.Run(threads, [&](int index, int count) {
        if (index > 0 && round % 100 == 0) std::this_thread::sleep_for(milliseconds(2));
        calls[static_cast<std::size_t>(index)] += count;
      });
      ASSERT_EQ(calls, std::vector<int>(static_cast<std::size_t>(threads), threads));
      ASSERT_EQ(pool.last_count(), threads);
    }
  }
}

TEST(ThreadPoolTest, RunsAtOnceOnThreadsOfTheirOwn) {
  ThreadPool pool(3);
  Barrier barrier(3);
  std::vector<std::thread::id> ids(3);
  pool.Run(3, [&](int index, int) {
    ids[static_cast<std::size_t>(index)] = std::this_thread::get_id();
    barrier.Wait();  // never returns where they do not run at once
  });
  EXPECT_EQ(ids[0], std::this_thread::get_id());
  EXPECT_NE(ids[1], ids[0]);
  EXPECT_NE(ids[2], ids[0]);
  EXPECT_NE(ids[2], ids[1]);
}

TEST(ThreadPoolTest, MostIsTheMostThatRun) {
  ThreadPool pool(3);
  for (const int most : {0, 1, 2, 3, 100}) {
    const int expected = std::clamp(most, 1, 3);
    std::atomic<int> calls{0}, sum{0};
    pool.Run(most, [&](int index, int count) {
      ++calls;
      sum += index;
      EXPECT_EQ(count, expected);
    });
    EXPECT_EQ(calls, expected);
    EXPECT_EQ(sum, expected * (expected - 1) / 2);
    EXPECT_EQ(pool.last_count(), expected);
  }
}

TEST(ThreadPoolTest, WorksAfterItsWorkersHaveFallenAsleep) {
  ThreadPool pool(2);
  for (int round = 0; round < 20; ++round) {
    std::atomic<int> calls{0};
    pool.Run(2, [&](int, int) { ++calls; });
    ASSERT_EQ(calls, 2);
    std::this_thread::sleep_for(milliseconds(1));
  }
}

/// How often the other threads of this process have gone to sleep.
long SleepsOfOthers() {
  long sleeps = 0;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    if (task.path().filename() == std::to_string(gettid())) continue;
    std::ifstream status(task.path() / "status");
    for (std::string word; status >> word;) {
      long count = 0;
      if (word == "voluntary_ctxt_switches:" && status >> count) sleeps += count;
    }
  }
  return sleeps;
}

TEST(ThreadPoolTest, ARunOfOneWakesNobody) {
  ThreadPool pool(3);
  pool.Run(3, [](int, int) {});
  std::this_thread::sleep_for(milliseconds(50));  // until they sleep
  const long before = SleepsOfOthers();
  ASSERT_GT(before, 0);
  for (int i = 0; i < 100; ++i) {
    pool.Run(1, [](int, int) {});
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  EXPECT_LE(SleepsOfOthers() - before, 5);  // a few for what is not ours, as TSan's own thread
}

TEST(ThreadPoolTest, ANestedRunWorksAlone) {
  ThreadPool pool(2);
  std::atomic<int> nested{0};
  pool.Run(2, [&](int, int) {
    pool.Run(2, [&](int index, int count) { nested += index == 0 && count == 1; });
    EXPECT_EQ(pool.last_count(), 1);
  });
  EXPECT_EQ(nested, 2);
  EXPECT_EQ(pool.last_count(), 2);
}

TEST(ThreadPoolTest, SeveralCallersAllGetTheirWorkDone) {
  ThreadPool pool(3);
  std::vector<std::thread> callers;
  std::atomic<int> faults{0};
  for (int caller = 0; caller < 3; ++caller) {
    callers.emplace_back([&] {
      for (int round = 0; round < 500; ++round) {
        std::vector<int> done(3, 0);
        pool.Run(3, [&](int index, int count) {
          for (int i = index; i < 3; i += count) ++done[static_cast<std::size_t>(i)];
        });
        faults += done != std::vector<int>(3, 1);
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(faults, 0);
}

TEST(ThreadPoolTest, WhoFindsItBusyWorksAlone) {
  ThreadPool pool(2);
  std::atomic<bool> inside{false}, leave{false};
  std::thread other([&] {
    pool.Run(2, [&](int, int) {
      inside = true;
      while (!leave) std::this_thread::yield();
    });
  });
  while (!inside) std::this_thread::yield();
  int found = 0;
  pool.Run(2, [&](int, int count) { found = count; });
  leave = true;
  other.join();
  EXPECT_EQ(found, 1);
  pool.Run(2, [&](int index, int count) {
    if (index == 0) found = count;
  });
  EXPECT_EQ(found, 2);  // free again
}

#if UNROLL_COUNTS_ALLOCATIONS
TEST(ThreadPoolTest, RunAllocatesNothing) {
  ThreadPool pool(2);
  const auto body = [](int, int) {};
  pool.Run(2, body);
  const long before = test::allocations;
  for (int i = 0; i < 100; ++i) pool.Run(2, body);
  EXPECT_EQ(test::allocations, before);
}
#endif

/// The exit code of `body` in a forked child; -1 where it did not end within 20 seconds.
template <class Body>
int InChild(const Body& body) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(20);
    _exit(body());
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(ThreadPoolTest, AForkedChildHasWorkersOfItsOwn) {
  auto pool = std::make_unique<ThreadPool>(2);
  pool->Run(2, [](int, int) {});
  EXPECT_EQ(InChild([&] {
              std::atomic<int> calls{0};
              for (int i = 0; i < 100; ++i) pool->Run(2, [&](int, int) { ++calls; });
              const int threads = pool->threads();
              pool.reset();
              return threads == 2 ? calls.load() : 1;
            }),
            200);
  std::atomic<int> calls{0};
  pool->Run(2, [&](int, int) { ++calls; });
  EXPECT_EQ(calls, 2);
}

TEST(ThreadPoolTest, AForkedChildMayDropAPoolItNeverUsed) {
  auto pool = std::make_unique<ThreadPool>(3);
  EXPECT_EQ(InChild([&] {
              pool.reset();
              return 7;
            }),
            7);
}

TEST(ThreadPoolTest, WhereTheSystemGivesNoThreadsFewerRun) {
  pthread_attr_t usual, impossible;
  ASSERT_EQ(pthread_getattr_default_np(&usual), 0);
  ASSERT_EQ(pthread_attr_init(&impossible), 0);
  ASSERT_EQ(pthread_attr_setstacksize(&impossible, std::size_t{1} << 50), 0);
  ASSERT_EQ(pthread_setattr_default_np(&impossible), 0);
  ThreadPool pool(4);
  ASSERT_EQ(pthread_setattr_default_np(&usual), 0);
  EXPECT_EQ(pool.threads(), 1);
  int found = 0;
  pool.Run(4, [&](int, int count) { found = count; });
  EXPECT_EQ(found, 1);
  pthread_attr_destroy(&usual);
  pthread_attr_destroy(&impossible);
}

TEST(ThreadPoolTest, WorkersLeaveSignalsToTheProgram) {
  ThreadPool pool(2);
  sigset_t masks[2];
  pool.Run(2, [&](int index, int) { pthread_sigmask(SIG_SETMASK, nullptr, &masks[index]); });
  EXPECT_FALSE(sigismember(&masks[0], SIGINT));
  EXPECT_TRUE(sigismember(&masks[1], SIGINT));
  EXPECT_TRUE(sigismember(&masks[1], SIGTERM));
  EXPECT_FALSE(sigismember(&masks[1], SIGSEGV));
}

TEST(ThreadPoolTest, ManyMoreThreadsThanProcessorsStillGetThrough) {
  ThreadPool pool(16);
  Barrier barrier(16);
  const auto start = std::chrono::steady_clock::now();
  pool.Run(16, [&](int, int) {
    for (int i = 0; i < 200; ++i) barrier.Wait();
  });
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

TEST(ThreadPoolTest, HasAtLeastOneThread) { EXPECT_THROW(ThreadPool(0), std::logic_error); }

TEST(AvailableProcessorsTest, HeedsTheAffinity) {
  cpu_set_t before, one;
  ASSERT_EQ(sched_getaffinity(0, sizeof(before), &before), 0);
  const int available = AvailableProcessors();
  EXPECT_GE(available, 1);
  EXPECT_LE(available, CPU_COUNT(&before));
  CPU_ZERO(&one);
  for (std::size_t i = 0; CPU_COUNT(&one) == 0; ++i) {
    if (CPU_ISSET(i, &before)) CPU_SET(i, &one);
  }
  ASSERT_EQ(sched_setaffinity(0, sizeof(one), &one), 0);
  EXPECT_EQ(AvailableProcessors(), 1);
  ASSERT_EQ(sched_setaffinity(0, sizeof(before), &before), 0);
}

/// Bits of half of the least normal number, a denormal. As bits: where denormals count as zero, a
/// comparison would not see one that was not flushed.
std::uint64_t HalfOfTheLeast() {
  volatile double least = std::numeric_limits<double>::min();
  volatile double half = least / 2;
  return std::bit_cast<std::uint64_t>(double{half});
}
/// A denormal, as it comes from memory, made large.
double DenormalTimesLarge() {
  volatile double denormal = std::numeric_limits<double>::denorm_min();
  volatile double product = denormal * 0x1p1000;
  return product;
}

#if defined(__x86_64__) || defined(__i386__) || defined(__aarch64__)
TEST(FlushDenormalsTest, DenormalsAreZeroWhileItLives) {
  EXPECT_NE(HalfOfTheLeast(), 0u);
  {
    const FlushDenormals flush;
    EXPECT_EQ(HalfOfTheLeast(), 0u);
    EXPECT_EQ(DenormalTimesLarge(), 0);
    { const FlushDenormals nested; }
    EXPECT_EQ(HalfOfTheLeast(), 0u);
  }
  EXPECT_NE(HalfOfTheLeast(), 0u);
  EXPECT_GT(DenormalTimesLarge(), 0);
}
#endif

}  // namespace
}  // namespace unroll
