// A disk in memory, whose single operations can be made to fail, and whose machine can lose its
// power in the middle of any of them.
//
// What a power cut leaves behind is not one thing but many: bytes that were written but not synced
// may be there, may be missing, may have been cut short or be zeros; each creation, rename and
// removal that no sync of its folder has followed may have reached the disk or not, whatever the
// others did. ForEachOutcome gives the disk for each of these outcomes, so that a test can ask all.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "unroll/base/files.h"

namespace unroll::test {

class FakeFiles : public FileSystem {
 public:
  using Disk = std::map<std::string, std::string>;  // path -> content
  enum class Unsynced { kLost, kHalf, kZeros, kKept };

  /// A file that has been on the disk for long.
  void Put(const std::string& path, const std::string& content) {
    const auto file = std::make_shared<File>(File{content, content.size()});
    names_[path] = file;
    durable_[path] = file;
  }

  /// The k-th operation from now on (from 0) fails with `error`. A failing Write has written half.
  void FailAt(std::size_t k, Error error) {
    fail_at_ = log_.size() + k;
    error_ = std::move(error);
    crash_ = false;
  }
  /// The power goes during the k-th operation from now on; every later one fails.
  void CrashAt(std::size_t k) {
    FailAt(k, Error{Failure::kInputOutput, "disk", "power", "none", ""});
    crash_ = true;
  }

  /// Every operation so far, such as "rename a b".
  const std::vector<std::string>& log() const { return log_; }
  /// What a running program sees.
  Disk Now() const { return Contents(names_, Unsynced::kKept); }
  /// Changes of names that no sync of their folder has followed.
  std::size_t pending() const { return pending_.size(); }
  /// The disk after a power cut now. Bit i of `names_kept`: the i-th pending change is done.
  Disk AfterCrash(std::size_t names_kept, Unsynced data) const {
    Names names = durable_;
    for (std::size_t i = 0; i < pending_.size(); ++i) {
      if ((names_kept >> i & 1) != 0) Apply(pending_[i], names);
    }
    return Contents(names, data);
  }
  /// Calls body(disk) for all that a power cut now can leave.
  template <class Body>
  void ForEachOutcome(const Body& body) const {
    for (std::size_t names = 0; names >> pending_.size() == 0; ++names) {
      for (const auto data :
           {Unsynced::kLost, Unsynced::kHalf, Unsynced::kZeros, Unsynced::kKept}) {
        body(AfterCrash(names, data));
      }
    }
  }
  int open_handles() const { return static_cast<int>(open_.size()); }

  Result<std::string> Target(const std::string& path) override {
    if (auto error = Next("target " + path)) return tl::unexpected<Error>(*error);
    return path;
  }
  Result<int> Create(const std::string& path, const std::string& /*target*/) override {
    const auto error = Next("create " + path);
    if (!Acts(error)) return tl::unexpected<Error>(*error);
    if (names_.count(path) > 0) Change({path, nullptr, ""});
    const auto file = std::make_shared<File>();
    Change({path, file, ""});
    if (error) return tl::unexpected<Error>(*error);
    open_[++last_handle_] = file;
    return last_handle_;
  }
  Result<void> Write(int handle, std::string_view bytes, const std::string& path) override {
    const auto error = Next("write " + path);
    if (!gone_) {
      open_.at(handle)->content += bytes.substr(0, Acts(error) ? bytes.size() : bytes.size() / 2);
    }
    return Done(error);
  }
  Result<void> Sync(int handle, const std::string& path) override {
    const auto error = Next("sync " + path);
    if (!error) open_.at(handle)->synced = open_.at(handle)->content.size();
    return Done(error);
  }
  Result<void> Close(int handle, const std::string& path) override {
    open_.erase(handle);  // whatever close() answers
    return Done(Next("close " + path));
  }
  Result<void> Rename(const std::string& from, const std::string& to) override {
    const auto error = Next("rename " + from + " " + to);
    if (Acts(error)) Change({to, names_.at(from), from});
    return Done(error);
  }
  Result<void> SyncFolder(const std::string& folder) override {
    const auto error = Next("sync folder " + folder);
    if (error) return Done(error);
    std::vector<NameChange> others;
    for (const NameChange& change : pending_) {
      if (FolderOf(change.path) == folder) {
        Apply(change, durable_);
      } else {
        others.push_back(change);
      }
    }
    pending_ = std::move(others);
    return {};
  }
  Result<void> Remove(const std::string& path) override {
    const auto error = Next("remove " + path);
    if (Acts(error)) Change({path, nullptr, ""});
    return Done(error);
  }
  bool Exists(const std::string& path) override { return names_.count(path) > 0; }
  Result<std::string> Read(const std::string& path, std::uint64_t limit) override {
    if (auto error = Next("read " + path)) return tl::unexpected<Error>(*error);
    const auto at = names_.find(path);
    if (at == names_.end()) return Fail(Failure::kNoInput, path, "a file", "nothing");
    if (at->second->content.size() > limit) return Fail(Failure::kBadData, path, "less", "more");
    return at->second->content;
  }

 private:
  struct File {
    std::string content;
    std::size_t synced = 0;  // bytes of it that a power cut leaves alone
  };
  using Names = std::map<std::string, std::shared_ptr<File>>;
  struct NameChange {
    std::string path;
    std::shared_ptr<File> file;  // null: removed
    std::string from;            // of a rename
  };

  static std::string FolderOf(const std::string& path) {
    const std::string folder = std::filesystem::path(path).parent_path();
    return folder.empty() ? "." : folder;
  }
  static void Apply(const NameChange& change, Names& names) {
    if (!change.from.empty()) names.erase(change.from);
    if (change.file == nullptr) {
      names.erase(change.path);
    } else {
      names[change.path] = change.file;
    }
  }
  static Disk Contents(const Names& names, Unsynced data) {
    Disk disk;
    for (const auto& [path, file] : names) {
      const std::size_t rest = file->content.size() - file->synced;
      const std::size_t kept = data == Unsynced::kKept   ? rest
                               : data == Unsynced::kHalf ? rest / 2
                                                         : 0;
      std::string& content = disk[path] = file->content.substr(0, file->synced + kept);
      if (data == Unsynced::kZeros) content.append(rest, '\0');
    }
    return disk;
  }
  static Result<void> Done(const std::optional<Error>& error) {
    if (error) return tl::unexpected<Error>(*error);
    return {};
  }

  /// Whether an operation has its effect: also where the power goes while it runs.
  bool Acts(const std::optional<Error>& error) const { return !error || (crash_ && !gone_); }
  void Change(NameChange change) {
    Apply(change, names_);
    pending_.push_back(std::move(change));
  }
  /// Notes an operation; its error where it is to fail.
  std::optional<Error> Next(std::string operation) {
    const std::size_t k = log_.size();
    log_.push_back(std::move(operation));
    if (!fail_at_ || k < *fail_at_) return std::nullopt;
    if (!crash_ && k > *fail_at_) return std::nullopt;
    gone_ = crash_ && k > *fail_at_;
    return error_;
  }

  Names names_, durable_;
  std::vector<NameChange> pending_;
  std::map<int, std::shared_ptr<File>> open_;
  int last_handle_ = 2;
  std::vector<std::string> log_;
  std::optional<std::size_t> fail_at_;
  Error error_{};
  bool crash_ = false;
  bool gone_ = false;  // the power has gone in an earlier operation
};

}  // namespace unroll::test
