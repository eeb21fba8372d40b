// The machine's files by POSIX calls, and the replacement of a file as a whole.
#include "unroll/base/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <filesystem>

#include "unroll/base/memory.h"

namespace unroll {
namespace {

/// Calls `call` again for as long as a signal interrupts it.
template <class Call>
auto Uninterrupted(const Call& call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

/// The failure of a system call just made: `usual`, unless errno tells of a permission or of the
/// process's own limits.
tl::unexpected<Error> SystemFailure(Failure usual, const std::string& path, std::string expected) {
  const int number = errno;
  Failure kind = usual;
  std::string mend;
  if (number == EACCES || number == EPERM || number == EROFS) kind = Failure::kPermission;
  if (number == EMFILE || number == ENFILE || number == ENOMEM) kind = Failure::kSystem;
  if (number == ENOSPC || number == EDQUOT) mend = "make room there or write elsewhere";
  if (number == ENOENT && usual == Failure::kCannotCreate) mend = "make its folder first";
  return Fail(kind, path, std::move(expected), SystemMessage(number), std::move(mend));
}

std::string FolderOf(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path();
  return folder.empty() ? "." : folder;
}

const char* KindInWords(mode_t mode) {
  if (S_ISDIR(mode)) return "a folder";
  return S_ISFIFO(mode) || S_ISSOCK(mode) ? "a pipe" : "a device";
}

/// A descriptor that is closed where nobody has taken it.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  operator int() const { return number_; }  // NOLINT: stands for its number in system calls
  int Take() { return std::exchange(number_, -1); }

 private:
  int number_;
};

/// Whether this process alone may write the file at `path`, which `file` has open: nobody else
/// holds its lock, and it has not been replaced meanwhile. The lock goes when the file is closed,
/// however the process ends. A file system without locks is trusted.
bool LockAsWriter(int file, const std::string& path) {
  if (Uninterrupted([&] { return flock(file, LOCK_EX | LOCK_NB); }) != 0 && errno == EWOULDBLOCK) {
    return false;
  }
  struct stat opened = {}, named = {};
  return fstat(file, &opened) == 0 && lstat(path.c_str(), &named) == 0 &&
         opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

tl::unexpected<Error> AnotherWriter(const std::string& path) {
  return Fail(Failure::kCannotCreate, path, "to be its only writer",
              "another process writing it just now", "wait for its end or write elsewhere");
}

class PosixFiles : public FileSystem {
 public:
  Result<std::string> Target(const std::string& path) override;
  Result<int> Create(const std::string& path, const std::string& target) override;
  Result<void> Write(int handle, std::string_view bytes, const std::string& path) override;
  Result<void> Sync(int handle, const std::string& path) override;
  Result<void> Close(int handle, const std::string& path) override;
  Result<void> Rename(const std::string& from, const std::string& to) override;
  Result<void> SyncFolder(const std::string& folder) override;
  Result<void> Remove(const std::string& path) override;
  bool Exists(const std::string& path) override;
  Result<std::string> Read(const std::string& path, std::uint64_t limit) override;
};

Result<std::string> PosixFiles::Target(const std::string& path) {
  constexpr const char* kExpected = "a file that can be written";
  if (path.empty()) return Fail(Failure::kCannotCreate, "''", "the name of a file", "nothing");
  struct stat at = {};
  if (stat(path.c_str(), &at) == 0) {
    if (!S_ISREG(at.st_mode)) {
      return Fail(Failure::kCannotCreate, path, kExpected, KindInWords(at.st_mode));
    }
    // A rename would get past the write protection of a file.
    if (access(path.c_str(), W_OK) != 0) {
      return SystemFailure(Failure::kCannotCreate, path, kExpected);
    }
  } else if (errno != ENOENT) {
    return SystemFailure(Failure::kCannotCreate, path, kExpected);
  }
  // Link by link, since the last one may lead to a file that is not there yet.
  std::filesystem::path target = path;
  std::error_code no_link;
  for (int i = 0; i < 40; ++i) {
    const std::filesystem::path next = std::filesystem::read_symlink(target, no_link);
    if (no_link) break;
    target = target.parent_path() / next;
  }
  if (target.filename().empty()) return Fail(Failure::kCannotCreate, path, kExpected, "a folder");
  return target.string();
}

Result<int> PosixFiles::Create(const std::string& path, const std::string& target) {
  constexpr const char* kExpected = "a file that can be created";
  const Descriptor left(Uninterrupted(
      [&] { return open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC); }));
  if (left < 0 && errno != ENOENT) return SystemFailure(Failure::kCannotCreate, path, kExpected);
  if (left >= 0) {
    // Only what is locked may go: a file that has come meanwhile is another writer's.
    if (!LockAsWriter(left, path)) return AnotherWriter(path);
    if (unlink(path.c_str()) != 0) {
      return SystemFailure(Failure::kCannotCreate, path, kExpected);
    }
  }
  Descriptor file(Uninterrupted([&] {
    return open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
  }));
  if (file < 0 && errno == EEXIST) return AnotherWriter(path);
  if (file < 0) return SystemFailure(Failure::kCannotCreate, path, kExpected);
  if (!LockAsWriter(file, path)) return AnotherWriter(path);
  struct stat made = {}, old = {};
  if (fstat(file, &made) == 0 && stat(target.c_str(), &old) == 0 &&
      ((made.st_mode ^ old.st_mode) & 0777) != 0 && fchmod(file, old.st_mode & 0777) != 0) {
    const auto failure = SystemFailure(Failure::kCannotCreate, path, kExpected);
    unlink(path.c_str());
    return failure;
  }
  return file.Take();
}

Result<void> PosixFiles::Write(int handle, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const auto written = Uninterrupted([&] { return write(handle, bytes.data(), bytes.size()); });
    if (written < 0) return SystemFailure(Failure::kInputOutput, path, "to write it");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> PosixFiles::Sync(int handle, const std::string& path) {
  // A failure is final: the kernel may have dropped the bytes, and would call a second try a
  // success (Rebello et al. 2020, "Can applications recover from fsync failures?", USENIX ATC).
  if (Uninterrupted([&] { return fsync(handle); }) == 0) return {};
  return SystemFailure(Failure::kInputOutput, path, "to bring it to the disk");
}

Result<void> PosixFiles::Close(int handle, const std::string& path) {
  // Linux has closed it even where a signal interrupts.
  if (close(handle) == 0 || errno == EINTR) return {};
  return SystemFailure(Failure::kInputOutput, path, "to close it");
}

Result<void> PosixFiles::Rename(const std::string& from, const std::string& to) {
  if (rename(from.c_str(), to.c_str()) == 0) return {};
  return SystemFailure(Failure::kInputOutput, to, "to put the new file in its place");
}

Result<void> PosixFiles::SyncFolder(const std::string& folder) {
  const Descriptor file(
      Uninterrupted([&] { return open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
  // EINVAL: a file system on which folders need no sync.
  if (file >= 0 && (Uninterrupted([&] { return fsync(file); }) == 0 || errno == EINVAL)) return {};
  return SystemFailure(Failure::kInputOutput, folder, "to bring the folder to the disk");
}

Result<void> PosixFiles::Remove(const std::string& path) {
  if (unlink(path.c_str()) == 0) return {};
  return SystemFailure(Failure::kInputOutput, path, "to remove it");
}

bool PosixFiles::Exists(const std::string& path) {
  struct stat at = {};
  return stat(path.c_str(), &at) == 0;
}

Result<std::string> PosixFiles::Read(const std::string& path, std::uint64_t limit) {
  // The program's own input may be a terminal too; and what cannot be opened a second time
  // (another user's pipe, a socket) can still be read from there.
  const bool own_input = path == "/dev/stdin";
  struct stat at = {};
  if (!own_input) {  // before it is opened: opening a device may act on it
    if (stat(path.c_str(), &at) != 0) return SystemFailure(Failure::kNoInput, path, "a file");
    if (!S_ISREG(at.st_mode) && !S_ISFIFO(at.st_mode)) {
      return Fail(Failure::kNoInput, path, "a file", KindInWords(at.st_mode));
    }
  }
  const Descriptor file(own_input ? dup(STDIN_FILENO) : Uninterrupted([&] {
    return open(path.c_str(), O_RDONLY | O_CLOEXEC);
  }));
  if (file < 0) return SystemFailure(Failure::kNoInput, path, "a file");
  if (fstat(file, &at) != 0) return SystemFailure(Failure::kInputOutput, path, "to read it");
  const std::uint64_t size = S_ISREG(at.st_mode) ? static_cast<std::uint64_t>(at.st_size) : 0;
  const auto too_long = [&](const std::string& found) {
    return Fail(Failure::kSystem, path,
                "at most " + BytesInWords(limit) + ", for which there is memory", found,
                "allow more by --memory, or take a machine that has it");
  };
  if (size > limit) return too_long(BytesInWords(size));

  constexpr std::size_t kPiece = std::size_t{1} << 16;
  std::string content;
  content.reserve(static_cast<std::size_t>(size) + kPiece);  // the last look, for the end
  for (std::size_t held = 0;;) {
    content.resize(held + std::max(kPiece, static_cast<std::size_t>(size) - std::min(size, held)));
    const auto got =
        Uninterrupted([&] { return read(file, content.data() + held, content.size() - held); });
    if (got < 0) {
      return SystemFailure(held == 0 ? Failure::kNoInput : Failure::kInputOutput, path,
                           "to read it");
    }
    held += static_cast<std::size_t>(got);
    if (held > limit) return too_long("more");
    if (got == 0) {
      content.resize(held);
      return content;
    }
  }
}

/// Writes, syncs and renames the new file; the lock on it ends when it is closed, so that it keeps
/// its name until it has been renamed.
Result<void> FillAndRename(FileSystem& files, int handle, const std::string& temporary,
                           const std::string& target, std::span<const std::string_view> pieces) {
  for (const std::string_view piece : pieces) {
    if (auto done = files.Write(handle, piece, temporary); !done) return done;
  }
  if (auto done = files.Sync(handle, temporary); !done) return done;
  return files.Rename(temporary, target);
}

}  // namespace

FileSystem& RealFiles() {
  static PosixFiles files;
  return files;
}

Result<void> WriteFile(FileSystem& files, const std::string& path,
                       std::span<const std::string_view> pieces) {
  const auto told = [&](Error error) {  // of the name that the user knows
    if (!path.empty()) error.place = path;
    return tl::unexpected<Error>(std::move(error));
  };
  const Result<std::string> target = files.Target(path);
  if (!target) return told(target.error());
  const std::filesystem::path name = std::filesystem::path(*target).filename();
  // Cut, so that a name as long as the system allows has room for what is added.
  const std::string temporary = std::filesystem::path(*target).replace_filename(
      "." + name.string().substr(0, NAME_MAX - 16) + ".unroll-tmp");

  const Result<int> handle = files.Create(temporary, *target);
  if (!handle) return told(handle.error());
  const Result<void> renamed = FillAndRename(files, *handle, temporary, *target, pieces);
  // Removed while its lock is held; what goes wrong now is less than what went wrong before.
  if (!renamed) files.Remove(temporary);
  const Result<void> closed = files.Close(*handle, temporary);
  if (!renamed) return told(renamed.error());
  if (!closed) return told(closed.error());
  if (auto synced = files.SyncFolder(FolderOf(*target)); !synced) return told(synced.error());
  return {};
}

Result<void> CheckWritable(const std::string& path) {
  const Result<std::string> target = RealFiles().Target(path);
  if (!target) return tl::unexpected<Error>(target.error());
  const std::string folder = FolderOf(*target);
  if (access(folder.c_str(), R_OK | W_OK | X_OK) == 0) return {};  // read: for its sync
  return SystemFailure(Failure::kCannotCreate, path, "a folder that can be written to");
}

}  // namespace unroll
