#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# One timed pass of optimiser steps of configs/activitynet.yaml on a synthetic set of ActivityNet's shape (13,459 videos of up to some 400 steps x 2,048
# values), streamed from a store in a temporary folder. The store's videos share their features by links, so it takes 0.1 GB; where links are
# followed by copies it would take 40 GB, so with less free disk the pass is skipped, and says so.
#
#   tests/bench/activitynet_pass.sh [STEPS [THREADS]]     300 steps on 2 threads; HVLM names the program [build/bin/hvlm]
#
# About 4 s a step on one thread of a machine with 95 GF/s of GEMM. The answer is that of `hvlm bench train --json`.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
hvlm=${HVLM:-$root/build/bin/hvlm}
steps=${1:-300}
threads=${2:-2}
videos=${HVLM_PASS_VIDEOS:-13459}
needed_gb=40
[[ -x $hvlm ]] || { echo "activitynet_pass: $hvlm is not there: build it with ./run --setup-only, or name another in HVLM" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
free_gb=$(($(df --output=avail -k "$folder" | tail -1) / 1024 / 1024))
if ((free_gb < ${HVLM_PASS_NEEDED_GB:-$needed_gb})); then
  echo "activitynet_pass: skipped: $free_gb GB free in $(dirname "$folder"), ${HVLM_PASS_NEEDED_GB:-$needed_gb} GB wanted; set TMPDIR to a larger disk" >&2
  exit 0
fi
"$hvlm" synth --out "$folder/set" --videos "$videos" --dim 2048 --classes 200 --mean-steps 200 --distinct 96 --validation-share 0.25 >&2
"$hvlm" bench train --config "$root/configs/activitynet.yaml" --data "$folder/set/dataset.yaml" --repeats "$steps" --threads "$threads" --json
