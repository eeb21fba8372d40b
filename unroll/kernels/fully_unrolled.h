// UNROLL_FULLY before a loop of fixed length: its body is laid out once per turn, so that arrays of
// vectors indexed by the loop become registers.
#pragma once

#if defined(__clang__)
#define UNROLL_FULLY _Pragma("clang loop unroll(full)")
#else
#define UNROLL_FULLY _Pragma("GCC unroll 64")
#endif
