// Whether bytes from a file are text that we read at all: told before any cell is looked at, so
// that somebody who passes the wrong file learns what the file is, not that its first cell is no
// number.
#pragma once

#include <string>
#include <string_view>

#include "unroll/base/status.h"

namespace unroll {

/// Passes UTF-8 text (with or without a byte-order mark) that holds something.
///
/// Errors:  kBadData for an empty file, a well-known binary format (named), UTF-16, NUL bytes and
///          bytes that are not UTF-8, and lines that end with a carriage return alone. `name` is
///          the file in the error's place.
Result<void> CheckPlainText(std::string_view text, const std::string& name);

/// `text` without the spaces and tabs around it.
std::string_view Trimmed(std::string_view text);

}  // namespace unroll
