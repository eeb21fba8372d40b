// How shapes are told and compared.
#include "unroll/base/tensor.h"

namespace unroll {

std::string Shape::ToString() const {
  std::string text = "[";
  for (std::size_t i = 0; i < rank_; ++i) {
    if (i > 0) text += ", ";
    text += extents_[i].letter;
    text += ' ' + std::to_string(extents_[i].size);
  }
  return text + ']';
}

void RequireShape(std::string_view what, const Shape& expected, const Shape& found) {
  if (expected == found) return;
  throw std::logic_error(std::string(what) + ": expected " + expected.ToString() + ", found " +
                         found.ToString());
}

}  // namespace unroll
