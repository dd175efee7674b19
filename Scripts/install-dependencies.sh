#!/usr/bin/env bash
# Installs what building, running and testing resnetc needs beside a Swift toolchain: clang with its
# OpenMP library, for the code that resnetc generates, and libpng and libjpeg, for pictures. What is
# there already stays as it is; with nothing missing this takes a second, and needs no network.
set -euo pipefail

# Whether a compiler builds an OpenMP program that runs. The clang of a Swift toolchain does not: it
# comes without the library.
does_openmp() {
  local folder status=0
  folder=$(mktemp -d)
  printf '#ifndef _OPENMP\n#error\n#endif\n%s\n' \
    'int main(void) { int n = 0;' '_Pragma("omp parallel reduction(+ : n)") n += 1;' \
    'return n < 1; }' > "$folder/probe.c"
  { "$1" -fopenmp "$folder/probe.c" -o "$folder/probe" && "$folder/probe"; } \
    > "$folder/log" 2>&1 || status=1
  rm -r "$folder"
  return "$status"
}

has_openmp_compiler() {
  local compiler
  for compiler in "$@"; do
    if command -v "$compiler" > /dev/null && does_openmp "$compiler"; then return 0; fi
  done
  return 1
}

# The compilers that resnetc tries, those with the better code first.
clangs() {
  compgen -c clang- | grep -E '^clang-[0-9]+$' | sort -u || true
  echo /usr/bin/clang clang
}

has_header() {
  local compiler
  for compiler in clang gcc cc; do
    if command -v "$compiler" > /dev/null; then
      printf '#include <stdio.h>\n#include <%s>\n' "$1" | "$compiler" -E -x c - > /dev/null 2>&1
      return
    fi
  done
  return 1
}

# The missing packages, each under its names for apt-get and dnf.
missing() {
  # shellcheck disable=SC2046
  has_openmp_compiler ${CC:-} $(clangs) || echo clang clang libomp-dev libomp-devel
  has_header png.h || echo libpng-dev libpng-devel
  has_header jpeglib.h || echo libjpeg-dev libjpeg-turbo-devel
  command -v pkg-config > /dev/null || echo pkg-config pkgconf-pkg-config
}

quietly() {
  local log
  log=$(mktemp)
  if ! "$@" > "$log" 2>&1; then
    cat "$log" >&2
    rm "$log"
    echo "error: '$*' failed" >&2
    return 1
  fi
  rm "$log"
}

names=$(missing)
[ -n "$names" ] || exit 0
# The first, third, … of the names are those of apt-get.
apt_names=$(echo "$names" | xargs -n 2 | cut -d ' ' -f 1 | xargs)
dnf_names=$(echo "$names" | xargs -n 2 | cut -d ' ' -f 2 | xargs)

as_root=()
if [ "$(id -u)" != 0 ]; then
  as_root=(sudo)
  command -v sudo > /dev/null || {
    echo "error: missing packages: $apt_names; install them as root, and try again" >&2
    exit 1
  }
fi

if command -v apt-get > /dev/null; then
  echo "Installing $apt_names …"
  apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120)
  quietly "${apt[@]}" update
  # shellcheck disable=SC2086
  quietly "${apt[@]}" install --yes --no-install-recommends $apt_names
elif command -v dnf > /dev/null; then
  echo "Installing $dnf_names …"
  # shellcheck disable=SC2086
  quietly "${as_root[@]}" dnf install --assumeyes --quiet $dnf_names
else
  echo "error: missing packages, by Debian's names: $apt_names; install them, and try again" >&2
  exit 1
fi

names=$(missing)
[ -z "$names" ] || {
  echo "error: still missing after installation: $names" >&2
  exit 1
}
