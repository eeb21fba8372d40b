// Reads the golden outputs of other frameworks in tests/goldens; the format is described at the
// head of golden.py beside them, what they hold at the head of the script that made them. Use:
//   const Golden golden = ReadGolden("lstm.txt");
//   const GoldenTensor& y = golden.at("odd.y");  // y.extents {7, 3, 9}, y.numbers of size 189
#pragma once

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace unroll::test {

/// Dense numbers, the last extent running fastest.
struct GoldenTensor {
  std::vector<std::size_t> extents;
  std::vector<double> numbers;
};

using Golden = std::map<std::string, GoldenTensor>;

/// The tensors of the file `name` in tests/goldens, by name.
/// Errors:  std::runtime_error where the file is absent, cut short, or says a name twice.
inline Golden ReadGolden(const std::string& name) {
  const auto path = std::filesystem::path(UNROLL_SOURCE_DIR) / "tests" / "goldens" / name;
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot open " + path.string());
  Golden golden;
  for (std::string word; file >> word;) {
    if (word.front() == '#') {
      file.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
      continue;
    }
    GoldenTensor tensor;
    std::size_t rank = 0, count = 1;
    file >> rank;
    for (std::size_t extent = 0; rank > 0 && file >> extent; --rank) {
      tensor.extents.push_back(extent);
      count *= extent;
    }
    for (double number = 0; count > 0 && file >> number; --count) tensor.numbers.push_back(number);
    if (!file) throw std::runtime_error(path.string() + ": " + word + " is cut short");
    if (!golden.emplace(word, std::move(tensor)).second) {
      throw std::runtime_error(path.string() + ": " + word + " stands twice");
    }
  }
  return golden;
}

}  // namespace unroll::test
