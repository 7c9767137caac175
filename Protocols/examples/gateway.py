#!/usr/bin/python3
"""Sends a WFDB record (format 16) to the daemon as a gateway would. Research software, not a medical device.

    gateway.py path/to/record --patient p1 --encoding delta --chunk random --seed 3

Needs python3-zmq, python3-protobuf, protobuf-compiler. Exit 69: nobody subscribed in time.
"""
import argparse, os, random, struct, subprocess, sys, tempfile, zlib
import keys, zmq
from wfdb16 import read_record

here, scratch = os.path.dirname(os.path.abspath(__file__)), tempfile.TemporaryDirectory()
subprocess.run(["protoc", f"--proto_path={here}/..", f"--python_out={scratch.name}", "gateway.proto"], check=True)
sys.path.insert(0, scratch.name)
import gateway_pb2 as pb

ENCODINGS = {"int16": pb.INT16_LE, "int32": pb.INT32_LE, "float32": pb.FLOAT32_LE, "delta": pb.DELTA_ZIGZAG_VARINT}


def encode(values, encoding):
    values = [value or 0 for value in values]
    if encoding != "delta":
        return struct.pack(f"<{len(values)}{ {'int16': 'h', 'int32': 'i', 'float32': 'f'}[encoding] }", *values)
    data = bytearray()
    for value, before in zip(values, [0] + values):
        rest = (value - before) << 1 if value >= before else ((before - value) << 1) - 1
        while rest >= 128:
            data.append(rest & 127 | 128)
            rest >>= 7
        data.append(rest)
    return bytes(data)


def invalid_pairs(values):
    pairs = []
    for offset in (index for index, value in enumerate(values) if value is None):
        if pairs and sum(pairs[-2:]) == offset:
            pairs[-1] += 1
        else:
            pairs += [offset, 1]
    return pairs


options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
options.add_argument("record")
options.add_argument("--publish", default="tcp://127.0.0.1:7201")
options.add_argument("--patient", default="p0001")
options.add_argument("--device", default="example")
options.add_argument("--epoch", type=lambda text: int(text, 0), default=random.getrandbits(64) | 1)
options.add_argument("--encoding", choices=ENCODINGS, default="delta")
options.add_argument("--chunk", default="100", help="samples a chunk, or `random`")
options.add_argument("--seed", type=int, default=1)
options.add_argument("--wait-seconds", type=float, default=5)
keys.add_options(options)
arguments = options.parse_args()

rate, signals = read_record(arguments.record)
topic = f"ecg1.{zlib.crc32(arguments.patient.encode()) >> 24:02x}.{arguments.patient}.{arguments.device}.".encode()
tracks = {}  # a track has one gain
for name, gain, samples in signals:
    if name not in pb.Lead.keys():
        sys.exit(f"gateway: {arguments.record}: lead {name} has no number in gateway.proto")
    tracks.setdefault(gain, []).append((pb.Lead.Value(name), samples))

context = zmq.Context()
socket = context.socket(zmq.XPUB)
socket.setsockopt(zmq.XPUB_NODROP, 1)  # the daemon's pace is the flow control
keys.secure(socket, arguments)
socket.connect(arguments.publish)
while True:
    if not socket.poll(arguments.wait_seconds * 1000):
        print(f"gateway: no subscriber at {arguments.publish}", file=sys.stderr)
        sys.exit(69)
    subscription = socket.recv()
    if subscription[:1] == b"\x01" and topic.startswith(subscription[1:]):
        break

seeded, sequence, start, end = random.Random(arguments.seed), 0, 0, len(signals[0][2])
while start < end:
    longest = min(2000, int(rate))
    count = seeded.randint(1, longest) if arguments.chunk == "random" else min(int(arguments.chunk), longest)
    stop = min(start + count, end)
    for track, (gain, leads) in enumerate(tracks.items()):
        sequence += 1
        chunk = pb.LeadChunk(
            schema=1, patient=arguments.patient, device=arguments.device, epoch=arguments.epoch, seq=sequence,
            track=track, first_sample=start, sample_count=stop - start, rate_num=rate.numerator,
            rate_den=rate.denominator, nv_per_lsb=1e6 / gain, encoding=ENCODINGS[arguments.encoding],
            gateway_time_ns=10**9 + int(stop * 10**9 / rate), last=stop == end and track == len(tracks) - 1)
        for lead, samples in leads:
            part = samples[start:stop]
            chunk.leads.add(lead=lead, data=encode(part, arguments.encoding), invalid=invalid_pairs(part))
        socket.send_multipart([topic, chunk.SerializeToString()])
    start = stop
socket.close(linger=10_000)
context.term()  # waits until all is sent
print(f"gateway: {sequence} chunks, {end} samples of {len(signals)} leads", file=sys.stderr)
