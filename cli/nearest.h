// The known name that a misspelt one was meant for.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace unroll::cli {

/// The name that fewest insertions, deletions, replacements and swaps of neighbours lead to, the
/// first of equals; "" where that is more than a third of `word`, at least two.
std::string Nearest(std::string_view word, std::span<const std::string> names);

}  // namespace unroll::cli
