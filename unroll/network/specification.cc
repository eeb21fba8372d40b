#include "unroll/network/specification.h"

#include <fmt/format.h>

#include <cmath>

#include "unroll/cells/cells.h"

namespace unroll {
namespace {

constexpr std::uint64_t kMostUnits = 65536;
constexpr std::uint64_t kMostLayers = 64;
constexpr double kMostForgetBias = 1e6;

Result<void> CheckRange(std::string_view name, std::uint64_t value, std::uint64_t most) {
  if (value >= 1 && value <= most) return {};
  return Fail(Failure::kUsage, std::string(name), fmt::format("1 to {}", most),
              fmt::format("{}", value));
}

}  // namespace

std::string_view NameOf(Precision precision) {
  switch (precision) {
    case Precision::kFp32:
      return "fp32";
    case Precision::kFp64:
      return "fp64";
  }
  return "";
}

Result<void> CheckSpecification(const Specification& specification) {
  if (FindCell(specification.cell) == nullptr) {
    return Fail(Failure::kUsage, "cell", "one of " + CellNames(),
                '"' + Escaped(specification.cell) + '"');
  }
  if (auto r = CheckRange("inputs", specification.inputs, kMostUnits); !r) return r;
  if (auto r = CheckRange("hidden", specification.hidden, kMostUnits); !r) return r;
  if (auto r = CheckRange("layers", specification.layers, kMostLayers); !r) return r;
  if (auto r = CheckRange("outputs", specification.outputs, kMostUnits); !r) return r;
  if (!(std::abs(specification.forget_bias) <= kMostForgetBias)) {  // NaN too
    return Fail(Failure::kUsage, "forget_bias",
                fmt::format("a number from -{0} to {0}", kMostForgetBias),
                fmt::format("{}", specification.forget_bias));
  }
  return {};
}

}  // namespace unroll
