#!/usr/bin/env bash
# Installs the peers in a virtual environment outside the repository, and measures them beside
# resnetc. What is installed already stays; with nothing missing this needs no network.
#
#   RESNETC_PEERS    the folder of the environment; in the user's cache by default; python-environment.sh
#                    has PYTHON and RESNETC_WHEELS, for making it
#   RESNETC_FLAGS    options for `resnetc compile`; several sets, parted by '|', are all measured
#
# Arguments go to bench_peers.py; --help lists them.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=${RESNETC_PEERS:-${XDG_CACHE_HOME:-$HOME/.cache}/resnetc/peers}
python=$folder/bin/python

source "$here/../python-environment.sh"
python_environment "$folder" "$here/requirements.txt"

"$python" -c 'import numpy' || {
  echo "error: numpy could not be installed in $folder; see what pip said above" >&2
  exit 1
}
exec "$python" -B "$here/bench_peers.py" "$@"
