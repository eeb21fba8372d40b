#!/bin/sh
# Who may include whom. A folder of unroll/ includes itself and every folder it stands on, directly
# or not; the arrows are the unroll_folder(NAME BELOW ...) lines of CMakeLists.txt. Beyond that:
#   - data stands on base alone, but may include sequence/batch.h, which itself needs base alone;
#   - train gets its batches through an interface of its own: it never includes data;
#   - a header for everybody never includes one that is compiled once per instruction set (-inl.h);
#   - our own headers are named by their whole path.
#
#   layering_test.sh [ROOT]   the tree at ROOT, and trees with a fault each, which must be found
set -eu

# Prints one line per #include that breaks a rule; nothing if all is well.
broken_includes() {
  (
    cd "$1"
    find unroll -type f \( -name '*.h' -o -name '*.cc' \) | LC_ALL=C sort |
      xargs awk -f "$rules" CMakeLists.txt
  )
}

rules=$(mktemp)
tree=$(mktemp -d)
trap 'rm -rf "$rules" "$tree"' EXIT
cat >"$rules" <<'AWK'
function wrong(why) { printf "%s:%d: %s; found %s\n", FILENAME, FNR, why, $0 }

# Whether folder a stands on folder b, by any number of arrows.
function reaches(a, b,    below, n, i) {
  if (a == b) return 1
  n = split(arrows[a], below, " ")
  for (i = 1; i <= n; ++i) if (reaches(below[i], b)) return 1
  return 0
}

FILENAME == "CMakeLists.txt" {
  if (match($0, /^unroll_folder\([a-z]+/)) {
    name = substr($0, 15, RLENGTH - 14)
    known[name] = 1
    gsub(/^[^ ]*( BELOW)?|\).*|USES.*/, "")
    arrows[name] = $0
  }
  next
}

!/^[ \t]*#[ \t]*include/ { next }

{
  split(FILENAME, path, "/")
  from = path[2]
  if (path[3] == "") next  # unroll.h shows everything
  if (!(from in known)) { wrong("expected an unroll_folder(" from ") in CMakeLists.txt"); next }
  if ($0 ~ /"/ && $0 !~ /"(unroll|hwy)\//) { wrong("expected a path from the root"); next }
  if ($0 !~ /"unroll\//) next

  split($0, quoted, "\"")
  split(quoted[2], included, "/")
  to = included[2]
  if (to == "version.h") next  # the one header below every folder
  exempt = from == "data" && quoted[2] == "unroll/sequence/batch.h"
  if (!exempt && !reaches(from, to)) wrong(from " does not stand on " to)
  if (from == "train" && to == "data") wrong("train never includes data")
  if (FILENAME == "unroll/sequence/batch.h" && to != "base") wrong("batch.h needs base alone")
  if (quoted[2] ~ /-inl\.h$/ && FILENAME !~ /(-inl\.h|\.cc)$/)
    wrong("a public header never includes an -inl.h")
}
AWK

# finds FILE INCLUDE: in a tree with this one line, is it found?
finds() {
  rm -rf "$tree"
  mkdir -p "$tree/${1%/*}"
  cp "$root/CMakeLists.txt" "$tree"
  printf '#include %s\n' "$2" >"$tree/$1"
  [ -n "$(broken_includes "$tree")" ]
}

must_find() { finds "$@" || { echo "layering_test: $1 may include $2 unnoticed"; status=1; }; }
must_allow() { ! finds "$@" || { echo "layering_test: $1 may not include $2"; status=1; }; }

root=$(cd "${1:-$(dirname "$0")/..}" && pwd)
status=0
must_find unroll/base/a.h '"unroll/kernels/b.h"'
must_find unroll/cells/a.h '"unroll/sequence/b.h"'
must_find unroll/network/a.cc '"unroll/data/b.h"'
must_find unroll/data/a.h '"unroll/sequence/tape.h"'
must_find unroll/train/a.cc '"unroll/data/b.h"'
must_find unroll/train/a.cc '"unroll/predict/b.h"'
must_find unroll/predict/a.cc '"unroll/train/b.h"'
must_find unroll/sequence/batch.h '"unroll/cells/b.h"'
must_find unroll/kernels/a.h '"unroll/kernels/b-inl.h"'
must_find unroll/base/a.cc '"b.h"'
must_find unroll/nowhere/a.cc '<vector>'
must_allow unroll/tasks/a.cc '"unroll/base/b.h"'
must_allow unroll/tasks/a.cc '"unroll/predict/b.h"'
must_allow unroll/data/a.h '"unroll/sequence/batch.h"'
must_allow unroll/cells/a-inl.h '"unroll/kernels/b-inl.h"'
must_find unroll/tasks/a.cc '"unroll/unroll.h"'
must_allow unroll/base/a.cc '"unroll/version.h"'
must_allow unroll/unroll.h '"unroll/tasks/b.h"'

broken=$(broken_includes "$root")
[ -z "$broken" ] || { printf '%s\n' "$broken"; status=1; }
exit $status
