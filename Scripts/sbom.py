#!/usr/bin/env python3
"""Writes what the built program is made of as CycloneDX 1.5 JSON (a software bill of materials).

usage: Scripts/sbom.py [--program .build/release/shinden] [--resolved Package.resolved]

Swift packages come from Package.resolved, which `swift build` writes; libraries from the program itself, as the dynamic
loader finds them on this machine, with the Debian packages that they belong to. A Swift package's licence is that of its row
in THIRD_PARTY.md, so that both say the same; a Debian package's is that of its copyright file. Nothing is asked of a network.

The same program on the same machine gives the same bytes: the time is that of the newest commit, or SOURCE_DATE_EPOCH.
"""

import argparse
import datetime
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import urllib.parse
import uuid

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Debian's short names of licences that SPDX spells otherwise.
SPDX = {
    "BSD-3-clause": "BSD-3-Clause",
    "BSD-2-clause": "BSD-2-Clause",
    "Expat": "MIT",
    "ISC": "ISC",
    "Apache-2.0": "Apache-2.0",
    "MIT": "MIT",
    "MPL-2.0": "MPL-2.0",
    "BSD-3-Clause": "BSD-3-Clause",
}


def run(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout
    except OSError:
        return ""


def licence(text):
    """A licence as CycloneDX has it: by its SPDX id where it has one, else by its name."""
    if text == "Apache-2.0 with Runtime Library Exception":
        return [{"expression": "Apache-2.0 WITH Swift-exception"}]
    if text in SPDX:
        return [{"license": {"id": SPDX[text]}}]
    return [{"license": {"name": text}}]


def component(name, version, purl, text, **more):
    return {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl,
            "licenses": licence(text), **more}


def swift_packages(path):
    """Each pin of Package.resolved; a package without a row in THIRD_PARTY.md ends the script."""
    table = (ROOT / "THIRD_PARTY.md").read_text()
    rows = {row[0].lower(): row[1] for row in
            re.findall(r"^\| \[([^\]]+)\][^|]*\|[^|]*\| ([^|]+?) \|", table, re.MULTILINE)}
    packages = []
    for pin in json.loads(path.read_text())["pins"]:
        name = pin["identity"]
        if name not in rows:
            sys.exit(f"sbom.py: {name} has no row in THIRD_PARTY.md; write its licence there")
        place = urllib.parse.urlparse(pin["location"])
        address = place.netloc + re.sub(r"\.git$", "", place.path)
        version = pin["state"].get("version") or pin["state"]["revision"]
        packages.append(component(
            name, version, f"pkg:swift/{address}@{version}", rows[name],
            externalReferences=[{"type": "vcs", "url": pin["location"]}],
            properties=[{"name": "shinden:revision", "value": pin["state"]["revision"]}]))
    return packages


def debian_licence(package):
    """The licence of most of a package's files, in Debian's words."""
    try:
        text = pathlib.Path(f"/usr/share/doc/{package.split(':')[0]}/copyright").read_text(errors="replace")
    except OSError:
        return "unknown"
    whole = re.search(r"^Files: \*\n(?:.*\n)*?License: *(.+)$", text, re.MULTILINE)
    first = whole or re.search(r"^License: *(.+)$", text, re.MULTILINE)
    if first:
        return first.group(1).strip()
    common = re.search(r"/usr/share/common-licenses/([A-Za-z0-9.-]+[A-Za-z0-9])", text)
    return f"as {common.group(1)}, see its copyright file" if common else "see its copyright file"


def libraries(program):
    """The shared libraries of the program by the Debian package that they belong to, and those that it asks for itself."""
    asked = set(re.findall(r"\(NEEDED\).*\[(.+)\]", run("readelf", "-d", str(program))))
    found = {}
    for soname, path in re.findall(r"^\s*(\S+) => (/\S+)", run("ldd", str(program)), re.MULTILINE):
        real = os.path.realpath(path)
        owner = ""
        # dpkg knows a file by the path that its package names, which may lead through the link of /lib to /usr/lib.
        for place in (real, path, re.sub(r"^/usr", "", real)):
            line = run("dpkg-query", "-S", place).splitlines()
            if line:
                owner = line[0].split(": ")[0].split(",")[0]
                break
        # Swift's runtime, where the program is not linked to it statically, is many files of no package.
        key = owner or ("swift-runtime" if "/swift/" in real else pathlib.Path(real).name)
        entry = found.setdefault(key, {"owner": owner, "files": [], "asked": False})
        digest = hashlib.sha256(pathlib.Path(real).read_bytes()).hexdigest()
        entry["files"].append((soname, digest))
        entry["asked"] = entry["asked"] or soname in asked
    return found


def runtime(name, properties):
    """A library that no package owns: Swift's runtime in the version of the compiler, or one of unknown origin."""
    number = re.search(r"Swift version ([0-9.]+)", run(os.environ.get("SWIFT", "swift"), "--version"))
    is_swift = name == "swift-runtime" and number
    version = number.group(1) if is_swift else "unknown"
    text = "Apache-2.0 with Runtime Library Exception" if is_swift else "unknown"
    return component(name, version, f"pkg:generic/{name}@{version}", text, properties=properties)


def system_components(program):
    components, direct = [], []
    release = dict(re.findall(r'^(\w+)="?([^"\n]*)"?$',
                              pathlib.Path("/etc/os-release").read_text(), re.MULTILINE))
    for key, entry in sorted(libraries(program).items()):
        files = sorted(entry["files"])
        properties = [{"name": "shinden:library", "value": f"{soname} sha256:{digest}"} for soname, digest in files]
        if entry["owner"]:
            fields = run("dpkg-query", "-W", "-f=${Package}\t${Version}\t${Architecture}\t${source:Package}", key)
            package, version, architecture, source = fields.split("\t")
            purl = (f"pkg:deb/{release.get('ID', 'debian')}/{package}@{urllib.parse.quote(version)}"
                    f"?arch={architecture}&distro={release.get('VERSION_CODENAME', '')}")
            one = component(package, version, purl, debian_licence(key), properties=properties)
            one["description"] = f"{', '.join(soname for soname, _ in files)} of the source package {source}"
        else:
            one = runtime(key, properties)
        components.append(one)
        if entry["asked"]:
            direct.append(one["bom-ref"])
    return components, direct


def moment():
    seconds = os.environ.get("SOURCE_DATE_EPOCH") or run("git", "-C", str(ROOT), "log", "-1", "--format=%ct").strip()
    when = datetime.datetime.fromtimestamp(int(seconds or 0), datetime.timezone.utc)
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--program", type=pathlib.Path, default=ROOT / ".build/release/shinden")
    options.add_argument("--resolved", type=pathlib.Path, default=ROOT / "Package.resolved")
    given = options.parse_args()
    for path in (given.program, given.resolved):
        if not path.is_file():
            sys.exit(f"sbom.py: {path} is not there; make build makes it")
    version = re.search(r'static let version = "([^"]+)"',
                        (ROOT / "Sources/Programs/Service/Daemon.swift").read_text()).group(1)
    packages = swift_packages(given.resolved)
    system, direct = system_components(given.program)
    reference = f"pkg:generic/shinden@{version}"
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "timestamp": moment(),
            "component": {
                "type": "application", "bom-ref": reference, "name": "shinden", "version": version,
                "purl": reference, "licenses": licence("Apache-2.0"),
                "description": "Research software, not a medical device.",
                "hashes": [{"alg": "SHA-256",
                            "content": hashlib.sha256(given.program.read_bytes()).hexdigest()}],
            },
        },
        "components": packages + system,
        "dependencies": [{"ref": reference,
                          "dependsOn": sorted([one["bom-ref"] for one in packages] + direct)}],
    }
    text = json.dumps(document, sort_keys=True)
    document["serialNumber"] = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, text)}"
    print(json.dumps(document, indent=2))


main()
