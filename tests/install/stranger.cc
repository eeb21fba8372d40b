// Uses the installed library as a stranger would: every public header by its installed path, code
// in the archive.
#include <cstdio>

#include "unroll/unroll.h"

int main() {
  unroll::Random random(1, unroll::Purpose::kTest);
  const double uniform = random.Uniform();
  std::printf("%.17g\n", uniform);
  return uniform >= 0 && uniform < 1 ? 0 : 1;
}
