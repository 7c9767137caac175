#!/usr/bin/env python3
"""Makes the first inputs of every fuzzer from examples, fixtures and golden files of this repository.

usage: Fuzzing/seeds.py FOLDER      one folder for each fuzzer is made in FOLDER

The inputs are small, since a fuzzer tries many small inputs in the time of one large input, and whole, so that it begins
behind the outermost checks. What the first bytes of an input mean stands in Fuzzing/Sources/NAME/NAME.swift.
"""
import json
import pathlib
import re
import struct
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def put(fuzzer, name, data):
    folder = pathlib.Path(sys.argv[1]) / fuzzer
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(bytes(data))


def chunks():
    for path in sorted((ROOT / "Protocols/examples").glob("*.hex")):
        topic, body = [bytes.fromhex(line) for line in path.read_text().split()[:2]]
        for mode in (0, 1):
            put("FuzzChunk", f"{path.stem}-{mode}", bytes([mode, len(topic)]) + topic + body)
    for encoding in range(4):
        put("FuzzChunk", f"values-{encoding}", bytes([128, encoding, 9, 4, 1, 50, 1, 16, 2, 9, 9, 3, 0, 7, 1, 0, 3, 4, 1, 2]) + bytes(range(90, 120)) * 3)
    put("FuzzChunk", "many-frames", bytes([3, 4]) + b"many" + body[:8])


def control():
    questions = [{"op": op, "request": "q1", "from": 50} for op in ("HELLO", "STATUS", "STREAMS", "LABELS")]
    texts = [json.dumps(question) for question in questions]
    texts += (ROOT / "Protocols/examples/events.jsonl").read_text().splitlines()
    texts += [path.read_text() for path in sorted((ROOT / "Protocols/examples").glob("*.json"))]
    texts += ['[-0, 1e-7, 1.5E+300, 9007199254740993, "\\ud83d\\ude00\\u0000\\n", true, false, null, {}]', "[" * 33]
    texts += ['{"ok":true,"more":true,"next":50,"request":"q","streams":[{"a":1}],"labels":[]}']
    texts += ['{"run":"1a","topicsequence":"0000000000000007","data":{"page":1,"pages":2,"heads":{"ev1._.tech._.":7}}}']
    texts += ['{"data":{"stream":"p.d.1","code":"STREAM_CLOSED","count":1,"detail":"closed: last"}}']
    for number, text in enumerate(texts):
        if len(text.encode()) <= 1200:
            put("FuzzControl", f"{number:02}", text.encode())


def record(number, header_lines, signals, split=65_535, others=(), mode=0):
    headers = [header_lines, *others]
    text = b"".join("\n".join(lines).encode() + b"\n\0" for lines in headers)
    first = bytes([len(headers) - 1 | mode << 2]) + struct.pack("<H", split)
    put("FuzzRecording", number, first + text + signals)


def signal_lines(path, name):
    """A header's lines with its signals in the file `name`, and the name of the file that they are in."""
    lines = path.read_text(errors="replace").splitlines()
    files = [line.split()[0] for line in lines[1:] if line and not line.startswith("#")]
    return [line.replace(files[0], name, 1) if line.startswith(files[0]) else line for line in lines], files[0]


def recordings():
    golden = ROOT / "Tests/RecordingsTests/golden"
    for path in sorted(golden.glob("*.hea")):
        if path.stem in ("fixed", "varied", "offset") or path.stem.startswith(("fixed_", "varied_")):
            continue
        lines, file = signal_lines(path, "d")
        record(path.stem, lines, (golden / file).read_bytes(), mode=13)
    one, two = (golden / "offset_a.dat").read_bytes(), (golden / "offset_b.dat").read_bytes()
    lines = (golden / "offset.hea").read_text().replace("offset_a.dat", "d").replace("offset_b.dat", "e").splitlines()
    record("offset", lines, one + two, len(one), mode=30)
    for stem, layout in (("fixed", None), ("varied", "varied_layout")):
        names = [f"{stem}_1", f"{stem}_2"] + ([layout] if layout else [])
        master = (golden / f"{stem}.hea").read_text()
        for name, short in zip(names, "stu"):
            master = re.sub(rf"^{name}\b", short, master, flags=re.M)
        data = [(golden / f"{name}.dat").read_bytes() for name in names[:2]]
        others = [signal_lines(golden / f"{name}.hea", file)[0] for name, file in zip(names[:2], "de")]
        others += [(golden / f"{layout}.hea").read_text().splitlines()] if layout else []
        record(stem, master.splitlines(), data[0] + data[1], len(data[0]), others, mode=20)
    for name in ("ptbxl/00001_hr", "mitdb/100_0000", "cinc2017/A00015", "ludb/8", "ptb/S0010", "cases/flat12",
                 "cases/isodate", "cases/latin1", "cases/neggain", "cases/gain0", "cases/bp", "cases/f80"):
        lines, file = signal_lines(ROOT / f"Fixtures/{name}.hea", "d")
        fields = lines[0].split()
        fields[3:4] = ["20"]
        lines[0] = " ".join(fields)
        lines = [" ".join(words[:5] + ["0", "0"] + words[7:]) if words[0] == "d" and len(words) > 6 else line
                 for line in lines for words in [line.split() or [""]]]
        record(name.replace("/", "-"), lines, (ROOT / f"Fixtures/{name}.hea").with_name(file).read_bytes()[:480], mode=7)


def annotations():
    put("FuzzAnnotations", "golden", (ROOT / "Tests/RecordingsTests/golden/annotations.atr").read_bytes())
    words = lambda *pairs: b"".join(struct.pack("<H", code << 10 | value) for code, value in pairs)
    put("FuzzAnnotations", "resolution", words((22, 0), (63, 24)) + b"## time resolution: 360\0" + words((1, 5), (0, 0)))
    put("FuzzAnnotations", "details", words((28, 9), (60, 3), (61, 1), (62, 1), (63, 3)) + b"(N\xe9\0" + words((0, 0)))
    put("FuzzAnnotations", "skip", words((59, 0), (1, 4), (5, 1), (59, 0), (0xFFFF >> 10, 1023), (0, 0)) + words((0, 0)))


def tensors():
    def file(entries, data, padding=0):
        header = json.dumps(entries).encode() + b" " * padding
        put("FuzzTensors", f"raw-{len(header)}", b"\0" + struct.pack("<Q", len(header)) + header + data)
        put("FuzzTensors", f"text-{len(header)}", b"\1" + header + b"\0" + data)

    two = struct.pack("<6f", *range(6))
    file({"a": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}}, two, 4)
    file({"__metadata__": {"ids": "x\ny", "k\"": "\u00e9"}, "text.en": {"dtype": "F32", "shape": [2, 1], "data_offsets": [0, 8]},
          "text.ja": {"dtype": "F32", "shape": [2, 1], "data_offsets": [8, 16]},
          "mean.en": {"dtype": "F32", "shape": [1], "data_offsets": [16, 20]},
          "mean.ja": {"dtype": "F32", "shape": [1], "data_offsets": [20, 24]}}, two)
    file({"b": {"dtype": "I64", "shape": [], "data_offsets": [4, 12]}, "z": {"dtype": "U8", "shape": [0, 7], "data_offsets": [0, 0]},
          "c": {"dtype": "BF16", "shape": [2], "data_offsets": [0, 4]}}, bytes(12))
    file({}, b"")


def crc32c(data):
    register = 0xFFFFFFFF
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = register >> 1 ^ (0x82F63B78 if register & 1 else 0)
    return register ^ 0xFFFFFFFF


def logs():
    def item(kind, at, rest=b""):
        body = bytes([kind]) + struct.pack("<qq", at, 1_700_000_000_000_000_000 + at) + rest
        length = struct.pack("<I", len(body))
        return length + struct.pack("<II", crc32c(length), crc32c(body)) + body

    def text(words):
        return bytes([len(words)]) + words.encode()

    def segment(number, first_entry, *items):
        header = {"bank": "b", "catalogue": "c", "first_entry": first_entry, "hop": 512, "horizon_seconds": 2,
                  "limits": {"idle_seconds": 60, "ingest_speed_max": 20, "streams_max": 10}, "model": "a",
                  "model_name": "m", "monotonic_ns": "0", "node": "n", "program": "p", "run": "00000000000000ab",
                  "segment": number, "utc_ns": "1700000000000000000"}
        words = json.dumps(header, separators=(",", ":")).encode()
        return b"shinden framelog" + struct.pack("<I", 1) + item(0, 0, words) + b"".join(items)

    parts = [b"ecg1.e5.p0001.strap-7.", bytes(range(40))]
    frame = text("tcp://127.0.0.1:7201") + text("") + bytes([len(parts)])
    frame += b"".join(struct.pack("<I", len(part)) + part for part in parts)
    many = text("") + text("peer") + struct.pack("<Q", 9)
    items = [item(1, 5, frame), item(2, 6, many), item(3, 7, b"\1"), item(5, 9)]
    whole = segment(1, 1, *items)
    both = segment(1, 1, *items[:2]) + segment(2, 3, *items[2:])
    for mode in (0, 1, 2, 3):
        put("FuzzLog", f"whole-{mode}", bytes([mode]) + whole)
        put("FuzzLog", f"both-{mode}", bytes([mode]) + both)
    bodies = [record[12:] for record in items]
    put("FuzzLog", "made", b"\x80" + b"".join(bytes([len(body)]) + body for body in bodies))
    put("FuzzLog", "torn", b"\1" + whole[:-9])
    put("FuzzLog", "command", b"\1" + segment(1, 1, item(4, 1, b"?"), item(6, 1)))


def policies():
    source = (ROOT / "Sources/Edge/PolicyFile/PolicyFile.swift").read_text()
    texts = ["\n".join(line[8:] for line in source.splitlines() if line.startswith("///     "))]
    tests = (ROOT / "Tests/PolicyFileTests/PolicyFileTests.swift").read_text()
    texts += ["version: 1\n" + text for text in re.findall(r'\("((?:statements|chains|version)[^"]*)"', tests)]
    texts += ["version: 1\nstatements: {pause: {end_seconds: 0x10, onset_seconds: 1_0.5e0}}\nchains: []", "version: 1:30",
              "version: 1\nstatements: {pause: &a {end_seconds: 1:30}, bradycardia: *a}", "version: 1:2:3:4:5:6:7:8:9:10:11:12:13",
              "version: 1\na: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n? *c\n: 1", "version: !!int \"1\"", "%YAML 1.1\n---\n- 1"]
    for number, text in enumerate(texts):
        put("FuzzPolicy", f"{number:02}", b"\0" + text.encode())
        put("FuzzPolicy", f"words-{number:02}", b"\1" + text.replace("version: 1\n", "", 1).encode("ascii", "ignore"))


def labels():
    lines = (ROOT / "Sources/Core/Findings/labels.tsv").read_text().splitlines()
    for start in range(1, 30, 3):
        put("FuzzLabels", f"{start:02}", "\n".join([lines[0]] + lines[start:start + 3]).encode() + b"\n")


for make in (chunks, control, recordings, annotations, tensors, logs, policies, labels):
    make()
