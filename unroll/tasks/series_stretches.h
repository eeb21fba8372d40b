// One series cut into stretches, as a trainer learns from it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "unroll/data/batches.h"
#include "unroll/train/stretch_source.h"

namespace unroll {

/// Walks the series again and again, one row, from its first step to its last, in stretches of at
/// most `longest` steps, as even as they can be.
template <class Real>
class SeriesStretches : public StretchSource<Real> {
 public:
  SeriesStretches(SeriesSteps<Real> steps, std::size_t longest)
      : steps_(std::move(steps)), count_((steps_.T + longest - 1) / longest) {}

  Stretch<Real> At(std::uint64_t index) const override {
    const auto i = static_cast<std::size_t>(index % count_);
    const std::size_t begin = Begin(i), T = Begin(i + 1) - begin;
    const auto view = [&](const std::vector<Real>& all, char letter, std::size_t width) {
      return Tensor<const Real>{all.data() + begin * width, {{'T', T}, {'B', 1}, {letter, width}}};
    };
    return {view(steps_.x, 'I', steps_.I), view(steps_.target, 'O', steps_.N),
            view(steps_.mask, 'O', steps_.N), i == 0};
  }
  std::uint64_t per_pass() const override { return count_; }
  std::size_t T() const override { return (steps_.T + count_ - 1) / count_; }
  std::size_t B() const override { return 1; }

 private:
  std::size_t Begin(std::size_t i) const { return i * steps_.T / count_; }

  SeriesSteps<Real> steps_;
  std::size_t count_;
};

}  // namespace unroll
