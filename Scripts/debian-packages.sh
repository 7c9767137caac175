#!/usr/bin/env bash
# Installs the Debian packages that are missing and says what each is for.
#
# usage: Scripts/debian-packages.sh GROUP...      (groups: build, test, browser, bench, profile)
# Asks for root only when something is missing. On a system without dpkg it lists what is needed and goes on.
set -euo pipefail

usage() { echo "usage: Scripts/debian-packages.sh build|test|browser|bench|profile ..." >&2; exit 64; }

# package: what it is for
packages_of() {
    case "$1" in
    build)
        echo "libzmq3-dev: ZeroMQ, which carries frames and events"
        echo "libopenblas-dev: matrix products, with which models are trained"
        echo "libsqlite3-dev: SQLite, which keeps the journal of events"
        echo "libsodium-dev: SHA-256 and BLAKE2b of models, recordings and event keys; Argon2id of passwords"
        ;;
    test)
        echo "python3-zmq: the gateway and the reader in Python that the tests run as real peers"
        echo "python3-protobuf: their messages"
        echo "protobuf-compiler: makes their message code from Protocols/"
        echo "zsh: its completions are tried in a terminal of its own"
        echo "fish: its completions are asked for"
        echo "sqlite3: copies and looks through the journal, as its page says"
        echo "strace: makes a call of the disk fail, or kills the daemon at one"
        echo "iproute2: network namespaces, in which gateway, daemon and reader have machines of their own"
        echo "faketime: a clock that shows another day, for shinden doctor"
        echo "prometheus: its promtool reads the metrics and the alert rules"
        echo "gcc-aarch64-linux-gnu: builds the encoder's arm64 form"
        echo "libc6-dev-arm64-cross: its C library"
        echo "qemu-user: runs it here"
        ;;
    browser)
        echo "chromium: the browser that the dashboard's tests look with"
        echo "chromium-driver: lets a test drive it"
        echo "fonts-noto-cjk: Japanese letters"
        echo "python3-zmq: the tests read the daemon's events beside the page"
        echo "python3-protobuf: the gateway in Python that the tutorial starts"
        echo "nginx-light: TLS and HTTP/2 before the dashboard, by the example configuration"
        ;;
    bench)
        echo "python3-venv: the environment in which ONNX Runtime and OpenVINO are installed"
        ;;
    profile)
        echo "valgrind: counts the instructions of the encoder"
        echo "binutils: takes debugging notes, which valgrind cannot read, out of the program"
        ;;
    *) usage ;;
    esac
}

[ $# -gt 0 ] || usage
wanted=$(for group in "$@"; do packages_of "$group" || exit; done)

if ! command -v dpkg-query > /dev/null; then
    echo "Not a Debian system: nothing is installed. Needed here, under Debian's names:" >&2
    echo "$wanted" >&2
    exit 0
fi

missing=()
while IFS= read -r row; do
    package=${row%%:*}
    # Read whole, not through a pipe to grep -q: a closed pipe would count as a failure.
    state=$(dpkg-query -W -f='${Status}' "$package" 2> /dev/null || true)
    if [ "$state" != "install ok installed" ]; then
        missing+=("$package")
        echo "to install: $row" >&2
    fi
done <<< "$wanted"
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo > /dev/null; then
        echo "Not root and no sudo. Run as root: apt-get install ${missing[*]}" >&2
        exit 1
    fi
    as_root=(sudo)
fi
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
