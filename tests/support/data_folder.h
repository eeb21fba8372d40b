// Where tests find the real data that is too large for this repository.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

namespace unroll {

/// The folder named by UNROLL_TEST_DATA, relative to the root of the source tree.
inline std::filesystem::path DataFolder() {
  const char* named = std::getenv("UNROLL_TEST_DATA");
  const std::filesystem::path root = UNROLL_SOURCE_DIR;
  return (root / (named != nullptr ? named : "../shared/data")).lexically_normal();
}

}  // namespace unroll

/// Leaves the test as skipped, by name, where the data has no `file`. First line of such a test.
#define UNROLL_NEED_DATA(file)                                 \
  if (!std::filesystem::exists(unroll::DataFolder() / (file))) \
  GTEST_SKIP() << "no " << (file) << " in " << unroll::DataFolder() << "; set UNROLL_TEST_DATA"
