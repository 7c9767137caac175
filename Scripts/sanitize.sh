#!/usr/bin/env bash
# Runs the test suite, and every program that it starts, under a sanitizer; one report is one failure.
#
# usage: Scripts/sanitize.sh address|thread [FILTER]
# Each sanitizer has a build folder of its own, .build-address or .build-thread; the reports stand in its folder `reports`.
set -euo pipefail
cd "$(dirname "$0")/.."

kind=${1:-}
case "$kind" in address | thread) ;; *) echo "usage: Scripts/sanitize.sh address|thread [FILTER]" >&2; exit 64 ;; esac
build=.build-$kind
reports=$PWD/$build/reports
rm -rf "$reports"
mkdir -p "$reports"

# Reports go to files, whichever program makes them and whatever becomes of its stderr; none changes an exit code.
export ASAN_OPTIONS="log_path=$reports/report:exitcode=0:detect_leaks=0:detect_stack_use_after_return=0"
export TSAN_OPTIONS="log_path=$reports/report:exitcode=0:suppressions=$PWD/Scripts/thread-sanitizer.txt"

code=0
swift test -c release -Xswiftc -enable-testing -j "${JOBS:-2}" --sanitize="$kind" --scratch-path "$build" \
    --disable-xctest --disable-testable-imports ${2:+--filter "$2"} || code=$?

count=$(find "$reports" -type f -size +0 | wc -l)
if ((count > 0)); then
    echo "== $count programs were reported, in $reports:"
    find "$reports" -type f -size +0 -exec grep -h -m 1 -E 'SUMMARY|WARNING|ERROR' {} + | sort | uniq -c | sort -rn | head -n 20
    exit 1
fi
echo "== no report"
exit "$code"
