#!/usr/bin/env bash
# A C compiler for instructions that the processor may lack: their intrinsics become ordinary C.
#
#   cc.sh HEADERS DROPPED COMPILER ARGUMENT...
#
# HEADERS   the folder here whose headers stand before the compiler's own
# DROPPED   a pattern of the arguments that would let the compiler emit the instructions, '-mavx512*'
#
# The sources are compiled as they are; their checks of the processor are taken to say yes.
set -euo pipefail

headers=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/$1
dropped=$2
compiler=$3
shift 3

arguments=()
for argument in "$@"; do
  # shellcheck disable=SC2053 # a pattern on purpose
  [[ $argument == $dropped ]] || arguments+=("$argument")
done
# Vectors wider than the processor's are passed in memory, which matters between libraries only.
exec "$compiler" -isystem "$headers" -Wno-psabi '-D__builtin_cpu_supports(name)=1' "${arguments[@]}"
