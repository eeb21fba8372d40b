# shellcheck shell=sh disable=SC2034  # its variables are used by those who source it
# The Debian packages that the scripts need, named once, and how they are installed. To be sourced.
# docs/dependencies.md says what each is for.

build_packages='cmake ninja-build g++ libhwy-dev librandom123-dev libexpected-dev libfmt-dev
  libhowardhinnant-date-dev nlohmann-json3-dev libxxhash-dev libcli11-dev'
test_packages='libgtest-dev libgmock-dev librapidcheck-dev pkg-config'
check_packages='clang-14 libclang-rt-14-dev clang-format-14 clang-tidy-14 git shellcheck'

# Leaves with one line on stderr; the code is 69, "a service is unavailable".
give_up() {
  printf '%s\n' "${0##*/}: $1" >&2
  exit 69
}

# install_packages NAME... installs those that are missing and asks no network if none is.
install_packages() {
  command -v dpkg-query >/dev/null ||
    give_up "expected a Debian system, found no dpkg-query; install by hand: $*"
  missing=
  for package in "$@"; do
    state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || state=absent
    [ "$state" = installed ] || missing="$missing $package"
  done
  [ -n "$missing" ] || return 0
  as_root=
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null ||
      give_up "expected root or sudo, found neither; have installed:$missing"
    as_root=sudo
  fi
  echo "Installing$missing" >&2
  log=$(mktemp)
  # shellcheck disable=SC2086  # a list of words
  { $as_root apt-get -q update &&
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends \
      $missing; } >"$log" 2>&1 </dev/null || {
    tail -n 20 "$log" >&2
    give_up "expected to install$missing, found that apt-get failed; its log is $log"
  }
  rm "$log"
}
