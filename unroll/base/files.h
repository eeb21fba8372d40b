// Files, behind an interface, so that a test can fail or "crash" any single operation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "unroll/base/status.h"

namespace unroll {

/// The operations that touch the disk, one system call each (short writes and EINTR are gone on
/// with inside). Paths are as the system takes them.
class FileSystem {
 public:
  virtual ~FileSystem() = default;

  /// Where writing to `path` leads: through symbolic links, which so stay as they are, to a file
  /// that may be written to or to nothing yet. Refuses folders, devices and pipes.
  virtual Result<std::string> Target(const std::string& path) = 0;
  /// A new file for writing, with the mode of `target` where that exists; its handle. What a killed
  /// process has left at `path` is replaced; what a living one is writing there is refused.
  virtual Result<int> Create(const std::string& path, const std::string& target) = 0;
  virtual Result<void> Write(int handle, std::string_view bytes, const std::string& path) = 0;
  virtual Result<void> Sync(int handle, const std::string& path) = 0;
  virtual Result<void> Close(int handle, const std::string& path) = 0;
  virtual Result<void> Rename(const std::string& from, const std::string& to) = 0;
  virtual Result<void> SyncFolder(const std::string& folder) = 0;
  virtual Result<void> Remove(const std::string& path) = 0;
  virtual bool Exists(const std::string& path) = 0;
  /// The whole of a regular file, a pipe or /dev/stdin. More than `limit` bytes, for which there is
  /// memory, are refused before they are held (kSystem).
  virtual Result<std::string> Read(const std::string& path, std::uint64_t limit) = 0;
};

/// The machine's own files.
FileSystem& RealFiles();

/// Replaces `path` by `pieces` laid end to end, all or nothing: written beside the target as
/// `.NAME.unroll-tmp`, synced, renamed over it, and the folder synced. Whatever fails, the old file
/// is as it was and nothing is left beside it (only where the folder's sync fails is the new file
/// there already, whole, but perhaps not after a power cut). A file left by a killed process is
/// replaced by the next call.
///
/// Errors:  kCannotCreate, kPermission, kInputOutput, kSystem.
Result<void> WriteFile(FileSystem& files, const std::string& path,
                       std::span<const std::string_view> pieces);

/// Whether WriteFile could create `path`, found out before long work begins: the folder exists and
/// may be written to, and `path` is a file that may be written to or nothing yet.
///
/// Errors:  kCannotCreate, kPermission.
Result<void> CheckWritable(const std::string& path);

}  // namespace unroll
