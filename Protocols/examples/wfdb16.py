"""Reads a WFDB record of one signal file in format 16. Research software, not a medical device."""
import os, struct, sys
from fractions import Fraction


def read_record(path):
    """Rate in Hz, and for each signal its name, gain (units a millivolt) and baseline-free values; None = invalid."""
    with open(path + ".hea") as header:
        lines = [line.split() for line in header if line.strip() and line[0] != "#"]
    count, signals = int(lines[0][1]), []
    others = sorted({line[1] for line in lines[1:count + 1] if line[1].partition("+")[0] != "16"})
    if others:
        sys.exit(f"{path}: format {', '.join(others)}; this example reads format 16 alone, shinden replay the others")
    with open(os.path.join(os.path.dirname(path), lines[1][0]), "rb") as file:
        values = [value for (value,) in struct.iter_unpack("<h", file.read())]
    for index, line in enumerate(lines[1:count + 1]):
        gain, _, baseline = line[2].split("/")[0].partition("(")
        baseline = int(baseline.rstrip(")") or (line[4] if len(line) > 4 else 0))
        samples = [None if value == -32768 else value - baseline for value in values[index::count]]
        signals.append((line[-1].upper().replace("MLII", "II"), float(gain) or 200.0, samples))
    return Fraction(lines[0][2].split("/")[0]).limit_denominator(1000), signals
