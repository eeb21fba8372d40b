// The version of the library and of the program.
#pragma once

namespace unroll {

inline constexpr const char* kVersion = "0.1.0";

}  // namespace unroll
