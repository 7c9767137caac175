#!/usr/bin/env bash
# The demo: a daemon on loopback, real recordings replayed as several patients at 10 times real speed, and what
# a dashboard would show: on a terminal one row a patient that changes in place, else one line for each change of
# a patient's first finding, and at the end one row a patient and the alarms. Ends with 0 when events came.
#
# usage: Scripts/demo.sh [RECORD...]      after `make build`
set -euo pipefail
export LC_ALL=C.UTF-8 # letters are counted, not bytes
cd "$(dirname "$0")/.."

program="${SHINDEN:-.build/release/shinden}"
patients=5
speed=10

say() { printf '%s\n' "$*" >&2; }
fail() { say "demo: $*"; exit 1; }

[ -x "$program" ] || fail "no program at $program: run make build first"

records=("$@")
if [ ${#records[@]} = 0 ]; then
    # 12 leads at 500 Hz, the form that hospital devices record, the last of 74 s; and two leads with ventricular flutter.
    records=(
        Fixtures/ptbxl/00001_hr Fixtures/ptbxl/00017_hr Fixtures/ptbxl/00039_hr Fixtures/cpsc_2018/A1389
        Fixtures/mitdb/207_1530
    )
fi
[ ${#records[@]} -gt 0 ] || fail "no recordings under Fixtures/"

# --- processes: each is ended by this script, whatever happens -------------------------------------------------

folder=$(mktemp -d)
serve=
watch=
dashboard=
alarms=
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
    for process in "$replay" "$watch" "$alarms" "$dashboard" "$serve"; do end_process "$process"; done
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
: > "$folder/serve.log"
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

# The pages live while the demo runs; where their port is taken the demo goes on without them.
"$program" dashboard > /dev/null 2> "$folder/dashboard.log" &
dashboard=$!
for ((tick = 0; tick < 50; tick++)); do
    grep -q 'open http' "$folder/dashboard.log" && break
    kill -0 "$dashboard" 2> /dev/null || { dashboard=; break; }
    sleep 0.1
done
address=$(grep -o 'http://[^ ]*' "$folder/dashboard.log" | head -n 1 || true)
if [ -n "$dashboard" ] && [ -n "$address" ]; then
    say "Look at it while this runs: $address in a browser on this machine."
else
    say "No dashboard: $(tail -n 1 "$folder/dashboard.log")"
fi

# --- what is shown ---------------------------------------------------------------------------------------------

# show: reads the lines of `watch` (time, patient, finding) and shows the newest of each patient. Every line is kept in
# events.log. A finding counts as changed when its words change; percentages alone change with every window.
show() {
    local -A newest=() words=() windows=()
    local patients=() time patient text plain drawn=0
    while read -r time patient text; do
        printf '%s  %s  %s\n' "$time" "$patient" "$text" >> "$folder/events.log"
        [ -n "${windows[$patient]:-}" ] || patients+=("$patient")
        windows[$patient]=$((${windows[$patient]:-0} + 1))
        newest[$patient]=$text
        plain=$(sed -E 's/[0-9.]+ ?%//g; s/;.*//' <<< "$text")
        if [ "$is_terminal" = yes ]; then
            [ "$drawn" = 0 ] || printf '\033[%dA' "$drawn"
            for patient in "${patients[@]}"; do row "$patient" "${windows[$patient]}" "${newest[$patient]}"; done
            drawn=${#patients[@]}
        elif [ "$plain" != "${words[$patient]:-}" ]; then
            words[$patient]=$plain
            row "$patient" "${windows[$patient]}" "$text"
        fi
    done
    # The last state of all, for those who read this in a file.
    if [ "$is_terminal" = no ] && [ ${#patients[@]} -gt 0 ]; then
        printf '\nIn the end:\n'
        for patient in "${patients[@]}"; do row "$patient" "${windows[$patient]}" "${newest[$patient]}"; done
    fi
}

# row PATIENT WINDOWS TEXT: one line, cut to the terminal's width; what was found comes before what it rests on.
row() {
    local line text=$3 wide
    [[ "$text" != *": "* ]] || text="${text#*: }  [${text%%: *}]"
    printf -v line '%-8s %3d windows  %s' "$1" "$2" "$text"
    if [ "$is_terminal" = yes ]; then
        # A Japanese letter takes two columns. A line that wraps would spoil the table.
        line=${line:0:$columns}
        wide=${line//[ -~]/}
        line=${line:0:$((columns - ${#wide}))}
        printf '\033[K%s\n' "$line"
    else
        printf '%s\n' "$line"
    fi
}

is_terminal=no
columns=120
if [ -t 1 ] && [ "${TERM:-dumb}" != dumb ]; then
    is_terminal=yes
    columns=$(tput cols 2> /dev/null || echo 120)
fi

: > "$folder/events.log"
mkfifo "$folder/events"
show < "$folder/events" &
shown=$!
"$program" watch --kind diagnosis > "$folder/events" &
watch=$!
"$program" watch --kind alarm > "$folder/alarms.log" 2> "$folder/alarms.words" &
alarms=$!

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
end_process "$alarms"
alarms=
wait "$shown" || true

[ -s "$folder/events.log" ] || fail "no event came"
if [ -s "$folder/alarms.log" ]; then
    printf '\nAlarms, raised by rules that follow every beat:\n'
    cat "$folder/alarms.log"
fi
say "Done: $(wc -l < "$folder/events.log") windows of 10 seconds each. \`shinden watch\` prints them all; make test runs the suite."
