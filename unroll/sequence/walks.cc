#include "unroll/sequence/walks.h"

#include <span>
#include <stdexcept>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "unroll/sequence/walks.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "unroll/cells/cells-inl.h"
#include "unroll/sequence/backward-inl.h"
#include "unroll/sequence/forward-inl.h"
#include "unroll/sequence/weight_gradient-inl.h"

HWY_BEFORE_NAMESPACE();
namespace unroll::HWY_NAMESPACE {

template <class Cell, class Format>
struct Compiled {
  using Real = typename Format::Sum;

  static void Forward(const Job<Real>& job, const Part& part) {
    ForwardWalk<Cell, Format>(job, part).Run();
  }
  static void Backward(const Job<Real>& job, const Part& part) {
    BackwardWalk<Cell, Format>(job, part).Run();
  }
  static void WeightGradient(const Job<Real>& job, std::size_t index, std::size_t count) {
    GradientOfWeights<Cell, Format>(job, index, count).Run();
  }
  static void InputGradient(const Job<Real>& job, std::size_t index, std::size_t count) {
    if (kInputSums < Cell >> 0) GradientOfInputs<Cell, Format>(job).Run(index, count);
  }
  static void Back(const Job<Real>& job, Real* w_back, Real* u_back, std::size_t index,
                   std::size_t count) {
    const std::size_t P = job.PaddedH() / kLanes;
    PackBack(job.weights.w, job.I, P, kInputSums<Cell>, w_back, index, count);
    PackBack(job.weights.u, job.H, P, kRecurrentSums<Cell>, u_back, index, count);
  }
  static constexpr std::size_t kLanes = hn::MaxLanes(UnitTag<Real>());
};

template <class Format, class... Cell>
std::span<const Walks<typename Format::Sum>> TableOf(CellList<Cell...> /*cells*/) {
  static const Walks<typename Format::Sum> kTable[] = {
      {FindCell(Cell::kName), Compiled<Cell, Format>::kLanes, &Compiled<Cell, Format>::Forward,
       &Compiled<Cell, Format>::Backward, &Compiled<Cell, Format>::WeightGradient,
       &Compiled<Cell, Format>::InputGradient, &Compiled<Cell, Format>::Back}...,
      {&LinearCell(), Compiled<Linear, Format>::kLanes, &Compiled<Linear, Format>::Forward,
       &Compiled<Linear, Format>::Backward, &Compiled<Linear, Format>::WeightGradient,
       &Compiled<Linear, Format>::InputGradient, &Compiled<Linear, Format>::Back}};
  return kTable;
}
std::span<const Walks<float>> TableF32() { return TableOf<F32>(AllCells()); }
std::span<const Walks<double>> TableF64() { return TableOf<F64>(AllCells()); }

}  // namespace unroll::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace unroll {

HWY_EXPORT(TableF32);
HWY_EXPORT(TableF64);

namespace {

template <class Real>
const Walks<Real>& Find(std::span<const Walks<Real>> table, const CellFacts& cell) {
  for (const Walks<Real>& walks : table) {
    if (walks.cell == &cell) return walks;
  }
  throw std::logic_error("cell " + std::string(cell.name) + " stands in no list");
}

}  // namespace

template <>
const Walks<float>& WalksOf<float>(const CellFacts& cell) {
  return Find(HWY_DYNAMIC_DISPATCH(TableF32)(), cell);
}
template <>
const Walks<double>& WalksOf<double>(const CellFacts& cell) {
  return Find(HWY_DYNAMIC_DISPATCH(TableF64)(), cell);
}

}  // namespace unroll
#endif  // HWY_ONCE
