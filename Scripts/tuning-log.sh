#!/usr/bin/env bash
# Measures what the log that comes with the compiler is to know of this processor.
#
#   Scripts/tuning-log.sh RESNETC LOG BUDGET
#
# One thread is what small networks run on, and all of them what large ones do.
set -euo pipefail

resnetc=$1 log=$2 budget=$3
all=$(getconf _NPROCESSORS_ONLN)

# tune THREADS NETWORK [OPTION...]
tune() {
  local threads=$1 network=$2
  shift 2
  "$resnetc" tune "Specs/$network.spec" "$@" \
    --threads "$threads" --budget "$budget" --tune-log "$log"
}

for network in resnet50 resnet18 resnet34; do
  for threads in $(printf '1\n%s\n' "$all" | sort -un); do tune "$threads" "$network"; done
done
for network in resnet152 resnext50_32x4d wide_resnet50_2; do tune "$all" "$network"; done
for network in resnet50 resnet18; do tune "$all" "$network" --set batch=8; done
for network in cifar_resnet20 cifar_resnet56 resnet8-cifar10; do tune 1 "$network"; done
tune "$all" resnet50 --accuracy relaxed
