// What people give by mistake where a model is wanted, told by its first bytes.
#pragma once

#include <string>
#include <string_view>

namespace unroll {

/// A kind of file, and what to do about it.
struct Foreign {
  std::string what;  ///< "a Python pickle"; empty where it is none of those we know
  std::string mend;
};

/// Asked only of files that are no safetensors: several of these signs could begin one.
Foreign RecogniseForeign(std::string_view bytes);

}  // namespace unroll
