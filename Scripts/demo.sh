#!/usr/bin/env bash
# The demo: a daemon on loopback, real recordings replayed as several patients at 10 times real speed,
# and a line for each change in what is found, as a dashboard would receive it. Ends with 0 when events came.
#
# usage: Scripts/demo.sh [RECORD...]      after `make build`
set -euo pipefail
cd "$(dirname "$0")/.."

program="${SHINDEN:-.build/release/shinden}"
patients=4
speed=10

say() { printf '%s\n' "$*" >&2; }
fail() { say "demo: $*"; exit 1; }

[ -x "$program" ] || fail "no program at $program: run make build first"

records=("$@")
if [ ${#records[@]} = 0 ]; then
    # 12 leads at 500 Hz, the form that hospital devices record; the last lasts 74 s.
    records=(Fixtures/ptbxl/00001_hr Fixtures/ptbxl/00017_hr Fixtures/ptbxl/00039_hr Fixtures/cpsc_2018/A1389)
fi
[ ${#records[@]} -gt 0 ] || fail "no recordings under Fixtures/"

# --- processes: each is ended by this script, whatever happens -------------------------------------------------

folder=$(mktemp -d)
serve=
watch=
replay=

# ended PID SECONDS: waits until the process is gone; false after SECONDS.
ended() {
    local tick
    for ((tick = 0; tick < $2 * 10; tick++)); do
        kill -0 "$1" 2> /dev/null || return 0
        sleep 0.1
    done
    return 1
}

end_process() {
    [ -n "$1" ] || return 0
    kill -TERM "$1" 2> /dev/null || return 0
    ended "$1" 6 || kill -KILL "$1" 2> /dev/null || true
}

clean_up() {
    local status=$?
    trap - EXIT
    for process in "$replay" "$watch" "$serve"; do end_process "$process"; done
    if [ "$status" != 0 ] && [ -s "$folder/serve.log" ]; then
        say "demo: the daemon said:"
        tail -n 20 "$folder/serve.log" >&2
    fi
    rm -rf "$folder"
    exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# --- the demo --------------------------------------------------------------------------------------------------

say "Starting the daemon (research software, not a medical device)."
"$program" serve --model Models/default > /dev/null 2> "$folder/serve.log" &
serve=$!
for ((tick = 0; tick < 200; tick++)); do
    grep -qw ready "$folder/serve.log" && break
    if ! kill -0 "$serve" 2> /dev/null; then
        wait "$serve" && code=0 || code=$?
        fail "the daemon ended with exit code $code before it was ready"
    fi
    sleep 0.1
done
grep -qw ready "$folder/serve.log" || fail "the daemon was not ready within 20 s"
cat "$folder/serve.log" >&2

: > "$folder/events.log"
"$program" watch --kind diagnosis --changes > >(tee "$folder/events.log") &
watch=$!

say "Replaying ${#records[@]} recordings as $patients patients at $speed times real speed."
"$program" replay "${records[@]}" --patients "$patients" --speed "$speed" 2> "$folder/replay.log" &
replay=$!
wait "$replay" || { cat "$folder/replay.log" >&2; fail "the replay failed"; }
replay=

# The daemon sends what it still holds before it ends, and says by its exit code that it could.
kill -TERM "$serve"
ended "$serve" 10 || fail "the daemon did not end within 10 s of SIGTERM"
wait "$serve" || fail "the daemon did not end cleanly: exit code $?"
serve=

# The last events are on their way to the reader: done when nothing has come for half a second.
size=-1
calm=0
for ((tick = 0; tick < 100 && calm < 5; tick++)); do
    now=$(wc -c < "$folder/events.log")
    if [ "$now" = "$size" ]; then calm=$((calm + 1)); else calm=0; fi
    size=$now
    sleep 0.1
done
end_process "$watch"
watch=

[ -s "$folder/events.log" ] || fail "no event came"
say "Done. A line is printed where a patient's 10-second window says something else than the one before it;"
say "shinden watch without --changes prints every window. make test runs the whole suite."
