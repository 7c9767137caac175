"""Counts the instructions of the encoder's AVX2 form on a fixed input and compares them with Benchmarks/profile.tsv.

    make profile        (or, after `make build`, python3 Benchmarks/profile.py [--write])

A count does not depend on what else the machine does, so a form that became slower by more instructions shows where
times are noise. It says nothing of memory: a change that only waits longer needs `make bench`. Ends with 1 where a count
is more than 2 % off; `--write` puts the new counts into the file, for a commit that says why they changed.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "Benchmarks/profile.tsv"
TOLERANCE = 0.02
WORKS = {  # the function that does it alone -> what it does
    "profileHop": "512 samples of one stream",
    "profileStep": "32 samples of one stream",
}


def count(program):
    """{function: instructions, with those of what it calls}"""
    with tempfile.TemporaryDirectory() as folder:
        out, plain = f"{folder}/out", f"{folder}/program"
        # valgrind 3.19 stops at the debugging notes that Swift writes.
        subprocess.run(["objcopy", "--strip-debug", program, plain], check=True)
        run = subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", plain, "--form", "avx2", "--profile"],
            capture_output=True, text=True, env={**os.environ, "SWIFT_DETERMINISTIC_HASHING": "1"})
        if run.returncode != 0:
            sys.exit(f"{program} failed under valgrind:\n{run.stderr}")
        table = subprocess.run(["callgrind_annotate", "--inclusive=yes", "--threshold=100", out],
                               capture_output=True, text=True, check=True).stdout
    counts = {}
    for line in table.splitlines():
        words = line.split()
        for name in WORKS:
            # Swift's names carry the length of each word before it and the signature behind it.
            if re.search(f"{len(name)}{name}yy", line) and words[0].replace(",", "").isdigit():
                counts[name] = max(counts.get(name, 0), int(words[0].replace(",", "")))
    missing = WORKS.keys() - counts.keys()
    if missing:
        sys.exit(f"no count of {', '.join(sorted(missing))} in what valgrind wrote")
    return counts


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=str(ROOT / ".build/release/EncoderBenchmark"))
    parser.add_argument("--write", action="store_true", help="write the counts instead of comparing")
    arguments = parser.parse_args()
    counts = count(arguments.program)
    if arguments.write:
        rows = [f"{name}\t{counts[name]}\t{what}\n" for name, what in WORKS.items()]
        TABLE.write_text("function\tinstructions\twhat it does, in the AVX2 form\n" + "".join(rows))
    expected = {row.split("\t")[0]: int(row.split("\t")[1]) for row in TABLE.read_text().splitlines()[1:]}
    off = False
    for name, what in WORKS.items():
        change = counts[name] / expected[name] - 1
        off = off or abs(change) > TOLERANCE
        print(f"{what:<36}{counts[name]:>14,} instructions, {100 * change:+.2f} % of {expected[name]:,}")
    if off:
        sys.exit(f"more than {100 * TOLERANCE:.0f} % off {TABLE.relative_to(ROOT)}; where that is meant, --write and commit")


if __name__ == "__main__":
    main()
