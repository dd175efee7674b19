#!/usr/bin/env bash
# Installs what building and running resnetc needs beside a Swift toolchain: clang with its OpenMP
# library, for the code that resnetc generates, and libpng and libjpeg, for pictures. With --tests,
# clang's sanitizers too, SIMDe, which emulates the instruction sets that the processor lacks, and in the
# user's cache a virtual environment of Python with ONNX Runtime, which exported models are held to.
# What is there already stays as it is; with nothing missing this takes a second, and needs no network.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/python-environment.sh"
with_tests=no
[ "${1:-}" != --tests ] || with_tests=yes
# Tests/TestSupport/TestPython.swift looks for it there.
test_python=${XDG_CACHE_HOME:-$HOME/.cache}/resnetc/test-python

# Whether a compiler builds an OpenMP program that runs, with the given flags besides. The clang of a
# Swift toolchain does not: it comes without the library.
builds() {
  local folder status=0
  folder=$(mktemp -d)
  printf '#ifndef _OPENMP\n#error\n#endif\n%s\n' \
    'int main(void) { int n = 0;' '_Pragma("omp parallel reduction(+ : n)") n += 1;' \
    'return n < 1; }' > "$folder/probe.c"
  { "$@" -fopenmp "$folder/probe.c" -o "$folder/probe" && "$folder/probe"; } \
    > "$folder/log" 2>&1 || status=1
  rm -r "$folder"
  return "$status"
}

# The compiler that resnetc would take, of those that it tries; of gcc only if CC names it, as clang's
# code is the faster.
compiler() {
  local candidate
  for candidate in ${CC:-} $(compgen -c clang- | grep -E '^clang-[0-9]+$' | sort -ruV) \
    /usr/bin/clang clang; do
    if command -v "$candidate" > /dev/null && builds "$candidate"; then
      echo "$candidate"
      return
    fi
  done
}

has_header() {
  local preprocessor
  for preprocessor in clang gcc cc; do
    if command -v "$preprocessor" > /dev/null; then
      printf '#include <stdio.h>\n#include <%s>\n' "$1" \
        | "$preprocessor" -E -x c - > /dev/null 2>&1
      return
    fi
  done
  return 1
}

# Whether there is the tests' Python, or one to make it with.
has_python() {
  [ -n "${RESNETC_TEST_PYTHON:-}${PYTHON:-}" ] || [ -x "$test_python/bin/python" ] \
    || python3 -c 'import ensurepip' 2> /dev/null
}

# The missing packages, one a line: its name for apt-get, and that for dnf.
missing() {
  local found
  found=$(compiler)
  if [ -z "$found" ]; then
    echo clang clang
    echo libomp-dev libomp-devel
  elif [ "$with_tests" = yes ] && ! builds "$found" -fsanitize=address,undefined; then
    echo "libclang-rt-$("$found" -dumpversion | cut -d . -f 1)-dev" compiler-rt
  fi
  [ "$with_tests" = no ] || has_header simde/simde-common.h || echo libsimde-dev simde-devel
  [ "$with_tests" = no ] || has_python || echo python3-venv python3
  has_header png.h || echo libpng-dev libpng-devel
  has_header jpeglib.h || echo libjpeg-dev libjpeg-turbo-devel
  command -v pkg-config > /dev/null || echo pkg-config pkgconf-pkg-config
}

# Runs a command as root, and shows what it says only if it fails.
as_root() {
  local log sudo=()
  if [ "$(id -u)" != 0 ]; then
    command -v sudo > /dev/null || {
      echo "error: '$*' has to be run as root" >&2
      return 1
    }
    sudo=(sudo)
  fi
  log=$(mktemp)
  if ! "${sudo[@]}" "$@" > "$log" 2>&1; then
    cat "$log" >&2
    rm "$log"
    echo "error: '$*' failed" >&2
    return 1
  fi
  rm "$log"
}

updated=no
install() {
  local apt_names dnf_names
  apt_names=$(cut -d ' ' -f 1 <<< "$1" | xargs)
  dnf_names=$(cut -d ' ' -f 2 <<< "$1" | xargs)
  # shellcheck disable=SC2086
  if command -v apt-get > /dev/null; then
    echo "Installing $apt_names …"
    local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120)
    [ "$updated" = yes ] || as_root "${apt[@]}" update
    updated=yes
    as_root "${apt[@]}" install --yes --no-install-recommends $apt_names
  elif command -v dnf > /dev/null; then
    echo "Installing $dnf_names …"
    as_root dnf install --assumeyes $dnf_names
  else
    echo "error: install these packages, here by Debian's names, and try again: $apt_names" >&2
    return 1
  fi
}

# Which sanitizer library is missing shows only when the compiler is there, so there are two rounds.
for _ in 1 2; do
  names=$(missing)
  [ -n "$names" ] || break
  install "$names"
done
[ -z "$names" ] || names=$(missing)
[ -z "$names" ] || {
  echo "error: still missing after installation: $(cut -d ' ' -f 1 <<< "$names" | xargs)" >&2
  exit 1
}

if [ "$with_tests" = yes ] && [ -z "${RESNETC_TEST_PYTHON:-}" ]; then
  { python_environment "$test_python" "$here/test-requirements.txt" \
    && "$test_python/bin/python" -c 'import numpy, onnx, onnxruntime'; } \
    || echo "warning: without Python and ONNX Runtime, exported models are not tested" >&2
fi
