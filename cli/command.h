// What every command is: a name, a line of help, and a function.
#pragma once

#include <span>
#include <string>

#include "cli/flags.h"
#include "unroll/base/status.h"

namespace unroll::cli {

struct Command {
  const char* name;
  const char* summary;
  /// Does the whole job. What it finds goes to standard output, words about it to standard error.
  Result<void> (*run)(Words words);
};

Result<void> RunTrain(Words words);
Result<void> RunForecast(Words words);
Result<void> RunVerify(Words words);
Result<void> RunGradcheck(Words words);
Result<void> RunBench(Words words);

/// All commands, in the order of the help.
std::span<const Command> Commands();

}  // namespace unroll::cli
