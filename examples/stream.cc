// Streaming: a network answers value by value, in real time, and can be put aside and taken up.
#include <cmath>
#include <cstdio>
#include <vector>

#include "unroll/unroll.h"

int main() {
  unroll::Specification specification;
  specification.inputs = 1;
  specification.hidden = 16;
  specification.outputs = 1;
  unroll::Network<float> network(specification);
  network.Initialise(/*seed=*/1);

  unroll::Stream<float> stream(network);
  std::vector<float> kept;
  for (int t = 0; t < 8; ++t) {
    const float x[] = {std::sin(0.3f * static_cast<float>(t))};
    const float y = stream.Advance(x)[0];  // no allocation, no lock, no system call
    std::printf("t %d  x %7.4f  y %7.4f\n", t, x[0], y);
    if (t == 3) kept = stream.Save();
  }

  // The state at t = 3 is all that the past has left: from it the stream goes on as it did.
  stream.Load(kept);
  const float x[] = {std::sin(0.3f * 4)};
  std::printf("again at t 4: y %7.4f\n", stream.Advance(x)[0]);
}
