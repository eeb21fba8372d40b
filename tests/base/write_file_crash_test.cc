// Whatever operation fails, and whenever the power goes, a file holds its old content or its new
// one, whole.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/support/fake_files.h"
#include "unroll/base/files.h"

namespace unroll {
namespace {

using test::FakeFiles;
using Disk = FakeFiles::Disk;
using Log = std::vector<std::string>;

constexpr const char* kPath = "runs/model";
constexpr const char* kTemporary = "runs/.model.unroll-tmp";
const std::string kOld = "the old content, which is longer than the new one";
const std::string kNew = "first half, second half";

Result<void> WriteNew(FakeFiles& files) {
  const std::string_view pieces[] = {"first half, ", "second half"};
  return WriteFile(files, kPath, pieces);
}

/// Number of operations of a WriteFile that nothing stops.
std::size_t AllOperations() {
  FakeFiles files;
  files.Put(kPath, kOld);
  EXPECT_TRUE(WriteNew(files));
  return files.log().size();
}

TEST(WriteFileTest, SyncsTheFileBeforeTheRenameAndTheFolderAfterIt) {
  FakeFiles files;
  ASSERT_TRUE(WriteNew(files));
  const std::string temporary = kTemporary;
  EXPECT_EQ(files.log(),
            (Log{"target runs/model", "create " + temporary, "write " + temporary,
                 "write " + temporary, "sync " + temporary, "rename " + temporary + " runs/model",
                 "close " + temporary, "sync folder runs"}));
  EXPECT_EQ(files.Now(), (Disk{{kPath, kNew}}));
}

TEST(WriteFileTest, AfterAnyFailureTheOldFileIsThereAndNothingElse) {
  const std::size_t operations = AllOperations();
  for (std::size_t k = 0; k < operations; ++k) {
    FakeFiles files;
    files.Put(kPath, kOld);
    files.FailAt(k, Error{Failure::kInputOutput, "elsewhere", "to go on", "no luck", ""});
    const auto done = WriteNew(files);
    ASSERT_FALSE(done) << "operation " << k;
    EXPECT_EQ(done.error().Message(), "runs/model: expected to go on, found no luck");
    const bool renamed = k >= 6;  // close and the folder's sync come after it
    EXPECT_EQ(files.Now(), (Disk{{kPath, renamed ? kNew : kOld}})) << "operation " << k;
    EXPECT_EQ(files.open_handles(), 0) << "operation " << k;
    EXPECT_TRUE(WriteNew(files)) << "a second try after operation " << k;
  }
}

TEST(WriteFileTest, AFailedSyncIsNotTriedAgain) {
  FakeFiles files;
  files.FailAt(4, Error{Failure::kInputOutput, "", "", "", ""});
  ASSERT_FALSE(WriteNew(files));
  int syncs = 0;
  for (const std::string& operation : files.log()) syncs += operation.starts_with("sync ");
  EXPECT_EQ(syncs, 1);
}

TEST(WriteFileTest, APowerCutAtAnyMomentLeavesTheOldFileOrTheNewOne) {
  const std::size_t operations = AllOperations();
  int old_found = 0, new_found = 0;
  for (std::size_t k = 0; k < operations; ++k) {
    FakeFiles files;
    files.Put(kPath, kOld);
    files.CrashAt(k);
    ASSERT_FALSE(WriteNew(files)) << "operation " << k;
    files.ForEachOutcome([&](const Disk& disk) {
      const std::string& found = disk.at(kPath);
      EXPECT_TRUE(found == kOld || found == kNew) << "operation " << k << ": " << found;
      old_found += found == kOld;
      new_found += found == kNew;
    });
  }
  EXPECT_GT(old_found, 0);
  EXPECT_GT(new_found, 0);
}

TEST(WriteFileTest, WhatHasBeenWrittenOutlivesAPowerCut) {
  FakeFiles files;
  files.Put(kPath, kOld);
  ASSERT_TRUE(WriteNew(files));
  files.ForEachOutcome([](const Disk& disk) { EXPECT_EQ(disk, (Disk{{kPath, kNew}})); });
}

TEST(WriteFileTest, WhatAPowerCutLeftIsReplacedByTheNextCall) {
  FakeFiles files;
  files.Put(kTemporary, "torn");
  ASSERT_TRUE(WriteNew(files));
  EXPECT_EQ(files.Now(), (Disk{{kPath, kNew}}));
}

// The fake itself must be able to lose what was not synced, or the tests above prove nothing.
TEST(FakeFilesTest, LosesWhatWasNotSynced) {
  FakeFiles files;
  const int handle = *files.Create("a", "a");
  ASSERT_TRUE(files.Write(handle, "0123456789", "a"));
  EXPECT_EQ(files.AfterCrash(0, FakeFiles::Unsynced::kKept), Disk{});
  EXPECT_EQ(files.AfterCrash(1, FakeFiles::Unsynced::kLost), (Disk{{"a", ""}}));
  EXPECT_EQ(files.AfterCrash(1, FakeFiles::Unsynced::kHalf), (Disk{{"a", "01234"}}));
  EXPECT_EQ(files.AfterCrash(1, FakeFiles::Unsynced::kZeros), (Disk{{"a", std::string(10, 0)}}));
  ASSERT_TRUE(files.Sync(handle, "a"));
  EXPECT_EQ(files.AfterCrash(1, FakeFiles::Unsynced::kLost), (Disk{{"a", "0123456789"}}));
  ASSERT_TRUE(files.Rename("a", "b"));
  EXPECT_EQ(files.AfterCrash(1, FakeFiles::Unsynced::kLost), (Disk{{"a", "0123456789"}}));
  EXPECT_EQ(files.AfterCrash(2, FakeFiles::Unsynced::kLost), (Disk{{"b", "0123456789"}}));
  EXPECT_EQ(files.AfterCrash(3, FakeFiles::Unsynced::kLost), (Disk{{"b", "0123456789"}}));
  ASSERT_TRUE(files.SyncFolder("."));
  ASSERT_TRUE(files.Remove("b"));
  EXPECT_EQ(files.AfterCrash(0, FakeFiles::Unsynced::kLost), (Disk{{"b", "0123456789"}}));
  EXPECT_EQ(files.Now(), Disk{});
}

}  // namespace
}  // namespace unroll
