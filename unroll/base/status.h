// How the outside world's failures travel: as values, told in one line that a person can act on.
//
// Files, flags, data and memory fail by returning Result; a programmer's mistake (a wrong shape, a
// misuse of an object) throws std::logic_error. The library never prints, aborts or exits.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace unroll {

/// What kind of thing went wrong. The numbers are the program's exit codes (docs/cli.md).
enum class Failure {
  kUsage = 64,         ///< the command or the call asks for something that cannot be
  kBadData = 65,       ///< a file's content is wrong
  kNoInput = 66,       ///< an input is missing or cannot be read
  kSystem = 71,        ///< memory, threads, the operating system
  kCannotCreate = 73,  ///< an output cannot be created
  kInputOutput = 74,   ///< reading or writing failed half-way
  kStopped = 75,       ///< stopped early; what was reached is saved
  kPermission = 77,    ///< the operating system forbids it
  kDiverged = 79,      ///< training produced no finite number any more
  kInterrupted = 130,  ///< stopped by SIGINT, after saving
  kTerminated = 143,   ///< stopped by SIGTERM, after saving
};

/// One failure. Every part is a phrase without a full stop; `mend` may be empty.
struct Error {
  Failure kind;
  std::string place;     ///< file:line:column, flag, tensor ...
  std::string expected;  ///< "a number"
  std::string found;     ///< "\"n/a\""
  std::string mend;      ///< "leave the cell empty if it is missing"

  /// `PLACE: expected E, found F; MEND`, with control characters escaped: always one line.
  std::string Message() const;
};

template <class T>
using Result = tl::expected<T, Error>;

/// Makes a failed Result<T> of any T.
inline tl::unexpected<Error> Fail(Failure kind, std::string place, std::string expected,
                                  std::string found, std::string mend = "") {
  return tl::unexpected<Error>(
      Error{kind, std::move(place), std::move(expected), std::move(found), std::move(mend)});
}

/// The text of errno value `number`, without the thread-safety trouble of strerror.
std::string SystemMessage(int number);

/// `text` with control characters and invalid UTF-8 as \xNN, cut to `limit` bytes with "..." after.
std::string Escaped(std::string_view text, std::size_t limit = 80);

}  // namespace unroll
