#!/usr/bin/env bash
# Installs the peers in a virtual environment outside the repository, and measures them beside
# resnetc. What is installed already stays; with nothing missing this needs no network.
#
#   PYTHON           the Python to make the environment with, 3.11 or later; python3 by default
#   RESNETC_PEERS    the folder of the environment; in the user's cache by default
#   RESNETC_WHEELS   a folder of wheels to take packages from, before the package index
#   RESNETC_FLAGS    options for `resnetc compile`; several sets, parted by '|', are all measured
#
# Arguments go to bench_peers.py; --help lists them.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=${RESNETC_PEERS:-${XDG_CACHE_HOME:-$HOME/.cache}/resnetc/peers}
python=$folder/bin/python

if [ ! -x "$python" ]; then
  echo "Making a virtual environment in $folder …" >&2
  "${PYTHON:-python3}" -m venv "$folder" || {
    rm -rf "$folder"
    echo "error: no virtual environment; install Python 3.11 or later with its venv module" >&2
    exit 1
  }
fi

export PIP_DISABLE_PIP_VERSION_CHECK=1
installed=$("$python" -m pip list --format=freeze | tr '[:upper:]' '[:lower:]')
while read -r requirement; do
  name=${requirement%%==*}
  # A version of a local build, as torch's 2.13.0+cpu, counts as its version.
  if ! grep -qE "^${requirement,,}(\+.*)?$" <<< "$installed"; then
    echo "Installing $requirement …" >&2
    "$python" -m pip install --quiet \
      ${RESNETC_WHEELS:+--find-links "$RESNETC_WHEELS"} "$requirement" >&2 \
      || echo "warning: $name could not be installed" >&2
  fi
done < <(grep -v '^#' "$here/requirements.txt")

"$python" -c 'import numpy' || {
  echo "error: numpy could not be installed in $folder; see what pip said above" >&2
  exit 1
}
exec "$python" -B "$here/bench_peers.py" "$@"
