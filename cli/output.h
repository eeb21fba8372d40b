// Where the program writes to: the result to standard output, words about it to standard error.
#pragma once

#include <string>
#include <string_view>

#include "unroll/base/status.h"

namespace unroll::cli {

/// Writes the result, all of it. Nothing is held back in a buffer: what has been written is out.
///
/// Errors:  kInputOutput: a full disk, a closed pipe.
Result<void> Print(std::string_view text);

/// Closes standard output, since some file systems tell only then that the disk is full.
///
/// Errors:  those of Print.
Result<void> FinishOutput();

/// Writes words about the work. Nobody is told where they cannot be written.
void Say(std::string_view text) noexcept;

/// Opens what the caller has closed of standard input, output and error, so that no file of ours
/// gets their numbers; writing there still fails.
void KeepStandardStreams();

/// A word as a shell reads it back, in quotes where it needs them.
std::string ShellWord(const std::string& word);

}  // namespace unroll::cli
