// The program run as a person runs it, with what it said, took and left.
#pragma once

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/temporary_folder.h"

namespace unroll::test {

/// How it is run.
struct RunOptions {
  std::vector<std::string> environment = {};  ///< "NAME=VALUE", set before it begins
  std::string in = "/dev/null";               ///< standard input
  std::string out = {};                       ///< standard output; "": kept and given back
  std::vector<int> closed = {};               ///< descriptors that it finds closed
  std::optional<rlim_t> address_space = {};   ///< RLIMIT_AS
  std::optional<rlim_t> file_size = {};       ///< RLIMIT_FSIZE, of what it says too
  std::optional<uid_t> user = {};             ///< only root may become another
};

/// What came of it.
struct Ran {
  int code = -1;   ///< exit code; -1 where a signal ended it
  int signal = 0;  ///< that ended it
  std::string out, err;
  double seconds = 0;
  std::uint64_t most_memory = 0;  ///< ru_maxrss in bytes; at least what the test itself holds
};

namespace run_program {

inline void Redirect(int to, const std::string& path, int how) {
  const int file = open(path.c_str(), how, 0600);
  if (file < 0 || dup2(file, to) < 0) _exit(126);
  close(file);
}

inline void Limit(int what, const std::optional<rlim_t>& most) {
  const rlimit limit{most.value_or(0), most.value_or(0)};
  if (most && setrlimit(static_cast<__rlimit_resource_t>(what), &limit) != 0) _exit(126);
}

inline std::string Content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace run_program

/// Runs `words` (the program first) in the folder `here`; its output is kept in `kept`.
inline Ran RunProgram(const std::vector<std::string>& words, const std::string& here,
                      const TemporaryFolder& kept, const RunOptions& options = {}) {
  namespace in = run_program;
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const std::string out = kept / "out", err = kept / "err";
  const auto begin = std::chrono::steady_clock::now();
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("no process to be had");
  if (child == 0) {
    in::Redirect(STDIN_FILENO, options.in, O_RDONLY);
    in::Redirect(STDERR_FILENO, err, O_WRONLY | O_CREAT | O_TRUNC);
    in::Redirect(STDOUT_FILENO, out, O_WRONLY | O_CREAT | O_TRUNC);
    if (!options.out.empty()) in::Redirect(STDOUT_FILENO, options.out, O_WRONLY);
    for (const int each : options.closed) close(each);
    for (const std::string& each : options.environment) putenv(const_cast<char*>(each.c_str()));
    in::Limit(RLIMIT_AS, options.address_space);
    in::Limit(RLIMIT_FSIZE, options.file_size);
    if (chdir(here.c_str()) != 0) _exit(126);
    if (options.user && (setgid(*options.user) != 0 || setuid(*options.user) != 0)) _exit(126);
    execv(argv[0], argv.data());
    _exit(127);
  }
  int status = 0;
  rusage used{};
  while (wait4(child, &status, 0, &used) < 0 && errno == EINTR) {
  }
  Ran ran;
  ran.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (WIFEXITED(status)) ran.code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) ran.signal = WTERMSIG(status);
  ran.out = in::Content(out);
  ran.err = in::Content(err);
  ran.most_memory = static_cast<std::uint64_t>(used.ru_maxrss) * 1024;
  return ran;
}

}  // namespace unroll::test
