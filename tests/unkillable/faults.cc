// Preloaded into the program (LD_PRELOAD): from the beginning of main on it counts the calls of one
// kind, and at one of them does what the environment asks for.
//
//   UNROLL_FAULT="KIND ACTION K"      K counts from 1; 0 lets all pass and only counts
//     disk     before | after         SIGKILL just before or just after the K-th system call
//     disk     short | NUMBER         the K-th call writes half, or fails with that errno
//     disk     interrupt              SIGINT just before the K-th call and the one behind it
//     memory   once | on              the K-th allocation fails, or that one and all behind it
//     threads  on                     the K-th thread is not made, nor any behind it
//   UNROLL_FAULT_COUNT=FILE           where the number of calls is written when main returns
//
// `disk` counts the program's own calls of open, write, fsync, rename, unlink and close. `memory`
// counts malloc and its kin, on which every operator new of the standard library stands.
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

// NOLINTBEGIN(bugprone-reserved-identifier): the C library's own names
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* block, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
}
// NOLINTEND(bugprone-reserved-identifier)

namespace {

enum class Kind { kNone, kDisk, kMemory, kThreads };
enum class Action { kPass, kBefore, kAfter, kShort, kError, kInterrupt, kOnce, kOn };

Kind counted = Kind::kNone;  // until main begins
Action action = Action::kPass;
int error_number = 0;
long fault_at = 0;
std::atomic<long> calls{0};

[[noreturn]] void Die() {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

/// What is to happen at this call of `kind`.
Action Next(Kind kind) {
  if (counted != kind) return Action::kPass;
  const long number = calls.fetch_add(1) + 1;
  if (fault_at == 0 || number < fault_at) return Action::kPass;
  const bool twice = action == Action::kInterrupt && number == fault_at + 1;
  return number == fault_at || twice || action == Action::kOn ? action : Action::kPass;
}

bool OutOfMemory() {
  if (Next(Kind::kMemory) == Action::kPass) return false;
  errno = ENOMEM;
  return true;
}

/// The function of this name that stands behind ours.
template <class Function>
Function Behind(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

/// Makes the call, or what the environment wants in its place.
template <class Call>
auto OnDisk(const Call& call) {
  const Action wanted = Next(Kind::kDisk);
  if (wanted == Action::kBefore) Die();
  if (wanted == Action::kInterrupt) raise(SIGINT);
  if (wanted == Action::kError) {
    errno = error_number;
    return decltype(call(wanted))(-1);
  }
  const auto result = call(wanted);
  if (wanted == Action::kAfter) Die();
  return result;
}

void ReadEnvironment() {
  const char* const text = std::getenv("UNROLL_FAULT");
  if (text == nullptr) return;
  char kind[16] = "", name[16] = "";
  if (std::sscanf(text, "%15s %15s %ld", kind, name, &fault_at) != 3) std::abort();
  const auto is = [](const char* a, const char* b) { return std::strcmp(a, b) == 0; };
  action = is(name, "before")      ? Action::kBefore
           : is(name, "after")     ? Action::kAfter
           : is(name, "short")     ? Action::kShort
           : is(name, "interrupt") ? Action::kInterrupt
           : is(name, "once")      ? Action::kOnce
           : is(name, "on")        ? Action::kOn
                                   : Action::kError;
  if (action == Action::kError) error_number = std::atoi(name);
  calls = 0;
  counted = is(kind, "disk") ? Kind::kDisk : is(kind, "memory") ? Kind::kMemory : Kind::kThreads;
}

void WriteCount() {
  counted = Kind::kNone;
  const char* const path = std::getenv("UNROLL_FAULT_COUNT");
  if (path == nullptr) return;
  if (std::FILE* const file = std::fopen(path, "w")) {
    std::fprintf(file, "%ld\n", calls.load());
    std::fclose(file);
  }
}

using Main = int (*)(int, char**, char**);
Main program_main = nullptr;

int CountedMain(int argc, char** argv, char** environment) {
  ReadEnvironment();
  const int code = program_main(argc, argv, environment);
  WriteCount();
  return code;
}

}  // namespace

extern "C" {

// NOLINTNEXTLINE(bugprone-reserved-identifier): the C library's own name
int __libc_start_main(Main main, int argc, char** argv, void (*init)(), void (*fini)(),
                      void (*rtld_fini)(), void* stack_end) {
  program_main = main;
  using Start = int (*)(Main, int, char**, void (*)(), void (*)(), void (*)(), void*);
  return Behind<Start>("__libc_start_main")(CountedMain, argc, argv, init, fini, rtld_fini,
                                            stack_end);
}

int open(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
  va_end(more);
  static const auto behind = Behind<int (*)(const char*, int, ...)>("open");
  return OnDisk([&](Action) { return behind(path, flags, mode); });
}

ssize_t write(int file, const void* bytes, std::size_t size) {
  static const auto behind = Behind<ssize_t (*)(int, const void*, std::size_t)>("write");
  return OnDisk([&](Action wanted) {
    return behind(file, bytes, wanted == Action::kShort && size > 1 ? size / 2 : size);
  });
}

int fsync(int file) {
  static const auto behind = Behind<int (*)(int)>("fsync");
  return OnDisk([&](Action) { return behind(file); });
}

int rename(const char* from, const char* to) {
  static const auto behind = Behind<int (*)(const char*, const char*)>("rename");
  return OnDisk([&](Action) { return behind(from, to); });
}

int unlink(const char* path) {
  static const auto behind = Behind<int (*)(const char*)>("unlink");
  return OnDisk([&](Action) { return behind(path); });
}

int close(int file) {
  static const auto behind = Behind<int (*)(int)>("close");
  return OnDisk([&](Action) { return behind(file); });
}

void* malloc(std::size_t size) { return OutOfMemory() ? nullptr : __libc_malloc(size); }

void* calloc(std::size_t count, std::size_t size) {
  return OutOfMemory() ? nullptr : __libc_calloc(count, size);
}

void* realloc(void* block, std::size_t size) {
  return OutOfMemory() ? nullptr : __libc_realloc(block, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) {
  return OutOfMemory() ? nullptr : __libc_memalign(alignment, size);
}

int posix_memalign(void** block, std::size_t alignment, std::size_t size) {
  if (OutOfMemory()) return ENOMEM;
  *block = __libc_memalign(alignment, size);
  return *block == nullptr ? ENOMEM : 0;
}

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*run)(void*),
                   void* argument) {
  using Create = int (*)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
  static const auto behind = Behind<Create>("pthread_create");
  if (Next(Kind::kThreads) != Action::kPass) return EAGAIN;
  return behind(thread, attributes, run, argument);
}

}  // extern "C"
