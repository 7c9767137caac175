#!/usr/bin/env python3
"""Makes records of random forms and what wfdb reads in them, for a comparison at large.

    VENV/bin/python Tests/RecordingsTests/golden/random_records.py FOLDER [COUNT [SEED]]
    SHINDEN_GOLDEN=FOLDER swift test ... --filter GoldenFormatTests

Each record has one or two signal files of a random format, one to four signals in a file, random samples per frame,
skews, byte offsets, gains, baselines and units. Skews stand only where a frame has one sample of the signal: wfdb 4.3.1
marks too few samples as missing otherwise. Records that wfdb cannot read are left out.
"""
import json
import math
import os
import random
import struct
import sys

import wfdb

from make import bits, checksum, pack, values, write


def packed(fmt, flat):
    """The bytes of samples in a row, in any format but 8."""
    if fmt == 24:
        return b"".join(struct.pack("<i", value)[:3] for value in flat)
    if fmt == 32:
        return struct.pack("<%di" % len(flat), *flat)
    if fmt == 80:
        return bytes(value + 128 for value in flat)
    if fmt == 212:
        out = b""
        for at in range(0, len(flat), 2):
            two = flat[at : at + 2]
            x, y = (bits(value, 12) for value in two + [0] * (2 - len(two)))
            out += bytes([int(x[4:], 2), int(y[:4] + x[:4], 2), int(y[4:], 2)])[: 3 if len(two) == 2 else 2]
        return out
    return pack(fmt, [flat])


def make(name, frames, dice):
    lines, files, number = [], {}, 0
    for file_number in range(dice.randint(1, 2)):
        fmt = dice.choice([16, 24, 32, 61, 80, 160, 212, 310, 311])
        file = "%s_%d.dat" % (name, file_number)
        per_frame = [dice.choice([1, 1, 1, 2, 3, 4]) for _ in range(dice.randint(1, 4))]
        signals = [values(fmt, max(9, frames * n), dice.random())[: frames * n] for n in per_frame]
        flat = []
        for frame in range(frames):
            for n, signal in zip(per_frame, signals):
                flat += signal[frame * n : frame * n + n]
        offset = dice.choice([0, 0, 24, 7])
        files[file] = bytes(offset) + packed(fmt, flat)
        for n, signal in zip(per_frame, signals):
            skew = dice.choice([0, 0, 0, 1, 5]) if n == 1 else 0
            form = "%d%s%s%s" % (fmt, "x%d" % n if n > 1 else "", ":%d" % skew if skew else "", "+%d" % offset if offset else "")
            gain = dice.choice(["200", "0", "100.5", "-150", "1e3", "4000", "0.25", "2.5e-1"])
            gain += dice.choice(["", "(%d)" % dice.randint(-500, 500)]) + dice.choice(["", "/mV", "/uV", "/mmHg", "/V", "/NU"])
            lines.append("%s %s %s %d %d %d %d 0 S%d x" % (
                file, form, gain, dice.choice([0, 12, 16]), dice.choice([0, 0, 10, -300]), signal[0], checksum(signal), number))
            number += 1
    rate = dice.choice(["250", "360", "62.4725", "128.5", "1000", "500/250", "360/360(0)", "125.0"])
    write(name, "%s %d %s %d%s" % (name, number, rate, frames, dice.choice(["", " 10:20:30", " 1:2:3.25 01/02/2003"])), lines, files)


def main():
    folder = os.path.abspath(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 400
    dice = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    os.makedirs(folder, exist_ok=True)
    os.chdir(folder)
    expected = {}
    for number in range(count):
        name = "r%04d" % number
        make(name, dice.randint(2, 90), dice)
        try:
            record = wfdb.rdrecord(name, smooth_frames=False)
        except Exception as error:
            print(name, "is left out:", error)
            continue
        signals = record.e_p_signal if isinstance(record.e_p_signal, list) else list(record.p_signal.T)
        expected[name] = {
            "hertz": record.fs, "names": record.sig_name, "units": [unit or "mV" for unit in record.units],
            "values": [[None if math.isnan(value) else float(value) for value in signal] for signal in signals],
        }
    with open("expected.json", "w") as out:
        json.dump(expected, out)
    print(len(expected), "records, wfdb", wfdb.__version__)


if __name__ == "__main__":
    main()
