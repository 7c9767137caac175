#!/usr/bin/env bash
# Runs the comparison with ONNX Runtime and OpenVINO in an environment of its own, then prints the speed of each layer.
#
# usage: Scripts/bench.sh [SCRIPT...]      after `make build`; the scripts find the program in SHINDEN
set -euo pipefail
cd "$(dirname "$0")/.."

peers=Benchmarks/peers
export SHINDEN="${SHINDEN:-$PWD/.build/release/shinden}"
[ -x "$SHINDEN" ] || { echo "no program at $SHINDEN: run make build first" >&2; exit 66; }

scripts=("$@")
if [ ${#scripts[@]} = 0 ]; then
    shopt -s nullglob
    scripts=("$peers"/*_vs_*.py)
fi
[ ${#scripts[@]} -gt 0 ] || { echo "no $peers/*_vs_*.py: nothing to compare" >&2; exit 66; }

if ! cmp -s "$peers/requirements.txt" "$peers/.venv/requirements.txt"; then
    echo "installing ONNX Runtime and OpenVINO into $peers/.venv (the peers to compare with)" >&2
    python3 -m venv --clear "$peers/.venv"
    "$peers/.venv/bin/pip" install --quiet --disable-pip-version-check -r "$peers/requirements.txt"
    # Copied last: an installation that was broken off is begun anew.
    cp "$peers/requirements.txt" "$peers/.venv/requirements.txt"
fi

for script in "${scripts[@]}"; do
    echo "== $script" >&2
    "$peers/.venv/bin/python" "$script"
done
[ $# -gt 0 ] || .build/release/EncoderBenchmark --layers
