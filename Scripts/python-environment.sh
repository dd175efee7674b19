# To be sourced. A virtual environment of Python outside the repository.

# Makes one where there is none, and installs those of the requirements that it lacks, of which it says
# what could not be installed. With nothing missing this needs no network.
#
#   python_environment FOLDER REQUIREMENTS.txt
#
#   PYTHON           the Python to make the environment with, 3.11 or later; python3 by default
#   RESNETC_WHEELS   a folder of wheels to take packages from, before the package index
python_environment() {
  local folder=$1 requirements=$2 python=$1/bin/python installed requirement
  if [ ! -x "$python" ]; then
    echo "Making a virtual environment in $folder …" >&2
    "${PYTHON:-python3}" -m venv "$folder" || {
      rm -rf "$folder"
      echo "error: no virtual environment; install Python 3.11 or later with its venv module" >&2
      return 1
    }
  fi
  installed=$("$python" -m pip --disable-pip-version-check list --format=freeze \
    | tr '[:upper:]' '[:lower:]')
  while read -r requirement; do
    # A version of a local build, as torch's 2.13.0+cpu, counts as its version.
    if ! grep -qE "^${requirement,,}(\+.*)?$" <<< "$installed"; then
      echo "Installing $requirement …" >&2
      "$python" -m pip --disable-pip-version-check install --quiet \
        ${RESNETC_WHEELS:+--find-links "$RESNETC_WHEELS"} "$requirement" >&2 \
        || echo "warning: ${requirement%%==*} could not be installed" >&2
    fi
  done < <(grep -v '^#' "$requirements")
}
