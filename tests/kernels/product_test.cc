// The product's tiles against plain loops in the canonical order, bit by bit; panels for the way
// back.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "tests/support/instruction_sets.h"
#include "unroll/base/arena.h"
#include "unroll/base/random.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tests/kernels/product_test.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep

#ifndef UNROLL_TESTS_KERNELS_PRODUCT_CASE_
#define UNROLL_TESTS_KERNELS_PRODUCT_CASE_
namespace unroll {

/// A Tile of row r at a + r * a_row and c + r * c_row; see product-inl.h.
template <class Real>
struct ProductCase {
  std::size_t vectors, rows, panels, depth, hops;
  std::size_t a_row, a_step, a_hop, b_step, b_panel, c_row, c_panel;
  const Real* a;
  const Real* b;
  Real* c;
};

/// What depends on the instruction set.
struct TileLimits {
  std::size_t lanes_f32, lanes_f64, rows[4], panels[4][8];  ///< by vectors - 1 and rows - 1
};

}  // namespace unroll
#endif

#include "unroll/kernels/pack-inl.h"
#include "unroll/kernels/product-inl.h"

HWY_BEFORE_NAMESPACE();
namespace unroll::HWY_NAMESPACE {

template <class Format, class Real>
void RunProduct(const ProductCase<Real>& c) {
  Tile<Format> tile{};
  tile.b = c.b, tile.b_step = c.b_step, tile.b_panel = c.b_panel, tile.c_panel = c.c_panel;
  tile.a_step = c.a_step, tile.a_hop = c.a_hop, tile.depth = c.depth, tile.hops = c.hops;
  for (std::size_t r = 0; r < c.rows; ++r) {
    tile.a[r] = c.a + r * c.a_row, tile.c[r] = c.c + r * c.c_row;
  }
  if (c.vectors == 1) MultiplyAdd<1>(tile, c.rows, c.panels);
  if (c.vectors == 2) MultiplyAdd<2>(tile, c.rows, c.panels);
  if (c.vectors == 3) MultiplyAdd<3>(tile, c.rows, c.panels);
  if (c.vectors == 4) MultiplyAdd<4>(tile, c.rows, c.panels);
}
void ProductF32(const ProductCase<float>& c) { RunProduct<F32>(c); }
void ProductF64(const ProductCase<double>& c) { RunProduct<F64>(c); }

TileLimits Limits() {
  TileLimits limits{};
  limits.lanes_f32 = hn::MaxLanes(UnitTag<float>());
  limits.lanes_f64 = hn::MaxLanes(UnitTag<double>());
  for (int v = 1; v <= kMostVectors; ++v) {
    limits.rows[v - 1] = static_cast<std::size_t>(MostRows(v));
    for (int r = 1; r <= MostRows(v); ++r) {
      limits.panels[v - 1][r - 1] = static_cast<std::size_t>(MostPanels(v, r));
    }
  }
  return limits;
}

/// How often ForEachTile hands out each (row, panel).
std::vector<int> Visits(int vectors, std::size_t rows, std::size_t p0, std::size_t p1) {
  std::vector<int> visits(rows * p1);
  ForEachTile(vectors, rows, p0, p1,
              [&](std::size_t r0, std::size_t r1, std::size_t p, std::size_t q) {
                EXPECT_LE(r1 - r0, static_cast<std::size_t>(MostRows(vectors)));
                for (std::size_t r = r0; r < r1; ++r) {
                  for (std::size_t j = p; j < q; ++j) ++visits[r * p1 + j];
                }
              });
  return visits;
}

void PackBackF32(const float* forward, std::size_t K, std::size_t P, std::size_t G, float* back,
                 std::size_t index, std::size_t count) {
  PackBack(forward, K, P, G, back, index, count);
}

}  // namespace unroll::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace unroll {
namespace {

HWY_EXPORT(ProductF32);
HWY_EXPORT(ProductF64);
HWY_EXPORT(Limits);
HWY_EXPORT(Visits);
HWY_EXPORT(PackBackF32);

std::size_t Lanes(float) { return HWY_DYNAMIC_DISPATCH(Limits)().lanes_f32; }
std::size_t Lanes(double) { return HWY_DYNAMIC_DISPATCH(Limits)().lanes_f64; }
void Run(const ProductCase<float>& c) { HWY_DYNAMIC_DISPATCH(ProductF32)(c); }
void Run(const ProductCase<double>& c) { HWY_DYNAMIC_DISPATCH(ProductF64)(c); }

/// The same by plain loops: k of hop 0 upward, then of hop 1, in one accumulator.
template <class Real>
void RunPlainly(const ProductCase<Real>& c) {
  const std::size_t width = c.vectors * Lanes(Real());
  const bool fuses = test::FusesMultiplyAdd();
  for (std::size_t r = 0; r < c.rows; ++r) {
    for (std::size_t j = 0; j < c.panels; ++j) {
      for (std::size_t u = 0; u < width; ++u) {
        Real& sum = c.c[r * c.c_row + j * c.c_panel + u];
        for (std::size_t k = 0; k < c.hops * c.depth; ++k) {
          const Real a = c.a[r * c.a_row + k / c.depth * c.a_hop + k % c.depth * c.a_step];
          const Real b = c.b[j * c.b_panel + k * c.b_step + u];
          sum = fuses ? std::fma(a, b, sum) : a * b + sum;
        }
      }
    }
  }
}

template <class Real>
Buffer<Real> Normals(std::size_t n, Random& random) {
  Buffer<Real> numbers(n);
  for (std::size_t i = 0; i < n; ++i) numbers[i] = static_cast<Real>(random.Normal());
  return numbers;
}

struct Depth {
  std::size_t depth, hops, a_step;
};

/// Whether a product of this shape has the bits of the plain loops, and writes nothing beside.
template <class Real>
bool IsCanonical(std::size_t vectors, std::size_t rows, std::size_t panels, const Depth& d) {
  Random random(7, Purpose::kTest, vectors, static_cast<std::uint32_t>(100 * rows + panels));
  const std::size_t width = vectors * Lanes(Real()), steps = d.depth * d.hops;
  ProductCase<Real> c{vectors, rows, panels, d.depth, d.hops,  0,       d.a_step, 0,
                      0,       0,    0,      0,       nullptr, nullptr, nullptr};
  c.a_hop = d.depth * d.a_step + 3, c.a_row = d.hops * c.a_hop + 1;
  c.b_step = Padded<Real>(width), c.b_panel = (steps + 1) * c.b_step;
  c.c_panel = c.b_step + Padded<Real>(1), c.c_row = panels * c.c_panel;
  const Buffer<Real> a = Normals<Real>(rows * c.a_row, random);
  const Buffer<Real> b = Normals<Real>(panels * c.b_panel, random);
  Buffer<Real> fast = Normals<Real>(rows * c.c_row, random), plain(fast.size());
  std::copy_n(fast.data(), fast.size(), plain.data());
  c.a = a.data(), c.b = b.data();
  c.c = fast.data();
  Run(c);
  c.c = plain.data();
  RunPlainly(c);
  return std::equal(fast.data(), fast.data() + fast.size(), plain.data());
}

template <class Real>
void ExpectCanonical() {
  test::ForEachInstructionSet([] {
    const TileLimits limits = HWY_DYNAMIC_DISPATCH(Limits)();
    for (std::size_t vectors = 1; vectors <= 4; ++vectors) {
      ASSERT_GE(limits.rows[vectors - 1], 1u);
      for (std::size_t rows = 1; rows <= limits.rows[vectors - 1]; ++rows) {
        // More panels than a kernel has are cut.
        const std::size_t most = 2 * limits.panels[vectors - 1][rows - 1] + 1;
        for (std::size_t panels = 1; panels <= most; ++panels) {
          for (const Depth& d : {Depth{1, 1, 1}, {13, 1, 1}, {5, 3, 2}, {8, 2, 6}, {0, 1, 1}}) {
            EXPECT_TRUE(IsCanonical<Real>(vectors, rows, panels, d))
                << vectors << " vectors, " << rows << " rows, " << panels << " panels, depth "
                << d.depth << " by " << d.hops;
          }
        }
      }
    }
  });
}

TEST(ProductTest, OfAnyTileHasTheBitsOfPlainLoopsInFloat) { ExpectCanonical<float>(); }
TEST(ProductTest, OfAnyTileHasTheBitsOfPlainLoopsInDouble) { ExpectCanonical<double>(); }

TEST(ProductTest, TilesCoverEveryRowAndPanelOnce) {
  test::ForEachInstructionSet([] {
    for (int vectors = 1; vectors <= 4; ++vectors) {
      for (std::size_t rows = 0; rows <= 30; ++rows) {
        for (const std::size_t p0 : {0, 3}) {
          for (std::size_t p1 = p0; p1 <= p0 + 10; ++p1) {
            const std::vector<int> visits = HWY_DYNAMIC_DISPATCH(Visits)(vectors, rows, p0, p1);
            for (std::size_t i = 0; i < visits.size(); ++i) {
              ASSERT_EQ(visits[i], i % p1 >= p0) << vectors << " vectors, " << rows << " rows";
            }
          }
        }
      }
    }
  });
}

TEST(PackBackTest, IsTheTransposeOfThePanelsInAnyNumberOfShares) {
  test::ForEachInstructionSet([] {
    const std::size_t L = Lanes(float()), P = 3;
    for (const std::size_t G : {1, 4}) {
      for (const std::size_t K : {std::size_t{1}, L, 2 * L + 1}) {
        Random random(8, Purpose::kTest);
        const Buffer<float> forward = Normals<float>(P * K * G * L, random);
        const std::size_t Q = (K + L - 1) / L;
        for (const std::size_t count : {1, 2, 5}) {
          Buffer<float> back = Normals<float>(Q * P * G * L * L, random);
          for (std::size_t index = 0; index < count; ++index) {
            HWY_DYNAMIC_DISPATCH(PackBackF32)(forward.data(), K, P, G, back.data(), index, count);
          }
          for (std::size_t i = 0; i < back.size(); ++i) {
            const std::size_t lane = i % L, c = i / L % (G * L), p = i / L / (G * L) % P;
            const std::size_t k = i / L / (G * L) / P * L + lane;
            ASSERT_EQ(back[i], k < K ? forward[(p * K + k) * G * L + c] : 0);
          }
        }
      }
    }
  });
}

}  // namespace
}  // namespace unroll
#endif  // HWY_ONCE
