// Control groups are read from the files of /proc/self/cgroup and /sys/fs/cgroup. A group's path
// may name folders that a container does not see; those are passed over, and the folder where the
// groups are mounted is always asked.
#include "unroll/base/cgroup.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>
#include <string_view>
#include <vector>

namespace unroll {
namespace {

constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();

/// The words of a small file; none where it cannot be read.
std::vector<std::string> Words(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> words;
  for (std::string word; file >> word;) words.push_back(word);
  return words;
}

std::optional<std::uint64_t> Number(std::string_view word) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return number;
}

/// The first word of a file as a number.
std::optional<std::uint64_t> NumberIn(const std::string& path) {
  const std::vector<std::string> words = Words(path);
  return words.empty() ? std::nullopt : Number(words[0]);
}

/// The number that follows `key` in a file of keys and numbers, or 0.
std::uint64_t NumberAfter(const std::string& path, std::string_view key) {
  const std::vector<std::string> words = Words(path);
  const auto at = std::find(words.begin(), words.end(), key);
  if (at == words.end() || at + 1 == words.end()) return 0;
  return Number(at[1]).value_or(0);
}

/// Whether `list`, separated by commas, holds `name`.
bool ListHolds(const std::string& list, std::string_view name) {
  std::istringstream stream(list);
  for (std::string item; std::getline(stream, item, ',');) {
    if (item == name) return true;
  }
  return false;
}

/// The folders of this process's group under `controller` and of all groups above it, to `mount`.
/// An empty controller stands for version 2.
std::vector<std::string> Folders(const std::string& root, const std::string& controller,
                                 const std::string& mount) {
  std::ifstream file(root + "/proc/self/cgroup");
  std::string group;
  for (std::string line; std::getline(file, line);) {  // number:controllers:path
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    if (controller.empty() ? controllers.empty() : ListHolds(controllers, controller)) {
      group = line.substr(second + 1);
    }
  }
  std::vector<std::string> folders;
  for (; group.size() > 1; group.resize(group.rfind('/'))) {
    folders.push_back(root + mount + group);
    if (group.rfind('/') == std::string::npos) break;
  }
  folders.push_back(root + mount);
  return folders;
}

std::uint64_t Left(std::uint64_t limit, std::uint64_t used, std::uint64_t cache) {
  const std::uint64_t held = used - std::min(used, cache);
  return limit - std::min(limit, held);
}

}  // namespace

int CgroupProcessors(const std::string& root) {
  std::uint64_t least = std::numeric_limits<int>::max();
  const auto bound = [&](std::optional<std::uint64_t> quota, std::optional<std::uint64_t> period) {
    if (quota && period && *period > 0) least = std::min(least, *quota / *period);
  };
  for (const char* mount : {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"}) {
    for (const std::string& folder : Folders(root, "", mount)) {
      const std::vector<std::string> words = Words(folder + "/cpu.max");  // "max 100000"
      if (words.size() == 2) bound(Number(words[0]), Number(words[1]));
    }
  }
  for (const std::string& folder : Folders(root, "cpu", "/sys/fs/cgroup/cpu")) {
    bound(NumberIn(folder + "/cpu.cfs_quota_us"),  // "-1" is no number here, and no quota there
          NumberIn(folder + "/cpu.cfs_period_us"));
  }
  return static_cast<int>(std::max<std::uint64_t>(1, least));
}

std::uint64_t CgroupMemory(const std::string& root) {
  std::uint64_t least = kNoLimit;
  for (const char* mount : {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"}) {
    for (const std::string& folder : Folders(root, "", mount)) {
      const auto limit = NumberIn(folder + "/memory.max");  // "max" is no number
      if (!limit) continue;
      least = std::min(least, Left(*limit, NumberIn(folder + "/memory.current").value_or(0),
                                   NumberAfter(folder + "/memory.stat", "inactive_file")));
    }
  }
  for (const std::string& folder : Folders(root, "memory", "/sys/fs/cgroup/memory")) {
    const auto limit = NumberIn(folder + "/memory.limit_in_bytes");
    if (!limit) continue;
    least = std::min(least, Left(*limit, NumberIn(folder + "/memory.usage_in_bytes").value_or(0),
                                 NumberAfter(folder + "/memory.stat", "total_inactive_file")));
  }
  return least;
}

}  // namespace unroll
