#!/usr/bin/python3
"""Makes the example frames (*.hex with their *.json), worked-key.json and events.jsonl that the tests verify.

An implementation of its own, so that the program is checked against something else than itself. From the
repository's root: /usr/bin/python3 Protocols/examples/make.py (python3-protobuf, protobuf-compiler).
Research software, not a medical device.
"""
import hashlib, json, os, struct, subprocess, sys, tempfile, zlib
from decimal import Decimal, ROUND_HALF_EVEN

HERE = os.path.dirname(os.path.abspath(__file__))
with tempfile.TemporaryDirectory() as scratch:
    subprocess.run(["protoc", "--proto_path=" + HERE + "/..", "--python_out=" + scratch, "gateway.proto"], check=True)
    sys.path.insert(0, scratch)
    import gateway_pb2 as pb


def crc32c(data):
    register = 0xFFFFFFFF
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = register >> 1 ^ (0x82F63B78 if register & 1 else 0)
    return register ^ 0xFFFFFFFF


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def encode(values, encoding):
    if encoding == pb.DELTA_ZIGZAG_VARINT:
        data, previous = bytearray(), 0
        for value in values:
            rest, previous = ((value - previous) << 1) ^ ((value - previous) >> 63), value
            while rest >= 128:
                data.append(rest & 127 | 128)
                rest >>= 7
            data.append(rest)
        return bytes(data)
    return struct.pack("<%d%s" % (len(values), {pb.INT16_LE: "h", pb.INT32_LE: "i", pb.FLOAT32_LE: "f"}[encoding]), *values)


def single(value):
    return struct.unpack("<f", struct.pack("<f", value))[0]


def frames(name, encoding, leads, rate=(500, 1), gain=1000.0, crc=False, extra=b"", **fields):
    """leads: {number: (values, {field: value})}; writes name.hex, one frame a line, and name.json."""
    chunk = pb.LeadChunk(schema=1, patient="p0001", device="strap-7", epoch=0x0123456789ABCDEF, seq=3,
                         rate_num=rate[0], rate_den=rate[1], nv_per_lsb=gain, encoding=encoding, **fields)
    expected = {}
    for number, (values, marks) in leads.items():
        chunk.sample_count = len(values)
        chunk.leads.add(lead=number, data=encode(values, encoding), **marks)
        pairs = list(marks.get("invalid", [])) + list(marks.get("saturated", []))
        gone = {i for at, n in zip(pairs[::2], pairs[1::2]) for i in range(at, at + n)}
        if marks.get("contact") == pb.CONTACT_OFF:
            gone = set(range(len(values)))
        if number in pb.Lead.values():
            lead = pb.Lead.Name(number)
            lead = "a" + lead[1:-1] + lead[-1] if lead in ("AVR", "AVL", "AVF") else lead
            expected[lead] = [None if i in gone else single(v * gain / 1e6) for i, v in enumerate(values)]
    body = chunk.SerializeToString() + extra
    topic = b"ecg1.%02x.p0001.strap-7." % (zlib.crc32(b"p0001") >> 24)
    parts = [topic, body] + ([struct.pack("<I", crc32c(topic + b"\0" + body))] if crc else [])
    facts = {"patient": "p0001", "device": "strap-7", "epoch": "0123456789abcdef", "seq": 3, "track": chunk.track,
             "first_sample": chunk.first_sample, "sample_count": chunk.sample_count, "rate": list(rate),
             "gateway_time_ns": chunk.gateway_time_ns or None, "last": chunk.last,
             "derived": [n for n, (_, m) in zip(expected, leads.values()) if m.get("derived")],
             "unknown_leads": len(leads) - len(expected), "millivolts": expected}
    with open(os.path.join(HERE, name + ".hex"), "w") as file:
        file.write("".join(part.hex() + "\n" for part in parts))
    with open(os.path.join(HERE, name + ".json"), "w") as file:
        file.write(json.dumps(facts, indent=1, sort_keys=True).replace("\n   ", " ").replace("\n  ]", " ]") + "\n")


frames("int16", pb.INT16_LE, {pb.I: ([-32768, -1, 0, 1, 32767], {}), pb.II: ([10, 20, 30, 40, 50], {})},
       first_sample=1000)
frames("int32-crc", pb.INT32_LE, {pb.V1: ([2**31 - 1, -2**31, 7, -7, 100000], {"invalid": [0, 2]})}, crc=True,
       gain=4.8828125, rate=(130, 1), first_sample=2**40)
frames("float32", pb.FLOAT32_LE, {
    pb.CHEST_STRAP: ([0.5, float("nan"), -2.25, 1e9, 3.0], {"invalid": [1, 1], "saturated": [3, 1], "pacer_spikes": [0, 4]}),
    pb.PATCH: ([1.0, 2.0, 3.0, 4.0, 5.0], {"contact": pb.CONTACT_OFF})}, rate=(65615, 128), gain=1.0)
wave = [0, 3, -4, 70, 900, -350, 8, 8, 9, 12]
frames("delta", pb.DELTA_ZIGZAG_VARINT, {
    number: ([value * (k - 5) for value in wave], {"derived": True} if number == pb.III else {"contact": pb.CONTACT_ON})
    for k, number in enumerate([1, 2, 61, 62, 63, 64, 3, 4, 5, 6, 7, 8])},
       gain=1e6 / 205, rate=(1000, 1), first_sample=20, track=2, gateway_time_ns=1_000_000_029, last=True,
       device_time_ns=-5, device_clock=pb.CLOCK_MONOTONIC, battery_percent=87, rssi_dbm=-61,
       acquisition=pb.Acquisition(high_pass_hz=0.05, low_pass_hz=150, manufacturer="Example", clip_low=-32768))
# A lead and a field (number 40, a varint) of a later minor version: the lead is left out, the field ignored.
frames("later-version", pb.INT16_LE, {pb.V6: ([1, -2, 3], {}), 900: ([4, 5, 6], {})}, rate=(128, 1),
       extra=bytes([0xC0, 0x02, 0x01]))


def waveforms():
    """Two messages of waveforms, topic and body in turn, as waves.hex, and what they say as waves.json."""
    lines, facts = [], []
    for band, leads, derived, flags, number in (("m", [1], [], 0, 1), ("d", [0, 1, 2, 6], [2], 1, 2**32 - 1)):
        step, count = (2, 50) if band == "m" else (1, 100)
        values = [[(-1) ** n * (37 * n * (lead + 3) % 32768) for n in range(count)] for lead in leads]
        values[0][3:5] = [-32768, -32768]  # two samples that were not received
        start, utc, epoch = 100 * (2**32 + 7), 1767322985678, 0x0123456789ABCDEF
        body = struct.pack("<BBBBHHH", 1, 1 if band == "m" else 2, step, flags, count, sum(1 << n for n in leads),
                           sum(1 << n for n in derived)) + utc.to_bytes(6, "little")
        body += struct.pack("<QQI", start, epoch, number) + b"".join(struct.pack("<%dh" % count, *v) for v in values)
        topic = "wv1._.%s.p0001." % band
        lines += [topic.encode().hex(), body.hex()]
        facts.append({"topic": topic, "band": band, "leads": leads, "derived": derived, "patch": flags == 1,
                      "number": number, "start": start, "utc_ms": utc, "epoch": "%016x" % epoch, "values": values})
    with open(os.path.join(HERE, "waves.hex"), "w") as file:
        file.write("\n".join(lines) + "\n")
    with open(os.path.join(HERE, "waves.json"), "w") as file:
        file.write(canonical(facts) + "\n")


waveforms()


def places(value, count=4):
    return float(Decimal(value).quantize(Decimal(1).scaleb(-count), ROUND_HALF_EVEN))


def event_id(key):
    return hashlib.sha256(canonical(key).encode()).hexdigest()[:32]


with open(os.path.join(HERE, "../../Sources/Core/Findings/labels.tsv"), encoding="utf-8") as table:
    rows = [line.rstrip("\n").split("\t") for line in table]
catalogue = {row[0]: dict(zip(rows[0], row)) for row in rows[1:]}
STREAM = "p0001.strap-7.0123456789abcdef"
RUN = "0a1b2c3d4e5f6071"  # of the daemon that said them
REVISIONS = {"model": "00112233aabbccdd", "bank": "8899aabbccddeeff", "catalogue": "0f1e2d3c4b5a6978"}
INTERVALS = "pr qrs qt qtc_bazett qtc_fridericia st".split()
NAMES = "I II III aVR aVL aVF V1 V2 V3 V4 V5 V6".split()
HEAD = {"patient": "p0001", "device": "strap-7", "stream": STREAM, "schema": 1}


def ranked(statement, similarity, probability):
    row = catalogue[statement]
    return {"id": statement, "en": row["en"], "ja": row["ja"], "similarity": places(similarity),
            "probability": None if probability is None else places(probability)}


def event(kind, key, data, time):
    return {"data": data, "id": event_id(key), "subject": data["patient"], "time": time, "type": "shinden.%s.v1" % kind}


key = ["diagnosis", STREAM, 5120] + [REVISIONS[k] for k in ("model", "bank", "catalogue")]
joined_key = key[:2] + [10240] + key[3:] + [10007]
first, second, third = rows[1][0], rows[2][0], rows[3][0]
DEAD = {"I": "flat", "II": "range", "V1": "flat", "V2": "off"}
events = [
    event("diagnosis", key, {
        **HEAD, **REVISIONS, "delayed": False, "quality": "good",
        "window_withheld": None, "leads_used": ["I", "II", "III"],
        "calibration": "II",
        "window": {"first_sample": 5120, "sample_count": 5000, "start": "2026-01-02T03:03:55.678Z",
                   "end": "2026-01-02T03:04:05.678Z"},
        "coverage": places((5000 + 4501 + 4501) / 15000),
        "leads": [{"lead": name, "coverage": {"I": 1.0, "II": 0.9002, "III": 0.9002, "V1": 0.8998}.get(name, 0.0),
                   "source": {"I": "measured", "II": "measured", "III": "derived", "V1": "measured"}.get(name, "absent")}
                  for name in NAMES],
        "top": [ranked(first, 0.28125, 0.90625), ranked(second, -0.00005, 0.00003), ranked(third, -0.5, None)],
        "withheld": [{"id": third, "reason": "leads_missing", "needs": catalogue[third]["leads_min"]}],
    }, "2026-01-02T03:04:05.678Z"),
    event("diagnosis", joined_key, {
        **HEAD, **REVISIONS, "delayed": False, "quality": "unanalysable",
        "window_withheld": "coverage", "leads_used": [], "coverage": None,
        "window": {"first_sample": 10240, "sample_count": 5000, "start": "1970-01-01T00:00:20.480Z",
                   "end": "1970-01-01T00:00:30.480Z"},
        "leads": [{"lead": name, "coverage": 0.0, "source": "absent"} for name in NAMES], "top": [], "withheld": [],
        "calibration": None,
    }, "1970-01-01T00:00:30.480Z"),
    event("tech", ["tech", STREAM, "RANGE", 5120, "start", 1], {
        **HEAD, "code": "RANGE", "phase": "start", "priority": "low", "first_sample": 5120, "count": 1,
        "detail": "rate is 0/1 Hz"}, "1969-12-31T23:59:59.999Z"),
    event("tech", ["tech", "tcp://127.0.0.1:7201", "DECODE", None, "update", 2, RUN], {
        "patient": "_", "device": None, "stream": None, "schema": 1, "endpoint": "tcp://127.0.0.1:7201",
        "code": "DECODE", "phase": "update", "priority": "low", "first_sample": None, "count": 17,
        "detail": "truncated \"frame\"\n心電"}, "2026-01-02T03:04:05.678Z"),
    event("diagnosis", key[:2] + [15360] + key[3:], {
        **HEAD, **REVISIONS, "delayed": False, "quality": "limited",
        "window_withheld": "quality", "leads_used": [], "coverage": None,
        "window": {"first_sample": 15360, "sample_count": 5000, "start": "1970-01-01T00:00:30.720Z",
                   "end": "1970-01-01T00:00:40.720Z"},
        "leads": [{"lead": name, "coverage": 1.0 if name in "I II V1".split() else 0.0,
                   "source": "measured" if name in "I II V1 V2".split() else "absent",
                   **({"reason": DEAD[name]} if name in DEAD else {})} for name in NAMES], "top": [], "withheld": [],
        "calibration": None,
    }, "1970-01-01T00:00:40.720Z"),
    event("diagnosis", key[:2] + [20480] + key[3:], {
        **HEAD, **REVISIONS, "delayed": False, "quality": "good",
        "window_withheld": None, "leads_used": ["I"], "coverage": 1.0,
        "calibration": "I",
        "window": {"first_sample": 20480, "sample_count": 5000, "start": "1970-01-01T00:00:40.960Z",
                   "end": "1970-01-01T00:00:50.960Z"},
        "leads": [{"lead": name, "coverage": 1.0 if name == "I" else 0.0, "source": "patch" if name == "I" else "absent"}
                  for name in NAMES],
        "top": [ranked(first, 0.28125, 0.90625)],
        "withheld": [{"id": third, "reason": "leads_missing", "needs": catalogue[third]["leads_min"]}],
    }, "1970-01-01T00:00:50.960Z"),
    event("vitals", ["vitals", STREAM, 75], {
        **HEAD, "second": 75, "heart_rate": places(71.94245, 1), "rr": places(834, 0), "beats": 12,
        "ectopic_per_min": 3, "pr": places(157.6, 0), "qrs": places(92.4, 0), "qt": places(390.3, 0),
        "qtc_bazett": places(390.3 / 0.834 ** 0.5, 0), "qtc_fridericia": places(390.3 / 0.834 ** (1 / 3), 0),
        "interval_beats": 8, "st": {"II": 0.05, "V5": -0.1}, "why": {}}, "2026-01-02T03:04:05.678Z"),
    event("vitals", ["vitals", STREAM, 76], {
        **HEAD, "second": 76, "heart_rate": None, "rr": None, "beats": 0, "ectopic_per_min": None,
        **{name: None for name in INTERVALS}, "interval_beats": 0,
        "why": {"heart_rate": "no_beats", "rr": "no_beats", "ectopic_per_min": "starting",
                **{name: "no_beats" for name in INTERVALS}}},
        "1970-01-01T00:01:16.000Z"),
]


def whole(value):
    """JSON's shortest form of whole numbers has no point."""
    if isinstance(value, dict):
        return {name: whole(member) for name, member in value.items()}
    if isinstance(value, list):
        return [whole(member) for member in value]
    return int(value) if isinstance(value, float) and value == int(value) else value


with open(os.path.join(HERE, "events.jsonl"), "w", encoding="utf-8") as file:
    file.write("".join(canonical(whole(each)) + "\n" for each in events))
with open(os.path.join(HERE, "worked-key.json"), "w", encoding="utf-8") as file:
    file.write(json.dumps({"key": key, "canonical": canonical(key), "id": event_id(key)}, indent=1) + "\n")
