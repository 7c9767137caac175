#!/usr/bin/env python3
"""Gathers the fixtures from the unpacked sets: copies records as they are, cuts excerpts of MIT-BIH records.

    Fixtures/gather.py SETS [TARGET]

SETS holds the folders ptbxl, ptbxl100, challenge, mitdb, ludb and cinc2017. Every record's WFDB checksums are
verified on the way; an excerpt gets its own first values and checksums, and a comment that says what it is.
"""
import os
import shutil
import sys

# Folder here, folder in the sets, records.
COPIES = [
    ("ptbxl", "ptbxl/records500/{thousand:05d}", [f"{n:05d}_hr" for n in (
        1, 17, 39, 45, 96, 139, 141, 177, 190, 195, 219, 279, 461, 1021)]),
    ("ptbxl100", "ptbxl100/records100/{thousand:05d}", [
        f"{n:05d}_lr" for n in (1, 45, 177, 279, 10128, 21005)]),
    ("ptb", "challenge/ptb", ["S0001", "S0010"]),
    ("georgia", "challenge/georgia", ["E00001"]),
    ("cpsc_2018", "challenge/cpsc_2018", ["A0002", "A1389"]),
    ("chapman_ningbo", "challenge/chapman_ningbo", ["JS20004"]),
    ("ludb", "ludb", ["8"] + [str(n) for n in range(20, 201, 20)]),
    ("cinc2017", "cinc2017", ["A00015"]),
]
# Files of a record beside header and samples: where each lead's waves begin and end.
BESIDE = {"ludb": ".i .ii .iii .avr .avl .avf .v1 .v2 .v3 .v4 .v5 .v6".split()}
# Record of mitdb, first second, seconds.
EXCERPTS = [("100", 0, 60), ("100", 1440, 180), ("119", 0, 60), ("203", 30, 90), ("207", 1530, 90),
            ("217", 60, 60), ("231", 90, 90)]


def header(path):
    """The fields of the record line, those of the signal lines, and the comment lines."""
    with open(path, encoding="utf-8") as file:
        lines = [line.rstrip("\r\n") for line in file]
    comments = [line for line in lines if line.startswith("#")]
    lines = [line.split() for line in lines if line and not line.startswith("#")]
    return lines[0], lines[1:], comments


def samples(data, form):
    """The interleaved stored values of a whole signal file."""
    if form == "16":
        values = [data[i] | data[i + 1] << 8 for i in range(0, len(data), 2)]
        return [v - 65536 if v > 32767 else v for v in values]
    values = []
    for i in range(0, len(data), 3):
        low, middle, high = data[i:i + 3]
        values += [low | (middle & 15) << 8, high | (middle >> 4) << 8]
    return [v - 4096 if v > 2047 else v for v in values]


def signed16(value):
    """The low 16 bits as WFDB writes a checksum."""
    return (value + 32768) % 65536 - 32768


def verify(path):
    """Raises ValueError where a checksum, first value or length differs from the header at `path`."""
    record, signals, _ = header(path)
    with open(os.path.join(os.path.dirname(path), signals[0][0]), "rb") as file:
        values = samples(file.read(), signals[0][1])
    if len(values) != len(signals) * int(record[3]):
        raise ValueError(f"{path}: {len(values)} samples")
    for index, signal in enumerate(signals):
        channel = values[index::len(signals)]
        if channel[0] != int(signal[5]) or signed16(sum(channel)) != signed16(int(signal[6])):
            raise ValueError(f"{path}: first value or checksum of {signal[8]}")


def cut(source, start, seconds, target):
    """Writes `seconds` from `start` of the two-channel format-212 record `source` as the record `target`."""
    record, signals, comments = header(source + ".hea")
    rate = int(record[2])
    count = seconds * rate
    with open(source + ".dat", "rb") as file:
        file.seek(start * rate * 3)
        data = file.read(count * 3)
    values = samples(data, "212")
    name = os.path.basename(target)
    lines = [f"{name} {len(signals)} {rate} {count}"]
    for index, signal in enumerate(signals):
        channel = values[index::len(signals)]
        lines.append(" ".join(
            [f"{name}.dat"] + signal[1:5] + [str(channel[0]), str(signed16(sum(channel)))] + signal[7:]))
    lines += comments + [f"# Excerpt: {seconds} s of record {record[0]} from second {start}"]
    with open(target + ".hea", "w", encoding="utf-8", newline="\n") as file:
        file.write("\n".join(lines) + "\n")
    with open(target + ".dat", "wb") as file:
        file.write(data)


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    sets = sys.argv[1]
    fixtures = sys.argv[2] if len(sys.argv) == 3 else os.path.dirname(os.path.abspath(__file__))
    for folder, place, records in COPIES:
        os.makedirs(os.path.join(fixtures, folder), exist_ok=True)
        for record in records:
            thousand = int(record[:5]) // 1000 * 1000 if "{" in place else 0
            for ending in [".hea", ".dat"] + BESIDE.get(folder, []):
                shutil.copyfile(
                    os.path.join(sets, place.format(thousand=thousand), record + ending),
                    os.path.join(fixtures, folder, record + ending))
            verify(os.path.join(fixtures, folder, record + ".hea"))
    os.makedirs(os.path.join(fixtures, "mitdb"), exist_ok=True)
    for record, start, seconds in EXCERPTS:
        verify(os.path.join(sets, "mitdb", record + ".hea"))
        target = os.path.join(fixtures, "mitdb", f"{record}_{start:04d}")
        cut(os.path.join(sets, "mitdb", record), start, seconds, target)
        verify(target + ".hea")


if __name__ == "__main__":
    main()
