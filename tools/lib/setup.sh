# What tools/demo, tools/check and .ci/run share: Debian packages, build, tests. Sourced by bash, not run.
# shellcheck shell=bash

# What the libraries and the command are built from; the font is for the text in the pictures.
# shellcheck disable=SC2034
build_packages=(
  gcc libc6-dev meson ninja-build pkg-config
  libcairo2-dev libfftw3-dev libfontconfig-dev libgif-dev libisal-dev libjansson-dev libpango1.0-dev libpng-dev
  libmpg123-dev libpopt-dev libsndfile1-dev libsoxr-dev libzip-dev
  fonts-dejavu-core
)
# What the test suite needs. The large peers that tests/reference compares with are not among them: where they are
# missing those tests are skipped and say so.
# shellcheck disable=SC2034
test_packages=(bats g++ libcmocka-dev python3-numpy python3-pil sox strace)
# What .ci/run adds: the peers and both BLAS that they stand on, the second compiler, the checkers, a font with Chinese characters.
# shellcheck disable=SC2034
ci_packages=(
  chromium clang-14 clang-format-14 clang-tidy-14 clang-tools-14 fonts-droid-fallback git libblas3 liblapack3
  libopenblas0-pthread man-db python3-matplotlib python3-scipy python3-torch python3-torchaudio shellcheck util-linux
)

log_folder=build/logs

say() {
  printf '%s\n' "$*"
}

fail() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# logged NAME COMMAND...: the command's output goes to a log; its last lines are shown where it fails.
logged() {
  local step=$1 log=$log_folder/$1.log
  shift
  mkdir -p "$log_folder"
  if ! "$@" >"$log" 2>&1 </dev/null; then
    tail -n 25 "$log" >&2
    fail "the step '$step' failed; its whole output is in $log"
  fi
}

# Those of the named packages that are not installed.
missing_packages() {
  comm -23 <(printf '%s\n' "$@" | sort -u) \
    <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^installed //p' | sort -u)
}

# Installs what is missing; without network and without root where nothing is.
ensure_packages() {
  local missing as_root=()
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    fail "this is not a Debian system: install what tools/lib/setup.sh names, then 'meson setup build && ninja -C build'"
  fi
  mapfile -t missing < <(missing_packages "$@")
  if ((${#missing[@]} == 0)); then
    return
  fi
  if ((EUID != 0)); then
    command -v sudo >/dev/null || fail "run it as root, or install sudo: these packages are missing: ${missing[*]}"
    as_root=(sudo)
  fi
  as_root+=(env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3)
  say "Installing ${#missing[@]} Debian packages: ${missing[*]}"
  # A list that cannot be brought up to date may still do: the installation decides.
  "${as_root[@]}" update </dev/null >/dev/null 2>&1 || true
  logged packages "${as_root[@]}" install -y --no-install-recommends "${missing[@]}"
}

# configure FOLDER [MESON OPTION...]: sets up a build folder, or brings one up to date with the options.
configure() {
  local folder=$1
  shift
  if [[ ! -f $folder/build.ninja ]]; then
    logged "configure-${folder##*/}" meson setup "$folder" "$@"
  elif ! grep -qF "\"source\": \"$PWD\"" "$folder/meson-info/meson-info.json"; then
    # The tree was copied or moved together with its build folder.
    logged "configure-${folder##*/}" meson setup --wipe "$folder" "$@"
  elif (($#)); then
    logged "configure-${folder##*/}" meson configure "$folder" "$@"
  fi
}

# compile FOLDER [TARGET...]: builds everything, or the named targets.
compile() {
  local folder=$1
  shift
  logged "compile-${folder##*/}" ninja -C "$folder" "$@"
}

# run_tests FOLDER [MESON TEST OPTION...]: runs what is built and prints the counts, last 'N passed, N failed'.
run_tests() {
  local folder=$1 log
  shift
  log=$log_folder/tests-${folder##*/}.log
  mkdir -p "$log_folder"
  rm -f "$folder/meson-logs/testlog.json"
  # The limits of time are there for what hangs: a machine may be slow, or busy.
  meson test -C "$folder" --no-rebuild --timeout-multiplier 10 "$@" >"$log" 2>&1 </dev/null || true
  if [[ ! -f $folder/meson-logs/testlog.json ]]; then
    tail -n 25 "$log" >&2
    fail "the tests did not start; the whole output is in $log"
  fi
  python3 tools/lib/summary.py "$folder/meson-logs/testlog.json"
}
