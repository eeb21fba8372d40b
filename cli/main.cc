// The program: finds the command and runs it, and turns whatever goes wrong into one line on
// standard error and an exit code (docs/cli.md).
#include <fmt/format.h>

#include <csignal>
#include <cstdlib>
#include <exception>
#include <new>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/nearest.h"
#include "cli/output.h"
#include "unroll/kernels/instruction_sets.h"
#include "unroll/version.h"

namespace unroll::cli {
namespace {

constexpr Command kCommands[] = {
    {"forecast", "Continue a series: fit a model and forecast, or forecast with one saved before",
     RunForecast},
    {"train", "Fit a model to a series and save it", RunTrain},
    {"verify", "Check a model file and list what it holds", RunVerify},
    {"gradcheck", "Check gradients against central differences on this machine", RunGradcheck},
    {"bench", "Measure how fast a cell walks on this machine", RunBench},
};

constexpr int kOurFault = 1;

std::string Help() {
  std::string text =
      "Unroll: recurrent neural networks on CPU\n"
      "Usage: unroll COMMAND ...\n\n";
  for (const Command& command : Commands()) {
    text += fmt::format("  {:<10}{}\n", command.name, command.summary);
  }
  return text +
         "\n"
         "  unroll COMMAND --help     the flags of a command\n"
         "  unroll --version          the version\n\n"
         "Example: unroll forecast air.csv --horizon 12\n";
}

/// The environment may name the instruction set, so that a run can be repeated on another machine.
Result<void> TakeInstructionSet() {
  const char* const name = std::getenv("UNROLL_SIMD");
  if (name == nullptr || *name == '\0') return {};
  auto forced = ForceInstructionSet(name);
  if (!forced) forced.error().place = "UNROLL_SIMD";
  return forced;
}

Result<void> RunCommand(Words words) {
  const std::string& name = words.front();
  std::vector<std::string> names;
  for (const Command& command : Commands()) {
    if (name == command.name) return command.run(words.subspan(1));
    names.emplace_back(command.name);
  }
  const std::string nearest = Nearest(name, names);
  return Fail(
      Failure::kUsage, "command", fmt::format("one of {}", fmt::join(names, ", ")),
      fmt::format("\"{}\"", Escaped(name)),
      nearest.empty() ? "unroll --help says more" : fmt::format("did you mean {}?", nearest));
}

Result<void> Run(Words words) {
  if (words.empty()) {
    return Fail(Failure::kUsage, "command", "one", "none", "unroll --help lists them");
  }
  if (words.front() == "--help" || words.front() == "-h") return Print(Help());
  if (words.front() == "--version") return Print(fmt::format("unroll {}\n", kVersion));
  if (auto taken = TakeInstructionSet(); !taken) return taken;
  return RunCommand(words);
}

int RunAndTell(Words words) {
  KeepStandardStreams();
  std::signal(SIGPIPE, SIG_IGN);  // a reader that has gone is an error like others
  std::signal(SIGXFSZ, SIG_IGN);
  Result<void> done = Run(words);
  // A work that failed has told more than that its output cannot be closed.
  if (auto finished = FinishOutput(); done && !finished) done = finished;
  if (done) return 0;
  Say(fmt::format("unroll: {}\n", done.error().Message()));
  return static_cast<int>(done.error().kind);
}

int Main(int argc, char** argv) {
  try {
    const std::vector<std::string> words(argv + 1, argv + argc);
    return RunAndTell(words);
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& error) {
    Say(fmt::format("unroll: a bug of ours: {}\n", Escaped(error.what(), 500)));
    return kOurFault;
  }
}

}  // namespace

std::span<const Command> Commands() { return kCommands; }

}  // namespace unroll::cli

int main(int argc, char** argv) {
  try {
    return unroll::cli::Main(argc, argv);
  } catch (const std::bad_alloc&) {  // whatever was being done, or told, then
    unroll::cli::Say("unroll: memory: expected enough of it, found none left\n");
    return static_cast<int>(unroll::Failure::kSystem);
  }
}
