// What a walk and its way back leave behind, to be compared bit by bit.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "tests/support/random_layer.h"

namespace unroll::test {

/// The same length and the same bits: 0 is not -0, a NaN may equal a NaN.
template <class Real>
testing::AssertionResult SameBits(const std::vector<Real>& a, const std::vector<Real>& b) {
  if (a.size() != b.size()) {
    return testing::AssertionFailure() << a.size() << " numbers against " << b.size();
  }
  std::size_t differ = 0, first = 0;
  for (std::size_t i = a.size(); i-- > 0;) {
    if (std::memcmp(&a[i], &b[i], sizeof(Real)) != 0) ++differ, first = i;
  }
  if (differ == 0) return testing::AssertionSuccess();
  return testing::AssertionFailure() << differ << " of " << a.size() << " differ, the first at "
                                     << first << ": " << a[first] << " and " << b[first];
}

/// Every number that a layer's last walk wrote.
template <class Real>
struct Outcome {
  explicit Outcome(const RandomLayer<Real>& layer)
      : y(Dense(layer.y, layer.H)),
        after(Dense(layer.after, layer.H)),
        d_weights(layer.d_weights.data(), layer.d_weights.data() + layer.d_weights.size()),
        d_state(Dense(layer.d_state, layer.H)),
        d_initial(Dense(layer.d_initial, layer.H)),
        d_x(Dense(layer.d_x, layer.I)),
        d_states(Dense(layer.d_states, layer.H)),
        norms(layer.norms.data(), layer.norms.data() + layer.norms.size()),
        shares_kept(layer.shares_kept.data(), layer.shares_kept.data() + layer.shares_kept.size()) {
  }

  std::vector<Real> y, after, d_weights, d_state, d_initial, d_x, d_states, norms, shares_kept;
};

template <class Real>
void ExpectSameWalk(const Outcome<Real>& a, const Outcome<Real>& b) {
  EXPECT_TRUE(SameBits(a.y, b.y)) << "y";
  EXPECT_TRUE(SameBits(a.after, b.after)) << "state after the last step";
}

template <class Real>
void ExpectSameGradients(const Outcome<Real>& a, const Outcome<Real>& b) {
  EXPECT_TRUE(SameBits(a.d_weights, b.d_weights)) << "d_weights";
  EXPECT_TRUE(SameBits(a.d_state, b.d_state)) << "d_state";
  EXPECT_TRUE(SameBits(a.d_initial, b.d_initial)) << "d_initial";
  EXPECT_TRUE(SameBits(a.d_x, b.d_x)) << "d_x";
  EXPECT_TRUE(SameBits(a.d_states, b.d_states)) << "d_states";
  EXPECT_TRUE(SameBits(a.norms, b.norms)) << "norms";
  EXPECT_TRUE(SameBits(a.shares_kept, b.shares_kept)) << "shares kept";
}

}  // namespace unroll::test
