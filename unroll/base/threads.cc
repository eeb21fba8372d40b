// The pool: each worker has a number of its own that the caller raises to call it. It watches the
// number for a short while, since the next call usually comes at once, and then sleeps on it.
#include "unroll/base/threads.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <new>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <vector>

#include "unroll/base/cgroup.h"

#if defined(__x86_64__) || defined(__i386__)
#include <xmmintrin.h>
#endif

namespace unroll {
namespace {

constexpr int kSpinsBeforeYield = 300;
constexpr auto kWatch = std::chrono::microseconds(50);

/// Tells the processor that this is a waiting loop.
void Pause() {
#if defined(__x86_64__) || defined(__i386__)
  _mm_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// Looked up once: it reads files.
int Processors() {
  static const int processors = AvailableProcessors();
  return processors;
}

/// Returns the value of `number` once it is no longer `old`.
std::uint32_t AwaitChange(const std::atomic<std::uint32_t>& number, std::uint32_t old, bool watch) {
  std::uint32_t now = number.load(std::memory_order_acquire);
  if (watch) {
    const auto end = std::chrono::steady_clock::now() + kWatch;
    while (now == old && std::chrono::steady_clock::now() < end) {
      for (int i = 0; i < 16 && now == old; ++i) {
        Pause();
        now = number.load(std::memory_order_acquire);
      }
    }
  }
  while (now == old) {
    number.wait(old, std::memory_order_acquire);
    now = number.load(std::memory_order_acquire);
  }
  return now;
}

std::atomic<std::uint32_t> forks{0};

/// How often this process or its ancestors have forked since the first call: a cheaper way to know
/// a forked child than asking the system for the process id at every Run.
std::uint32_t Forks() { return forks.load(std::memory_order_relaxed); }

void CountForks() {
  static const int registered =
      pthread_atfork(nullptr, nullptr, [] { forks.fetch_add(1, std::memory_order_relaxed); });
  (void)registered;
}

/// While it lives, threads that are made block all signals but those of the processor's faults:
/// signals of the outside world belong to the threads of the program that we serve.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS}) {
      sigdelset(&all, fault);
    }
    pthread_sigmask(SIG_BLOCK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

thread_local int last_count_of_this_thread = 0;

}  // namespace

void Barrier::Wait() {
  const std::uint32_t phase = phase_.load(std::memory_order_relaxed);
  if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == count_) {
    arrived_.store(0, std::memory_order_relaxed);
    phase_.store(phase + 1, std::memory_order_release);
    return;
  }
  // With fewer processors than threads, the one waited for may be the one that cannot run.
  int spins = count_ > Processors() ? 0 : kSpinsBeforeYield;
  while (phase_.load(std::memory_order_acquire) == phase) {
    if (spins > 0) {
      --spins;
      Pause();
    } else {
      sched_yield();
    }
  }
}

struct ThreadPool::State {
  struct alignas(64) Call {
    std::atomic<std::uint32_t> number{0};
  };

  explicit State(int threads)
      : born(Forks()),
        asked(threads),
        watch(threads <= Processors()),
        calls(std::make_unique<Call[]>(static_cast<std::size_t>(threads) - 1)) {
    workers.reserve(static_cast<std::size_t>(asked) - 1);
    const SignalsBlocked blocked;
    try {
      for (int index = 1; index < asked; ++index) workers.emplace_back(&State::Work, this, index);
    } catch (const std::system_error&) {  // no more threads to be had: those that are will do
    } catch (const std::bad_alloc&) {     // likewise
    }
  }

  ~State() {
    stop = true;
    for (std::size_t i = 0; i < workers.size(); ++i) Wake(calls[i]);
    for (std::thread& worker : workers) worker.join();
  }

  static void Wake(Call& call) {
    call.number.fetch_add(1, std::memory_order_seq_cst);
    call.number.notify_one();
  }

  void Work(int index) {
    const std::atomic<std::uint32_t>& number = calls[index - 1].number;
    for (std::uint32_t seen = 0;;) {
      seen = AwaitChange(number, seen, watch);
      if (stop) return;
      task(body, index, count);
      if (running.fetch_sub(1, std::memory_order_seq_cst) == 1) running.notify_one();
    }
  }

  const std::uint32_t born;  // the Forks() it was made at
  const int asked;
  const bool watch;  // whether waiting awake takes no processor from those waited for
  bool stop = false;
  Task task = nullptr;
  const void* body = nullptr;
  int count = 0;
  std::unique_ptr<Call[]> calls;
  std::vector<std::thread> workers;
  alignas(64) std::atomic<bool> busy{false};
  alignas(64) std::atomic<std::uint32_t> running{0};  // workers that have not returned
};

ThreadPool::ThreadPool(int threads) : state_(nullptr) {
  if (threads < 1) throw std::logic_error("a thread pool has at least 1 thread");
  CountForks();
  state_.store(new State(threads), std::memory_order_release);
}

ThreadPool::~ThreadPool() {
  State* state = state_.load(std::memory_order_acquire);
  if (state->born == Forks()) delete state;
}

ThreadPool::State& ThreadPool::Current() const {
  State* state = state_.load(std::memory_order_acquire);
  if (state->born == Forks()) return *state;
  auto fresh = std::make_unique<State>(state->asked);
  // Where another thread of the child has been quicker, `state` becomes its State.
  if (state_.compare_exchange_strong(state, fresh.get(), std::memory_order_acq_rel)) {
    return *fresh.release();
  }
  return *state;
}

int ThreadPool::threads() const { return static_cast<int>(Current().workers.size()) + 1; }

int ThreadPool::last_count() const { return last_count_of_this_thread; }

void ThreadPool::RunTask(int most, Task task, const void* body) {
  int count = 1;
  if (most > 1) {
    State& state = Current();
    const int workers = std::min(most - 1, static_cast<int>(state.workers.size()));
    if (workers > 0 && !state.busy.exchange(true, std::memory_order_acquire)) {
      count = workers + 1;
      state.task = task;
      state.body = body;
      state.count = count;
      state.running.store(static_cast<std::uint32_t>(workers), std::memory_order_relaxed);
      for (int i = 0; i < workers; ++i) State::Wake(state.calls[i]);
      task(body, 0, count);
      for (std::uint32_t left = state.running.load(std::memory_order_acquire); left != 0;) {
        left = AwaitChange(state.running, left, state.watch);
      }
      state.busy.store(false, std::memory_order_release);
    }
  }
  if (count == 1) task(body, 0, 1);
  last_count_of_this_thread = count;
}

int AvailableProcessors() {
  int processors = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
#ifdef __linux__
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof(set), &set) == 0) processors = CPU_COUNT(&set);
#endif
  return std::clamp(CgroupProcessors(), 1, std::max(1, processors));
}

#if defined(__x86_64__) || defined(__i386__)
namespace {
constexpr std::uint64_t kFlush = 0x8040;  // MXCSR: flush to zero, denormals are zero
std::uint64_t ReadControl() { return _mm_getcsr(); }
void WriteControl(std::uint64_t bits) { _mm_setcsr(static_cast<unsigned>(bits)); }
}  // namespace
#elif defined(__aarch64__)
namespace {
constexpr std::uint64_t kFlush = std::uint64_t{1} << 24;  // FPCR.FZ
std::uint64_t ReadControl() {
  std::uint64_t bits;
  asm volatile("mrs %0, fpcr" : "=r"(bits));
  return bits;
}
void WriteControl(std::uint64_t bits) { asm volatile("msr fpcr, %0" : : "r"(bits)); }
}  // namespace
#else
namespace {
constexpr std::uint64_t kFlush = 0;  // a processor whose denormals cost what they cost
std::uint64_t ReadControl() { return 0; }
void WriteControl(std::uint64_t) {}
}  // namespace
#endif

FlushDenormals::FlushDenormals() : before_(ReadControl()) { WriteControl(before_ | kFlush); }

// Only the two bits go back: exceptions that were raised meanwhile stay raised.
FlushDenormals::~FlushDenormals() { WriteControl((ReadControl() & ~kFlush) | (before_ & kFlush)); }

}  // namespace unroll
