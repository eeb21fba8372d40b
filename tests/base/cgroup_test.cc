// Limits of control groups are found in both versions, in the group itself and in those above it.
#include "unroll/base/cgroup.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/support/temporary_folder.h"

namespace unroll {
namespace {

using test::TemporaryFolder;

constexpr int kAnyNumber = std::numeric_limits<int>::max();
constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();

TEST(CgroupTest, NoGroupsAreNoLimit) {
  const TemporaryFolder root;
  EXPECT_EQ(CgroupProcessors(root.path()), kAnyNumber);
  EXPECT_EQ(CgroupMemory(root.path()), kNoLimit);
}

TEST(CgroupTest, WholeProcessorsOfAQuotaCount) {
  const struct {
    const char* quota;
    int processors;
  } cases[] = {{"max 100000", kAnyNumber}, {"400000 100000", 4},     {"150000 100000", 1},
               {"50000 100000", 1},        {"100000 0", kAnyNumber}, {"garbage", kAnyNumber}};
  for (const auto& [quota, processors] : cases) {
    const TemporaryFolder root;
    root.Put("proc/self/cgroup", "0::/\n");
    root.Put("sys/fs/cgroup/cpu.max", quota);
    EXPECT_EQ(CgroupProcessors(root.path()), processors) << quota;
  }
}

TEST(CgroupTest, Version2CountsTheTightestGroupOnTheWayUp) {
  const TemporaryFolder root;
  root.Put("proc/self/cgroup", "0::/outer/inner\n");
  root.Put("sys/fs/cgroup/outer/cpu.max", "300000 100000\n");
  root.Put("sys/fs/cgroup/outer/inner/cpu.max", "800000 100000\n");
  root.Put("sys/fs/cgroup/outer/memory.max", "1000\n");
  root.Put("sys/fs/cgroup/outer/memory.current", "700\n");
  root.Put("sys/fs/cgroup/outer/memory.stat", "anon 500\ninactive_file 150\n");
  root.Put("sys/fs/cgroup/outer/inner/memory.max", "max\n");
  EXPECT_EQ(CgroupProcessors(root.path()), 3);
  EXPECT_EQ(CgroupMemory(root.path()), 1000u - (700u - 150u));
}

TEST(CgroupTest, Version1HasAFolderForEachController) {
  const TemporaryFolder root;
  root.Put("proc/self/cgroup", "5:memory:/box\n4:cpuacct,cpu:/box\n3:cpuset:/elsewhere\n");
  root.Put("sys/fs/cgroup/cpu/box/cpu.cfs_quota_us", "200000\n");
  root.Put("sys/fs/cgroup/cpu/box/cpu.cfs_period_us", "100000\n");
  root.Put("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
  root.Put("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  root.Put("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  root.Put("sys/fs/cgroup/memory/box/memory.limit_in_bytes", "5000\n");
  root.Put("sys/fs/cgroup/memory/box/memory.usage_in_bytes", "2000\n");
  root.Put("sys/fs/cgroup/memory/box/memory.stat", "total_inactive_file 500\n");
  EXPECT_EQ(CgroupProcessors(root.path()), 2);
  EXPECT_EQ(CgroupMemory(root.path()), 3500u);
}

TEST(CgroupTest, APathThatTheContainerDoesNotSeeFallsBackToItsMount) {
  const TemporaryFolder root;
  root.Put("proc/self/cgroup", "0::/kubepods/pod1/box\n");
  root.Put("sys/fs/cgroup/cpu.max", "200000 100000\n");
  root.Put("sys/fs/cgroup/memory.max", "4096\n");
  EXPECT_EQ(CgroupProcessors(root.path()), 2);
  EXPECT_EQ(CgroupMemory(root.path()), 4096u);
}

TEST(CgroupTest, AGroupBeyondItsLimitHasNothingLeft) {
  const TemporaryFolder root;
  root.Put("sys/fs/cgroup/memory.max", "1000\n");
  root.Put("sys/fs/cgroup/memory.current", "1200\n");
  EXPECT_EQ(CgroupMemory(root.path()), 0u);
}

}  // namespace
}  // namespace unroll
