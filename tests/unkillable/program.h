// The program, run with a fault that tests/unkillable/faults.cc brings about.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/temporary_folder.h"

namespace unroll::test {

/// How the program ended.
struct Ending {
  int code = -1;   ///< -1: by a signal
  int signal = 0;  ///< 0: of itself
  std::string out, err;
  long calls = -1;  ///< of the kind that was counted; -1 where main did not return
};

/// One working folder, with air.csv in it, in which the program is run again and again.
class Program {
 public:
  using Words = std::vector<std::string>;
  using Files = std::map<std::string, std::string>;  // name -> content

  Program() { Clear(); }

  /// Leaves nothing but air.csv and `files`.
  void Clear(const Files& files = {}) const {
    for (const std::string& name : folder_.Names()) std::filesystem::remove_all(folder_ / name);
    std::filesystem::copy_file(std::string(UNROLL_SOURCE_DIR) + "/examples/air_passengers.csv",
                               folder_ / "air.csv");
    for (const auto& [name, content] : files) folder_.Put(name, content);
  }

  /// Where standard error goes instead of to Ending::err.
  std::string err_path;

  /// `fault` as faults.cc takes it; with `killed_after`, SIGKILL comes from here at that time.
  Ending Run(const Words& words, const std::string& fault = "",
             std::optional<std::chrono::microseconds> killed_after = {}) const {
    std::filesystem::remove(outside_ / "calls");
    const pid_t process = Start(words, fault);
    if (killed_after) {
      std::this_thread::sleep_for(*killed_after);
      kill(process, SIGKILL);
    }
    int status = 0;
    if (waitpid(process, &status, 0) != process) throw std::runtime_error("no such process");
    Ending ending;
    if (WIFEXITED(status)) ending.code = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) ending.signal = WTERMSIG(status);
    ending.out = outside_.Get("out");
    ending.err = outside_.Get("err");
    const std::string calls = outside_.Get("calls");
    if (!calls.empty()) ending.calls = std::stol(calls);
    return ending;
  }

  bool Has(const std::string& name) const { return std::filesystem::exists(folder_ / name); }
  std::string Get(const std::string& name) const { return folder_.Get(name); }
  std::string Path(const std::string& name) const { return folder_ / name; }
  /// In order.
  std::vector<std::string> Names() const {
    std::vector<std::string> names = folder_.Names();
    std::sort(names.begin(), names.end());
    return names;
  }

 private:
  /// A file in the folder of the test's own program.
  static std::string Beside(const std::string& name) {
    return std::filesystem::read_symlink("/proc/self/exe").replace_filename(name);
  }

  pid_t Start(const Words& words, const std::string& fault) const {
    const std::string program = Beside("unroll");
    std::vector<std::string> texts = {program};
    texts.insert(texts.end(), words.begin(), words.end());
    std::vector<std::string> settings = {"LD_PRELOAD=" + Beside("libunkillable_faults.so"),
                                         "UNROLL_FAULT=" + fault,
                                         "UNROLL_FAULT_COUNT=" + outside_ / "calls"};
    if (fault.empty()) settings.clear();
    const auto pointers = [](std::vector<std::string>& all) {
      std::vector<char*> result;
      for (std::string& each : all) result.push_back(each.data());
      result.push_back(nullptr);
      return result;
    };
    const std::string out = outside_ / "out";
    const std::string err = err_path.empty() ? outside_ / "err" : err_path;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, out.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0666);
    posix_spawn_file_actions_addopen(&actions, 2, err.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0666);
    posix_spawn_file_actions_addchdir_np(&actions, folder_.path().c_str());
    posix_spawnattr_t attributes;  // a runner may have told us to ignore SIGINT
    posix_spawnattr_init(&attributes);
    sigset_t usual;
    sigemptyset(&usual);
    sigaddset(&usual, SIGINT);
    posix_spawnattr_setsigdefault(&attributes, &usual);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    pid_t process = 0;
    const int failed = posix_spawn(&process, program.c_str(), &actions, &attributes,
                                   pointers(texts).data(), pointers(settings).data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) throw std::runtime_error("cannot start " + program);
    return process;
  }

  TemporaryFolder folder_, outside_;
};

}  // namespace unroll::test
