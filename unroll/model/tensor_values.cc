#include "unroll/model/tensor_values.h"

#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <stdexcept>

namespace unroll {
namespace {

template <class Real>
std::vector<Real> Copy(std::string_view bytes) {
  std::vector<Real> values(bytes.size() / sizeof(Real));
  // Through memcpy: a file of somebody else's need not be aligned.
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), values.size() * sizeof(Real));
  return values;
}

/// "[3, 17]" of the value at `index`, row by row.
std::string IndexInWords(const std::vector<std::uint64_t>& dims, std::uint64_t index) {
  std::vector<std::uint64_t> at(dims.size());
  for (std::size_t i = dims.size(); i-- > 0;) {
    at[i] = index % dims[i];
    index /= dims[i];
  }
  return DimsInWords(at);
}

constexpr std::string_view kSecondBias = "rnn.bias_hh_l";

}  // namespace

std::string_view DtypeOf(Precision precision) {
  return precision == Precision::kFp64 ? "F64" : "F32";
}

Result<NamedTensor> ReadValues(const TensorFile& file, const TensorEntry& entry) {
  const std::string place = fmt::format("{}: {}", file.name, Escaped(entry.name));
  NamedTensor tensor{entry.name, entry.dims, {}};
  if (entry.dtype == "F32") {
    tensor.values = Copy<float>(file.Bytes(entry));
  } else if (entry.dtype == "F64") {
    tensor.values = Copy<double>(file.Bytes(entry));
  } else {
    return Fail(Failure::kBadData, place, "F32 or F64", entry.dtype);
  }
  if (auto finite = CheckFinite(tensor, place, Failure::kBadData); !finite) {
    return tl::unexpected<Error>(std::move(finite).error());
  }
  return tensor;
}

TensorView ViewOf(const NamedTensor& tensor) {
  const auto size = [](const auto& values) { return values.size(); };
  if (std::visit(size, tensor.values) != NumbersIn(tensor.dims)) {
    throw std::logic_error(tensor.name + ": its values are not as many as its extents say");
  }
  return std::visit(
      [&](const auto& values) {
        using Real = typename std::decay_t<decltype(values)>::value_type;
        return TensorView{
            tensor.name,
            DtypeOf(sizeof(Real) == sizeof(double) ? Precision::kFp64 : Precision::kFp32),
            tensor.dims,
            {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(Real)}};
      },
      tensor.values);
}

Result<void> CheckFinite(const NamedTensor& tensor, const std::string& place, Failure kind) {
  return std::visit(
      [&](const auto& values) -> Result<void> {
        std::size_t first = values.size(), count = 0;
        for (std::size_t i = 0; i < values.size(); ++i) {
          if (std::isfinite(values[i])) continue;
          if (count++ == 0) first = i;
        }
        if (count == 0) return {};
        return Fail(
            kind, place + IndexInWords(tensor.dims, first), "finite numbers",
            fmt::format("{}, {} in all", std::isnan(values[first]) ? "NaN" : "infinity", count));
      },
      tensor.values);
}

Result<void> FoldBiases(const CellFacts& cell, std::span<NamedTensor> weights,
                        const std::string& file) {
  for (std::size_t i = 1; i < weights.size(); ++i) {
    if (weights[i].name.rfind(kSecondBias, 0) != 0) continue;
    NamedTensor& first = weights[i - 1];  // bias_ih stands before it in ExpectedTensors
    std::visit(
        [&](auto& second_values) {
          auto& sums = std::get<std::decay_t<decltype(second_values)>>(first.values);
          const std::size_t units = sums.size() / static_cast<std::size_t>(cell.gates);
          for (std::size_t j = 0; j < sums.size(); ++j) {
            if (second_values[j] == 0) continue;  // -0 + 0 would lose its sign
            if (!AddsItsBiases(cell, static_cast<int>(j / units))) continue;
            sums[j] += second_values[j];
            second_values[j] = 0;
          }
        },
        weights[i].values);
    const std::string place = fmt::format("{}: {} + {}", file, first.name, weights[i].name);
    if (auto finite = CheckFinite(first, place, Failure::kBadData); !finite) return finite;
  }
  return {};
}

void RequireWeights(const Specification& specification, std::span<const NamedTensor> weights) {
  const std::vector<TensorName> expected = ExpectedTensors(specification);
  bool same = expected.size() == weights.size();
  for (std::size_t i = 0; same && i < expected.size(); ++i) {
    same = weights[i].name == expected[i].name && weights[i].dims == expected[i].dims &&
           ViewOf(weights[i]).dtype == DtypeOf(specification.precision);
  }
  if (!same) throw std::logic_error("the weights of a model are not those of its specification");
}

}  // namespace unroll
