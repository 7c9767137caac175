#!/usr/bin/env bash
# Sends each reader inputs of any bytes until FUZZ_RUNS of them have been tried, and prints a line for each reader.
#
# usage: Scripts/fuzz.sh [FUZZER...]      after `make fuzz` has built the fuzzers; without names, all of them
# FUZZ_RUNS: inputs for each, 1,000,000 by default. FUZZ_JOBS: fuzzers at once, 1 by default.
# Ends with 1 where no coverage was counted, or an input was found that breaks a law, ends a program, takes 20 s or 256 MB at once, or leaks.
set -euo pipefail
cd "$(dirname "$0")/../Fuzzing"

runs=${FUZZ_RUNS:-1000000}
jobs=${FUZZ_JOBS:-1}
build=$PWD/.build
programs=$build/release
all=(FuzzChunk FuzzControl FuzzRecording FuzzAnnotations FuzzTensors FuzzLog FuzzPolicy FuzzLabels)
fuzzers=("$@")
[ ${#fuzzers[@]} -gt 0 ] || fuzzers=("${all[@]}")

# The longest inputs, in bytes: about as long as the first ones, so that a million take minutes. Few changes are made to an
# input at once, since most of the texts and frames with many changes are refused at the same first check.
longest() {
    case "$1" in
    FuzzAnnotations | FuzzPolicy) echo 512 ;;
    FuzzTensors | FuzzChunk) echo 768 ;;
    *) echo 1200 ;;
    esac
}

# The frame log's fuzzer writes files; they are kept in memory where the system has such a folder.
scratch=$(mktemp -d -p "$([ -d /dev/shm ] && echo /dev/shm || echo "${TMPDIR:-/tmp}")" shinden-fuzz.XXXXXX)
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$build/corpus" "$build/found" "$build/logs"
python3 seeds.py "$build/seeds"

fuzz() {
    local name=$1 log=$build/logs/$1.log work=$scratch/$1 state=0
    mkdir -p "$work" "$build/corpus/$name"
    # The backtracer of Swift would wait for ever in a program that libFuzzer ends. The quarantine of freed memory would
    # hide what the readers themselves need, and to note where each piece was asked for takes a sixth of the time.
    (cd "$work" && SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=quarantine_size_mb=16:malloc_context_size=1 \
        "$programs/$name" "$build/corpus/$name" "$build/seeds/$name" -runs="$runs" -max_len="$(longest "$name")" \
        -mutate_depth=2 -timeout=20 -report_slow_units=20 -rss_limit_mb=1024 -malloc_limit_mb=256 -print_final_stats=1 \
        -artifact_prefix="$build/found/$name-") > "$log" 2>&1 || state=$?
    local done_line taken coverage peak found=nothing
    done_line=$(grep -aoE 'Done [0-9]+ runs in [0-9]+ second' "$log" || true)
    taken=$(sed -nE 's/^taken ([0-9]+) refused.*/\1/p' "$log" | tail -1)
    coverage=$(grep -aoE 'cov: [0-9]+' "$log" | tail -1 | cut -d' ' -f2 || true)
    peak=$(sed -nE 's/^stat::peak_rss_mb: *([0-9]+)/\1/p' "$log")
    # Without its counters libFuzzer learns nothing from a run: that no input was found says nothing then.
    if [ "$state" = 0 ] && grep -aq 'Is the code instrumented for coverage' "$log"; then
        state=1
        found="BLIND, no coverage was counted; build anew, read $log"
    elif [ "$state" != 0 ]; then
        found=$(sed -nE 's/.*Test unit written to (.*)/\1/p' "$log" | grep -v -- -slow-unit- | head -1 || true)
        found="FOUND ${found:-no input was kept; read $log}"
    fi
    set -- $done_line
    printf '%-16s %9s inputs, %7s taken, %5s s, %5s edges, peak %4s MB, found: %s\n' "$name" "${2:-fewer}" \
        "${taken:-?}" "${5:-?}" "${coverage:-?}" "${peak:-?}" "$found"
    [ "$state" = 0 ]
}

failed=0
running=0
for name in "${fuzzers[@]}"; do
    if [ "$running" -ge "$jobs" ]; then
        wait -n || failed=1
        running=$((running - 1))
    fi
    fuzz "$name" &
    running=$((running + 1))
done
while [ "$running" -gt 0 ]; do
    wait -n || failed=1
    running=$((running - 1))
done
exit "$failed"
