#!/usr/bin/env bash
# Runs the test suite, and every program that it starts, under a sanitizer; one report is one failure.
#
# usage: Scripts/sanitize.sh address|thread [FILTER...]
# The suite is run in portions, one test target after another, or the tests that match FILTER, one FILTER after another:
# what ends one portion, or takes its time, leaves the others. Each sanitizer has a build folder of its own, .build-address
# or .build-thread; its folder `reports` has a folder for each portion, with the tests' output and one file for each
# program that was reported.
# Exit code: 1 a report was made, or a portion came to no end or has no test; 2 no report, but tests failed: under a
# sanitizer all is 3 to 15 times slower, and a test that waits for too short a time fails without a fault; 0 neither.
set -euo pipefail
cd "$(dirname "$0")/.."

kind=${1:-}
case "$kind" in address | thread) ;; *) echo "usage: Scripts/sanitize.sh address|thread [FILTER...]" >&2; exit 64 ;; esac
shift
build=.build-$kind
reports=$PWD/$build/reports
mkdir -p "$reports"

flags=(-c release -Xswiftc -enable-testing -j "${JOBS:-2}" --sanitize="$kind" --scratch-path "$build" --disable-xctest)
if [[ $kind == thread ]]; then
    clang=$(dirname "$(readlink -f "$(command -v swift)")")/clang
    # Named by what it holds: the programs are linked again where it is another.
    order=$PWD/$build/order-$(cksum < Scripts/thread-sanitizer-order.c | cut -d ' ' -f 1).o
    "$clang" -O2 -Wall -Werror -c Scripts/thread-sanitizer-order.c -o "$order"
    flags+=(-Xlinker "$order")
fi
swift build --build-tests "${flags[@]}"

# The programs that the tests start must be under the sanitizer too, or nothing is known of them.
case "$kind" in address) runtime=__asan_init ;; thread) runtime=__tsan_init ;; esac
for program in "$build"/release/shinden "$build"/release/*PackageTests.xctest; do
    [[ $(nm "$program") == *" $runtime"* ]] || { echo "$program is not built with the sanitizer" >&2; exit 1; }
done

portions=()
for filter in "$@"; do [[ -z $filter ]] || portions+=("$filter"); done
if ((${#portions[@]} == 0)); then
    rm -rf "${reports:?}"/*
    for folder in Tests/*Tests; do portions+=("^${folder#Tests/}\."); done
fi

# The tests of a log that failed; the line of the whole run is none of them.
failures() { grep -E '^✘ Test .* failed after' "$1" | grep -v -E '^✘ Test run with' | cut -c1-200 || true; }

reported=0 unended=0 failed=0 logs=()
printf '%-24s %6s %6s %8s  %s\n' "== portion" tests failed seconds reports
for filter in "${portions[@]}"; do
    name=$(tr -c -s 'A-Za-z0-9\n' _ <<< "$filter" | sed 's/^_//; s/_$//' | cut -c1-60)
    folder=$reports/$name
    rm -rf "$folder"
    mkdir -p "$folder"
    # Reports go to files, whichever program makes them and whatever becomes of its stderr; none changes an exit code.
    export ASAN_OPTIONS="log_path=$folder/report:exitcode=0:detect_leaks=0:detect_stack_use_after_return=0"
    export TSAN_OPTIONS="log_path=$folder/report:exitcode=0:suppressions=$PWD/Scripts/thread-sanitizer.txt"
    logs+=("$folder/log")
    began=$SECONDS
    "$build"/release/*PackageTests.xctest --testing-library swift-testing --filter "$filter" > "$folder/log" 2>&1 || true
    count=$(find "$folder" -name 'report.*' -exec cat {} + | grep -c -E '(WARNING|ERROR|FATAL): (Address|Thread)Sanitizer' || true)
    tests=$(sed -n -E 's/.*Test run with ([0-9]+) tests? .*/\1/p' "$folder/log" | tail -n 1)
    wrong=$(failures "$folder/log" | wc -l)
    printf '%-24s %6s %6s %8s  %s\n' "$name" "${tests:-ended}" "$wrong" $((SECONDS - began)) "$count"
    ((reported += count, failed += wrong)) || true
    [[ ${tests:-0} != 0 ]] || ((++unended))
done

if ((failed > 0)); then
    echo "== tests that failed, which is no report:"
    for log in "${logs[@]}"; do failures "$log"; done
fi
if ((unended > 0)); then echo "== $unended portions came to no end, or have no test: see their logs in $reports"; fi
if ((reported > 0)); then
    echo "== $reported reports, in $reports:"
    find "$reports" -name 'report.*' -size +0 -exec grep -h -E '^SUMMARY: ' {} + | sort | uniq -c | sort -rn | head -n 20
fi
if ((reported > 0 || unended > 0)); then exit 1; fi
echo "== no report"
if ((failed > 0)); then exit 2; fi
