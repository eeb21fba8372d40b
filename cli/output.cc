#include "cli/output.h"

#include <fcntl.h>
#include <unistd.h>

#include <new>

#include "unroll/base/files.h"

namespace unroll::cli {
namespace {

constexpr const char* kPlace = "standard output";

}  // namespace

Result<void> Print(std::string_view text) { return RealFiles().Write(STDOUT_FILENO, text, kPlace); }

Result<void> FinishOutput() { return RealFiles().Close(STDOUT_FILENO, kPlace); }

void Say(std::string_view text) noexcept {
  // Standard error is where failures are told; there is no other place for its own, and none for
  // that of the memory to tell it.
  try {
    (void)RealFiles().Write(STDERR_FILENO, text, "standard error");
  } catch (const std::bad_alloc&) {
  }
}

void KeepStandardStreams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(stream, F_GETFD) >= 0) continue;
    // The lowest free number is this one. The wrong direction, so that using it fails.
    if (open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY) != stream) return;
  }
}

std::string ShellWord(const std::string& word) {
  constexpr const char* kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./,:@%";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace unroll::cli
