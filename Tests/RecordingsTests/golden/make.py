#!/usr/bin/env python3
"""Makes the golden records of this folder and what the Python package wfdb reads in them.

    python3 -m venv VENV; VENV/bin/pip install wfdb==4.3.1; VENV/bin/python Tests/RecordingsTests/golden/make.py

Formats 80, 16, 212, 24 and 32 are written by wfdb itself (wrsamp). The others, and the forms of header that wrsamp
does not write, are packed by the functions below, which follow PhysioNet's signal(5) and header(5) and share nothing
with the Swift reader. Each record is then read by wfdb; expected.json holds its physical values, null where it has
none. A record whose values wfdb reads otherwise than they were packed stops the script.
"""
import json
import math
import os
import random
import struct

import numpy as np
import wfdb

HERE = os.path.dirname(os.path.abspath(__file__))
RANGES = {8: 10, 16: 16, 24: 24, 32: 32, 61: 16, 80: 8, 160: 16, 212: 12, 310: 10, 311: 10}


def values(fmt, count, seed, with_invalid=True):
    """Numbers over the whole range of a format, its ends among them, and some of its invalid code."""
    dice = random.Random(seed)
    bits = RANGES[fmt]
    low, high = -(2 ** (bits - 1)) + 1, 2 ** (bits - 1) - 1
    if fmt == 8:
        signal, level = [], 0
        for _ in range(count):
            level += dice.randint(-128, 127)
            signal.append(level)
        return signal
    # The reader keeps a value less its baseline in 32 bits, so that the last thousand of format 32 is cut off.
    margin = 1000 if fmt == 32 else 0
    signal = [dice.randint(low + margin, high - margin) for _ in range(count)]
    signal[1], signal[2] = low + margin, high - margin
    if with_invalid:
        for at in dice.sample(range(3, count), 5):
            signal[at] = low - 1
    return signal


# --- packers ---------------------------------------------------------------------------------------------------


def bits(value, width):
    """Two's complement as a string, the highest bit first."""
    return format(value & (2 ** width - 1), "0%db" % width)


def pack(fmt, rows):
    """The bytes of interleaved samples, by way of strings of bits: slow and obvious."""
    flat = [value for row in rows for value in row]
    if fmt == 8:
        before = list(rows[0])
        out = []
        for row in rows:
            out += [value - last for value, last in zip(row, before)]
            before = list(row)
        return struct.pack("%db" % len(out), *out)
    if fmt == 61:
        return struct.pack(">%dh" % len(flat), *flat)
    if fmt == 160:
        return struct.pack("<%dH" % len(flat), *[value + 32768 for value in flat])
    if fmt == 16:
        return struct.pack("<%dh" % len(flat), *flat)
    out = b""
    for at in range(0, len(flat), 3):
        three = flat[at : at + 3]
        a, b, c = (bits(value, 10) for value in three + [0] * (3 - len(three)))
        if fmt == 310:
            # A word: the five bits of the third sample, ten of its own sample, one that means nothing.
            whole = [int(c[5:] + a + "0", 2), int(c[:5] + b + "0", 2)]
            four = struct.pack("<2H", *whole)
            least = {1: 2, 2: 4, 3: 4}[len(three)]
        else:
            four = struct.pack("<I", int("00" + c + b + a, 2))
            least = {1: 2, 2: 4, 3: 4}[len(three)]
        out += four[:least]
    return out


def write(name, record_line, signal_lines, files, comments=()):
    with open(name + ".hea", "w") as header:
        header.write("\n".join([record_line, *signal_lines, *["#" + c for c in comments]]) + "\n")
    for file, content in files.items():
        with open(file, "wb") as out:
            out.write(content)


def checksum(signal):
    total = sum(signal) % 65536
    return total - 65536 if total > 32767 else total


def line(file, fmt, gain, signal, name, zero=0):
    return "%s %s %s %d %d %d %d 0 %s" % (
        file, fmt, gain, 16, zero, signal[0], checksum(signal), name)


# --- records ---------------------------------------------------------------------------------------------------

made = {}


def packed(fmt, channels, count):
    name = "f%d_%d" % (fmt, channels)
    signals = [values(fmt, count, 100 * fmt + channel) for channel in range(channels)]
    rows = list(zip(*signals))
    gains = ["200(%d)/mV" % (7 * channel) for channel in range(channels)]
    names = ["II", "V1", "V5"]
    write(name, "%s %d 250 %d" % (name, channels, count),
          [line(name + ".dat", fmt, gain, signal, lead) for gain, signal, lead in zip(gains, signals, names)],
          {name + ".dat": pack(fmt, rows)})
    invalid = -(2 ** (RANGES[fmt] - 1)) if fmt != 8 else None
    made[name] = [[None if value == invalid else (value - 7 * channel) / 200 for value in signal]
                  for channel, signal in enumerate(signals)]


def written(fmt, channels, count):
    name = "w%d_%d" % (fmt, channels)
    signals = [values(fmt, count, 1000 * fmt + channel) for channel in range(channels)]
    baselines = [11 * channel - 5 for channel in range(channels)]
    wfdb.wrsamp(name, fs=360, units=["mV"] * channels, sig_name=["II", "V1", "V5"][:channels],
                d_signal=np.array(signals, dtype="int64").T, fmt=[str(fmt)] * channels,
                adc_gain=[400.0] * channels, baseline=baselines)
    invalid = -(2 ** (RANGES[fmt] - 1))
    made[name] = [[None if value == invalid else (value - baseline) / 400 for value in signal]
                  for signal, baseline in zip(signals, baselines)]


def forms():
    """Forms of header that long recordings and monitors have."""
    count = 60
    # Samples per frame: 4 of II, 1 of RESP, 2 of V1; another gain each, RESP in ohms.
    ii, v1, resp = values(16, 4 * count, 1), values(16, 2 * count, 2), values(16, count, 3)
    rows = [ii[4 * n : 4 * n + 4] + [resp[n]] + v1[2 * n : 2 * n + 2] for n in range(count)]
    write("frames", "frames 3 62.4725 %d 10:20:30.5 01/02/2003" % count,
          [line("frames.dat", "16x4", "200/mV", ii, "II"), line("frames.dat", "16", "10/Ohm", resp, "RESP"),
           line("frames.dat", "16x2", "-100(50)/mV", v1, "V1")],
          {"frames.dat": pack(16, rows)})
    made["frames"] = [[None if v == -32768 else v / 200 for v in ii], [None if v == -32768 else v / 10 for v in resp],
                      [None if v == -32768 else -(v - 50) / 100 for v in v1]]
    # Skew of whole frames: the first sample of V1 stands in frame 3 of the file; its last ones lie beyond the end.
    a, b = values(16, count, 4, False), values(16, count, 5, False)
    write("skew", "skew 2 250 %d" % count,
          [line("skew.dat", "16", "200/mV", a, "II"), line("skew.dat", "16:3", "200/mV", b, "V1")],
          {"skew.dat": pack(16, list(zip(a, b)))})
    made["skew"] = [[v / 200 for v in a], [v / 200 for v in b[3:]] + [None] * 3]
    # A byte offset, and a second file of another format.
    c, d = values(16, count, 6), values(212, count, 7)
    twelve = b""
    for at in range(0, count, 2):
        x, y = bits(d[at], 12), bits(d[at + 1], 12)
        twelve += bytes([int(x[4:], 2), int(y[:4] + x[:4], 2), int(y[4:], 2)])
    write("offset", "offset 2 500 %d" % count,
          [line("offset_a.dat", "16+24", "1000/mV", c, "I"), line("offset_b.dat", "212", "200(1024)/mV", d, "aVF", 1024)],
          {"offset_a.dat": bytes(24) + pack(16, [[v] for v in c]), "offset_b.dat": twelve})
    made["offset"] = [[None if v == -32768 else v / 1000 for v in c], [None if v == -2048 else (v - 1024) / 200 for v in d]]


def segmented():
    """Segments with a fixed and with a variable layout, which has a gap between them."""
    parts = []
    for number, count in enumerate([40, 25], 1):
        one, two = values(16, count, 20 + number), values(16, count, 30 + number)
        name = "fixed_%d" % number
        write(name, "%s 2 250 %d" % (name, count),
              [line(name + ".dat", "16", "200/mV", one, "II"), line(name + ".dat", "16", "200/mV", two, "V1")],
              {name + ".dat": pack(16, list(zip(one, two)))})
        parts.append((one, two))
    write("fixed", "fixed/2 2 250 65 08:00:00 24/12/1999", ["fixed_1 40", "fixed_2 25"], {})
    made["fixed"] = [[None if v == -32768 else v / 200 for v in parts[0][k] + parts[1][k]] for k in (0, 1)]

    write("varied_layout", "varied_layout 3 250 0",
          ["~ 0 200/mV 0 0 0 0 0 II", "~ 0 200/mV 0 0 0 0 0 V1", "~ 0 1/mmHg 0 0 0 0 0 ABP"], {})
    ii, bp = values(16, 30, 41), values(16, 30, 42)
    write("varied_1", "varied_1 2 250 30",
          [line("varied_1.dat", "16", "200/mV", ii, "II"), line("varied_1.dat", "16", "1/mmHg", bp, "ABP")],
          {"varied_1.dat": pack(16, list(zip(ii, bp)))})
    # In this segment II has another gain.
    v1, again = values(16, 20, 43), values(16, 20, 44)
    write("varied_2", "varied_2 2 250 20",
          [line("varied_2.dat", "16", "500/mV", v1, "V1"), line("varied_2.dat", "16", "400/mV", again, "II")],
          {"varied_2.dat": pack(16, list(zip(v1, again)))})
    write("varied", "varied/4 3 250 65", ["varied_layout 0", "varied_1 30", "~ 15", "varied_2 20"], {})

    def of(signal, gain):
        return [None if v == -32768 else v / gain for v in signal]

    made["varied"] = [of(ii, 200) + [None] * 15 + of(again, 400), [None] * 45 + of(v1, 500), of(bp, 1) + [None] * 35]


def main():
    os.chdir(HERE)
    for fmt, channels, count in [(8, 2, 100), (61, 3, 50), (160, 2, 50), (310, 1, 100), (310, 2, 100), (310, 3, 50),
                                 (311, 1, 100), (311, 2, 100), (311, 3, 50)]:
        packed(fmt, channels, count)
    for fmt, channels, count in [(16, 2, 50), (24, 2, 50), (32, 2, 50), (80, 3, 50), (212, 3, 51)]:
        written(fmt, channels, count)
    forms()
    segmented()

    expected = {}
    for name, wanted in made.items():
        record = wfdb.rdrecord(name, smooth_frames=False)
        if isinstance(record.e_p_signal, list):
            read = record.e_p_signal
        else:
            read = list(record.p_signal.T)
        read = [[None if math.isnan(v) else float(v) for v in signal] for signal in read]
        assert len(read) == len(wanted), name
        for mine, theirs in zip(wanted, read):
            assert len(mine) == len(theirs), (name, len(mine), len(theirs))
            for at, (a, b) in enumerate(zip(mine, theirs)):
                assert (a is None) == (b is None) and (a is None or abs(a - b) <= 1e-12 * max(1, abs(a))), (name, at, a, b)
        expected[name] = {"hertz": record.fs, "names": record.sig_name, "units": record.units, "values": read}
    with open("expected.json", "w") as out:
        out.write("{\n" + ",\n".join(json.dumps(name) + ": " + json.dumps(facts) for name, facts in expected.items()) + "\n}\n")
    print(len(expected), "records, wfdb", wfdb.__version__)


if __name__ == "__main__":
    main()
