// The machine's own files: what is written is whole or not at all, links and rights stay, and what
// is no file is refused before it is touched.
#include "unroll/base/files.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/temporary_folder.h"

namespace unroll {
namespace {

using test::TemporaryFolder;
using Names = std::vector<std::string>;

Result<void> Write(const std::string& path, std::string_view content) {
  const std::string_view pieces[] = {content};
  return WriteFile(RealFiles(), path, pieces);
}

mode_t ModeOf(const std::string& path) {
  struct stat at = {};
  stat(path.c_str(), &at);
  return at.st_mode & 0777;
}

/// The kind of failure that `body` returns when an ordinary user runs it, or 0.
template <class Body>
int AsOrdinaryUser(const Body& body) {
  const pid_t child = fork();
  if (child == 0) {
    if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) _exit(1);
    const auto result = body();
    _exit(result ? 0 : static_cast<int>(result.error().kind));
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(WriteFileTest, MakesAndReplacesAFile) {
  const TemporaryFolder folder;
  const std::string_view pieces[] = {"first, ", "", "second"};
  ASSERT_TRUE(WriteFile(RealFiles(), folder / "new", pieces));
  EXPECT_EQ(folder.Get("new"), "first, second");
  const std::string large(3 << 20, 'x');
  ASSERT_TRUE(Write(folder / "new", large));
  EXPECT_EQ(folder.Get("new"), large);
  ASSERT_TRUE(WriteFile(RealFiles(), folder / "new", {}));
  EXPECT_EQ(folder.Get("new"), "");
  EXPECT_EQ(folder.Names(), Names{"new"});
}

TEST(WriteFileTest, ANameWithoutAFolderIsInTheCurrentOne) {
  const TemporaryFolder folder;
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  const auto done = Write("plain", "content");
  std::filesystem::current_path(before);
  EXPECT_TRUE(done);
  EXPECT_EQ(folder.Get("plain"), "content");
}

TEST(WriteFileTest, KeepsTheRightsOfTheFileItReplaces) {
  const TemporaryFolder folder;
  ASSERT_TRUE(Write(folder / "usual", "1"));
  const mode_t mask = umask(0);
  umask(mask);
  EXPECT_EQ(ModeOf(folder / "usual"), 0666 & ~mask);
  folder.Put("secret", "old");
  ASSERT_EQ(chmod((folder / "secret").c_str(), 0600), 0);
  ASSERT_TRUE(Write(folder / "secret", "new"));
  EXPECT_EQ(ModeOf(folder / "secret"), 0600u);
}

TEST(WriteFileTest, WritesThroughALinkThatStays) {
  const TemporaryFolder folder;
  folder.Put("real/file", "old");
  std::filesystem::create_symlink("real/file", folder / "link");
  std::filesystem::create_symlink("link", folder / "link_to_link");
  ASSERT_TRUE(Write(folder / "link_to_link", "new"));
  EXPECT_EQ(folder.Get("real/file"), "new");
  EXPECT_TRUE(std::filesystem::is_symlink(folder / "link"));
  EXPECT_TRUE(std::filesystem::is_symlink(folder / "link_to_link"));

  std::filesystem::create_symlink("real/absent", folder / "dangling");
  ASSERT_TRUE(Write(folder / "dangling", "made"));
  EXPECT_EQ(folder.Get("real/absent"), "made");
}

TEST(WriteFileTest, ALongNameHasRoomForTheTemporaryOne) {
  const TemporaryFolder folder;
  const std::string name(255, 'n');
  ASSERT_TRUE(Write(folder / name, "content"));
  EXPECT_EQ(folder.Get(name), "content");
}

TEST(WriteFileTest, ReplacesWhatAKilledProcessLeft) {
  const TemporaryFolder folder;
  folder.Put(".model.unroll-tmp", "half of an older mod");
  ASSERT_TRUE(Write(folder / "model", "new"));
  EXPECT_EQ(folder.Get("model"), "new");
  EXPECT_EQ(folder.Names(), Names{"model"});
}

TEST(WriteFileTest, DoesNotFollowALinkPlantedForIt) {
  const TemporaryFolder folder;
  folder.Put("victim", "untouched");
  std::filesystem::create_symlink("victim", folder / ".model.unroll-tmp");
  const auto refused = Write(folder / "model", "new");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Failure::kCannotCreate);
  EXPECT_EQ(refused.error().found, "Too many levels of symbolic links");
  EXPECT_EQ(folder.Get("victim"), "untouched");
  EXPECT_FALSE(std::filesystem::exists(folder / "model"));
}

TEST(WriteFileTest, RefusesWhileAnotherProcessWritesTheSame) {
  const TemporaryFolder folder;
  folder.Put("model", "old");
  const auto other = RealFiles().Create(folder / ".model.unroll-tmp", folder / "model");
  ASSERT_TRUE(other);
  ASSERT_TRUE(RealFiles().Write(*other, "by another", ""));
  const auto refused = Write(folder / "model", "new");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Failure::kCannotCreate);
  EXPECT_EQ(refused.error().Message(),
            folder / "model" +
                ": expected to be its only writer, found another process writing it just now; "
                "wait for its end or write elsewhere");
  EXPECT_EQ(folder.Get(".model.unroll-tmp"), "by another");
  EXPECT_EQ(folder.Get("model"), "old");
  ASSERT_TRUE(RealFiles().Close(*other, ""));
  EXPECT_TRUE(Write(folder / "model", "new"));
}

TEST(WriteFileTest, ManyWritersLeaveOneWholeFile) {
  const TemporaryFolder folder;
  const std::string contents[] = {std::string(100000, 'a'), std::string(100000, 'b')};
  std::vector<std::thread> writers;
  for (const std::string& content : contents) {
    writers.emplace_back([&] {
      for (int i = 0; i < 80; ++i) {
        const auto done = Write(folder / "model", content);
        EXPECT_TRUE(done || done.error().kind == Failure::kCannotCreate);
        const std::string found = folder.Get("model");
        EXPECT_TRUE(found.empty() || found == contents[0] || found == contents[1]);
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(folder.Names(), Names{"model"});
}

TEST(WriteFileTest, AFailureHalfWayLeavesTheOldFileAndNothingElse) {
  const TemporaryFolder folder;
  folder.Put("model", "old");
  const pid_t child = fork();
  if (child == 0) {
    signal(SIGXFSZ, SIG_IGN);
    const rlimit tight{4096, 4096};
    setrlimit(RLIMIT_FSIZE, &tight);
    const auto done = Write(folder / "model", std::string(100000, 'x'));
    if (done || done.error().place != folder / "model") _exit(1);
    _exit(static_cast<int>(done.error().kind));
  }
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), static_cast<int>(Failure::kInputOutput));
  EXPECT_EQ(folder.Get("model"), "old");
  EXPECT_EQ(folder.Names(), Names{"model"});
}

/// What cannot be written to, and how that is told; CheckWritable tells it the same way.
TEST(WriteFileTest, RefusesWhatIsNoFile) {
  const TemporaryFolder folder;
  folder.Put("file", "");
  std::filesystem::create_directory(folder / "sub");
  std::filesystem::create_symlink("loop", folder / "loop");
  ASSERT_EQ(mkfifo((folder / "pipe").c_str(), 0600), 0);
  const struct {
    std::string path, message;
  } cases[] = {
      {"", "'': expected the name of a file, found nothing"},
      {folder / "sub", folder / "sub" + ": expected a file that can be written, found a folder"},
      {folder / "new/", folder / "new/" + ": expected a file that can be written, found a folder"},
      {folder / "pipe", folder / "pipe" + ": expected a file that can be written, found a pipe"},
      {folder / "file/x",
       folder / "file/x" + ": expected a file that can be written, found Not a directory"},
      {folder / "loop",
       folder / "loop" +
           ": expected a file that can be written, found Too many levels of symbolic links"},
  };
  for (const auto& [path, message] : cases) {
    for (const auto& refused : {Write(path, "x"), CheckWritable(path)}) {
      ASSERT_FALSE(refused) << path;
      EXPECT_EQ(refused.error().kind, Failure::kCannotCreate) << path;
      EXPECT_EQ(refused.error().Message(), message);
    }
  }
}

// As an ordinary user, who may not change /dev: a fault in the code tested must not cost the
// machine its device.
TEST(WriteFileTest, RefusesADevice) {
  const int cannot_create = static_cast<int>(Failure::kCannotCreate);
  EXPECT_EQ(AsOrdinaryUser([] { return Write("/dev/null", "x"); }), cannot_create);
  EXPECT_EQ(AsOrdinaryUser([] { return CheckWritable("/dev/null"); }), cannot_create);
}

TEST(WriteFileTest, AMissingFolderIsToldWithAMend) {
  const TemporaryFolder folder;
  const std::string path = folder / "absent/model";
  EXPECT_EQ(Write(path, "x").error().Message(),
            path +
                ": expected a file that can be created, found No such file or directory; "
                "make its folder first");
  EXPECT_EQ(CheckWritable(path).error().Message(),
            path +
                ": expected a folder that can be written to, found No such file or directory; "
                "make its folder first");
  EXPECT_EQ(CheckWritable(path).error().kind, Failure::kCannotCreate);
}

TEST(WriteFileTest, RightsThatAreMissingAreToldAsSuch) {
  const TemporaryFolder folder;
  folder.Put("closed/model", "old");
  folder.Put("open/protected", "old");
  ASSERT_EQ(chmod((folder / ".").c_str(), 0755), 0);
  ASSERT_EQ(chmod((folder / "closed").c_str(), 0555), 0);
  ASSERT_EQ(chmod((folder / "open").c_str(), 0777), 0);
  ASSERT_EQ(chmod((folder / "open/protected").c_str(), 0444), 0);
  const int permission = static_cast<int>(Failure::kPermission);
  EXPECT_EQ(AsOrdinaryUser([&] { return Write(folder / "closed/new", "x"); }), permission);
  EXPECT_EQ(AsOrdinaryUser([&] { return CheckWritable(folder / "closed/new"); }), permission);
  EXPECT_EQ(AsOrdinaryUser([&] { return Write(folder / "open/protected", "x"); }), permission);
  EXPECT_EQ(AsOrdinaryUser([&] { return CheckWritable(folder / "open/protected"); }), permission);
  EXPECT_EQ(AsOrdinaryUser([&] { return Write(folder / "open/new", "x"); }), 0);
  EXPECT_EQ(folder.Get("open/protected"), "old");
}

TEST(CheckWritableTest, LeavesNoTrace) {
  const TemporaryFolder folder;
  EXPECT_TRUE(CheckWritable(folder / "new"));
  EXPECT_EQ(folder.Names(), Names{});
  folder.Put("there", "old");
  EXPECT_TRUE(CheckWritable(folder / "there"));
  EXPECT_EQ(folder.Get("there"), "old");
}

TEST(FileSystemTest, FailuresOfSingleOperationsAreTold) {
  FileSystem& files = RealFiles();
  const TemporaryFolder folder;
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const Error failures[] = {files.Write(-1, "x", "p").error(),
                            files.Sync(ends[1], "p").error(),
                            files.Close(-1, "p").error(),
                            files.Rename(folder / "absent", "p").error(),
                            files.SyncFolder(folder / "absent").error(),
                            files.Remove(folder / "absent").error()};
  for (const Error& failure : failures) {
    EXPECT_EQ(failure.kind, Failure::kInputOutput) << failure.Message();
    EXPECT_FALSE(failure.found.empty());
  }
  close(ends[0]);
  close(ends[1]);
}

TEST(FileSystemTest, RemovesAndSeesFiles) {
  const TemporaryFolder folder;
  folder.Put("file", "");
  EXPECT_TRUE(RealFiles().Exists(folder / "file"));
  EXPECT_TRUE(RealFiles().Remove(folder / "file"));
  EXPECT_FALSE(RealFiles().Exists(folder / "file"));
}

TEST(ReadTest, GivesTheWholeFileUpToTheLimit) {
  const TemporaryFolder folder;
  for (const std::size_t size : {0, 1, 65535, 65536, 65537, 300000}) {
    std::string content(size, 'x');
    if (size > 0) content.back() = '\0';
    folder.Put("file", content);
    const auto whole = RealFiles().Read(folder / "file", size);
    ASSERT_TRUE(whole) << whole.error().Message();
    EXPECT_EQ(*whole, content);
  }
  const auto refused = RealFiles().Read(folder / "file", 299999);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Failure::kSystem);
  EXPECT_EQ(
      refused.error().Message(),
      folder / "file" +
          ": expected at most 293 KiB, for which there is memory, found 293 KiB; allow more by "
          "--memory, or take a machine that has it");
}

TEST(ReadTest, AFileWhoseSizeIsNotKnownBeforeIsReadToItsEnd) {
  const auto content = RealFiles().Read("/proc/self/status", 1 << 20);
  ASSERT_TRUE(content);
  EXPECT_NE(content->find("Threads:"), std::string::npos);
}

TEST(ReadTest, RefusesWhatIsNoFile) {
  const TemporaryFolder folder;
  folder.Put("file", "");
  const struct {
    std::string path, found;
  } cases[] = {{folder / "absent", "No such file or directory"},
               {folder / "file/x", "Not a directory"},
               {folder / ".", "a folder"},
               {"/dev/zero", "a device"},
               {"", "No such file or directory"}};
  for (const auto& [path, found] : cases) {
    const auto refused = RealFiles().Read(path, 100);
    ASSERT_FALSE(refused) << path;
    EXPECT_EQ(refused.error().kind, Failure::kNoInput) << path;
    EXPECT_EQ(refused.error().expected, "a file");
    EXPECT_EQ(refused.error().found, found);
  }
}

TEST(ReadTest, AFileThatMayNotBeReadIsAPermission) {
  const TemporaryFolder folder;
  folder.Put("secret", "x");
  ASSERT_EQ(chmod((folder / ".").c_str(), 0755), 0);
  ASSERT_EQ(chmod((folder / "secret").c_str(), 0), 0);
  EXPECT_EQ(AsOrdinaryUser([&] { return RealFiles().Read(folder / "secret", 100); }),
            static_cast<int>(Failure::kPermission));
}

/// A pipe by name into which `content` is written in two halves, some time apart.
class SlowPipe {
 public:
  SlowPipe(const TemporaryFolder& folder, std::string content) : path_(folder / "pipe") {
    if (mkfifo(path_.c_str(), 0600) != 0) throw std::runtime_error("no pipe");
    writer_ = std::thread([this, content] {
      const int pipe = open(path_.c_str(), O_WRONLY | O_CLOEXEC);
      const std::size_t half = content.size() / 2;
      EXPECT_EQ(write(pipe, content.data(), half), static_cast<ssize_t>(half));
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      EXPECT_EQ(write(pipe, content.data() + half, content.size() - half),
                static_cast<ssize_t>(content.size() - half));
      close(pipe);
    });
  }
  ~SlowPipe() { writer_.join(); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  std::thread writer_;
};

TEST(ReadTest, APipeIsReadToItsEndHoweverOftenSignalsInterrupt) {
  const TemporaryFolder folder;
  struct sigaction action = {}, before = {};
  action.sa_handler = [](int) {};  // without SA_RESTART: calls end with EINTR
  sigaction(SIGALRM, &action, &before);
  const SlowPipe pipe(folder, "some content");
  itimerval every{{0, 2000}, {0, 2000}}, never{};
  setitimer(ITIMER_REAL, &every, nullptr);
  const auto content = RealFiles().Read(pipe.path(), 100);
  setitimer(ITIMER_REAL, &never, nullptr);
  sigaction(SIGALRM, &before, nullptr);
  ASSERT_TRUE(content) << content.error().Message();
  EXPECT_EQ(*content, "some content");
}

TEST(ReadTest, APipeThatGivesMoreThanTheLimitIsRefused) {
  const TemporaryFolder folder;
  const SlowPipe pipe(folder, "some content");
  const auto refused = RealFiles().Read(pipe.path(), 11);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().Message(),
            pipe.path() +
                ": expected at most 11 bytes, for which there is memory, found more; allow more by "
                "--memory, or take a machine that has it");
}

// A socket, which no path can open a second time.
TEST(ReadTest, TheProgramsOwnInputIsAFile) {
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  ASSERT_EQ(write(ends[1], "y\n1\n", 4), 4);
  close(ends[1]);
  const int before = dup(STDIN_FILENO);
  dup2(ends[0], STDIN_FILENO);
  close(ends[0]);
  const auto content = RealFiles().Read("/dev/stdin", 100);
  dup2(before, STDIN_FILENO);
  close(before);
  ASSERT_TRUE(content) << content.error().Message();
  EXPECT_EQ(*content, "y\n1\n");
}

}  // namespace
}  // namespace unroll
