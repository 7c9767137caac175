#!/usr/bin/env bash
# Puts the built program in place, with the default model, the shells' completions and a systemd unit, or takes exactly
# that away again.
#
# usage: Scripts/install.sh install PREFIX      after `make build`
#        Scripts/install.sh uninstall PREFIX
#
# What is installed, below PREFIX:
#   bin/shinden
#   share/shinden/models/default/                       the model, which the program finds from its own place
#   share/doc/shinden/                                  licences and attributions
#   share/bash-completion/completions/shinden
#   share/zsh/site-functions/_shinden
#   share/fish/vendor_completions.d/shinden.fish
#   lib/systemd/system/shinden.service
#   share/shinden/installed                             this list, by which `uninstall` goes
# With DESTDIR set, as packagers do, everything goes below it, and PREFIX is where it will be.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() { echo "usage: Scripts/install.sh install|uninstall PREFIX" >&2; exit 64; }
[ $# = 2 ] || usage
case "$2" in
/*) prefix=${2%/} ;;
*) echo "PREFIX \"$2\" is not an absolute path; give one, for example PREFIX=/usr/local" >&2; exit 64 ;;
esac
root="${DESTDIR:-}$prefix"
list="$root/share/shinden/installed"
program="${SHINDEN:-.build/release/shinden}"

# make_folder FOLDER: makes it with all above it, and lists those that were not there, the highest first.
make_folder() {
    [ -d "$1" ] && return
    make_folder "$(dirname "$1")"
    mkdir "$1"
    created+=("$1")
}

# put MODE FILE PLACE: copies FILE to PLACE below the prefix.
put() {
    make_folder "$(dirname "$root/$3")"
    install -m "$1" "$2" "$root/$3"
    placed+=("$root/$3")
}

install_all() {
    [ -x "$program" ] || { echo "no program at $program: run make build first" >&2; exit 66; }
    [ ! -e "$list" ] || uninstall_all
    made=$(mktemp -d)
    trap 'rm -rf "$made"' EXIT
    created=()
    placed=()
    put 755 "$program" bin/shinden
    for file in Models/default/*; do put 644 "$file" "share/shinden/models/default/$(basename "$file")"; done
    for file in LICENSE THIRD_PARTY.md; do put 644 "$file" "share/doc/shinden/$file"; done
    for shell in bash zsh fish; do "$program" --generate-completion-script "$shell" > "$made/$shell"; done
    put 644 "$made/bash" share/bash-completion/completions/shinden
    put 644 "$made/zsh" share/zsh/site-functions/_shinden
    put 644 "$made/fish" share/fish/vendor_completions.d/shinden.fish
    sed "s|@PREFIX@|$prefix|g" Scripts/shinden.service > "$made/unit"
    put 644 "$made/unit" lib/systemd/system/shinden.service
    # Files first, then folders from the deepest up: the order in which they are taken away.
    {
        printf 'file %s\n' "${placed[@]#"${DESTDIR:-}"}"
        printf 'folder %s\n' "${created[@]#"${DESTDIR:-}"}" | tac
    } > "$list"
    echo "shinden is installed: $prefix/bin/shinden" >&2
}

uninstall_all() {
    [ -e "$list" ] || { echo "nothing is installed below $root: there is no $list" >&2; exit 66; }
    entries=$(cat "$list")
    rm -f "$list"
    while read -r kind path; do
        case "$kind" in
        file) rm -f "${DESTDIR:-}$path" ;;
        # A folder that holds something else by now stays.
        folder) rmdir "${DESTDIR:-}$path" 2> /dev/null || true ;;
        esac
    done <<< "$entries"
}

case "$1" in
install) install_all ;;
uninstall)
    uninstall_all
    echo "shinden is taken away from $prefix" >&2
    ;;
*) usage ;;
esac
