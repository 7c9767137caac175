#!/usr/bin/env bash
# Checks the types of the fuzzers against the modules that `make build` has made: `make fuzz` takes minutes, this seconds.
set -euo pipefail
cd "$(dirname "$0")/.."

build=.build/release
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
flags=(-swift-version 6 -parse-as-library -I "$build/Modules" -I "$made"
    -enable-upcoming-feature MemberImportVisibility -enable-upcoming-feature InternalImportsByDefault)
for map in Sources/C/*/module.modulemap .build/checkouts/Yams/Sources/CYaml/include/module.modulemap \
    .build/checkouts/GRDB.swift/Sources/GRDBSQLite/module.modulemap "$build"/C{Kernels,Learning}.build/module.modulemap; do
    flags+=(-Xcc "-fmodule-map-file=$map")
done
swiftc "${flags[@]}" -emit-module -module-name FuzzSupport -o "$made/FuzzSupport.swiftmodule" \
    Fuzzing/Sources/FuzzSupport/*.swift
for folder in Fuzzing/Sources/*/; do
    name=$(basename "$folder")
    [ "$name" = FuzzSupport ] || swiftc "${flags[@]}" -typecheck -module-name "$name" "$folder"*.swift
done
