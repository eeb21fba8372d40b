#include "cli/signals.h"

#include <csignal>

namespace unroll::cli {
namespace {

constexpr int kSignals[] = {SIGINT, SIGTERM};

std::atomic<bool> stop_wanted{false};
std::atomic<int> stop_signal{0};
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<int>::is_always_lock_free,
              "a handler may not wait for a lock");

void SetAction(int signal, void (*handler)(int)) {
  struct sigaction action = {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigaction(signal, &action, nullptr);
}

void Note(int signal) {
  for (const int each : kSignals) SetAction(each, SIG_DFL);
  stop_signal = signal;
  stop_wanted = true;
}

}  // namespace

void NoteStopSignals() {
  for (const int signal : kSignals) {
    struct sigaction before = {};
    if (sigaction(signal, nullptr, &before) == 0 && before.sa_handler == SIG_IGN) continue;
    SetAction(signal, Note);
  }
}

const std::atomic<bool>& StopWanted() { return stop_wanted; }

int StopSignal() { return stop_signal; }

}  // namespace unroll::cli
