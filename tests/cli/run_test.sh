#!/bin/sh
# tests/cli/run itself: what it must accept, and what it must not let pass. Needs no built program.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A program whose answer is fixed, so that only the golden files vary.
cat >"$work/program" <<'SH'
#!/bin/sh
echo "1961-01,435.2071,$*"
[ -f given.csv ] && echo given
[ -f stdout ] && echo "sees the golden files"
echo "a word" >&2
exit 65
SH
chmod +x "$work/program"

# golden STDOUT STDERR CODE [TOLERANCE]: the case that the next check is about
golden() {
  rm -rf "$work/cases"
  mkdir -p "$work/cases/one"
  echo 'unroll now' >"$work/cases/one/cmd"
  touch "$work/cases/one/given.csv"
  printf '%b' "$1" >"$work/cases/one/stdout"
  printf '%b' "$2" >"$work/cases/one/stderr"
  echo "$3" >"$work/cases/one/code"
  [ $# -lt 4 ] || echo "$4" >"$work/cases/one/tolerance"
}

run() { "$here/run" --program "$work/program" --cases "$work/cases" "$@" >"$work/log" 2>&1; }
must_pass() { run || { echo "run_test: $1 failed:"; cat "$work/log"; status=1; }; }
must_fail() { ! run || { echo "run_test: $1 passed"; status=1; }; }

status=0
right='1961-01,435.2071,now\ngiven\n'
golden "$right" 'a word\n' 65
must_pass "the right answer"
golden '1961-01,435.2072,now\ngiven\n' 'a word\n' 65
must_fail "another number"
golden '1961-01,435.2072,now\ngiven\n' 'a word\n' 65 1e-5
must_pass "a number within the tolerance"
golden '1961-01,435.3072,now\ngiven\n' 'a word\n' 65 1e-5
must_fail "a number beyond the tolerance"
golden '1962-01,435.2071,now\ngiven\n' 'a word\n' 65 1e-2
must_fail "another date within the tolerance"
golden '1961-01,-435.2071,now\ngiven\n' 'a word\n' 65 1e-2
must_fail "another sign"
golden '1961-01,435.2071,then\ngiven\n' 'a word\n' 65 1e-2
must_fail "another word beside a number"
golden '1961-01,435.2071,now\n' 'a word\n' 65 1e-2
must_fail "a line too many"
golden "${right}more\n" 'a word\n' 65 1e-2
must_fail "a line too few"
golden '1961-01,435.2071,now\ngiven' 'a word\n' 65
must_fail "an end of line too many"
golden "$right" '' 65
must_fail "a word on stderr"
golden "$right" 'a word\n' 0
must_fail "another exit code"
rm "$work/cases/one/code"
must_fail "a case without its code"

golden 'old\n' 'old\n' 0
run --update one
must_pass "what --update wrote"
[ "$(cat "$work/cases/one/code")" = 65 ] || { echo "run_test: --update kept the code"; status=1; }
! run none || { echo "run_test: a case that is not there passed"; status=1; }
exit $status
