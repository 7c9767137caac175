#!/usr/bin/env python3
"""Classifies a long recording and measures the time to its first line and the program's peak memory.

usage: Benchmarks/long_recording.py [HOURS [HERTZ]]      after `make build`; the program is $SHINDEN

The record has twelve leads in format 16: ten seconds of a real one (Fixtures/ptbxl/00017_hr), repeated, at HERTZ by name
only. It is made in a temporary folder, 156 MB for 5 hours at 360 Hz, and removed afterwards.
"""
import array
import os
import resource
import subprocess
import sys
import tempfile
import time

here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
program = os.environ.get("SHINDEN", here + "/.build/release/shinden")
hours = float(sys.argv[1]) if len(sys.argv) > 1 else 5
hertz = int(sys.argv[2]) if len(sys.argv) > 2 else 360
source = here + "/Fixtures/ptbxl/00017_hr"

with open(source + ".dat", "rb") as file:
    block = array.array("h", file.read())
count = int(hours * 3600 * hertz)
with tempfile.TemporaryDirectory() as folder:
    repeats, rest = divmod(count * 12, len(block))
    with open(folder + "/long.dat", "wb") as out:
        for _ in range(repeats):
            block.tofile(out)
        block[:rest].tofile(out)
    with open(source + ".hea") as header:
        signals = [line.split() for line in header if ".dat" in line]
    with open(folder + "/long.hea", "w") as out:
        out.write("long 12 %d %d\n" % (hertz, count))
        for lead, fields in enumerate(signals):
            total = (sum(block[lead::12]) * repeats + sum(block[:rest][lead::12])) % 65536
            out.write(" ".join(["long.dat", "16", fields[2], "16", "0", str(block[lead]), str(total), "0", fields[-1]]) + "\n")
    start = time.monotonic()
    run = subprocess.Popen([program, "classify", folder + "/long"], stdout=subprocess.PIPE, cwd=here)
    run.stdout.readline()
    first = time.monotonic() - start
    lines = 1 + sum(1 for _ in run.stdout)
    code = run.wait()
    whole = time.monotonic() - start
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    cpu = resource.getrusage(resource.RUSAGE_CHILDREN)
    print("%.2f h, 12 leads, %d Hz, %.0f MB: exit %d, %d lines" % (hours, hertz, count * 24 / 1e6, code, lines))
    print("first line after %.2f s, all after %.1f s (%.1f s of processor), at most %.0f MB"
          % (first, whole, cpu.ru_utime + cpu.ru_stime, peak))
