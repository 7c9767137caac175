#!/usr/bin/python3
"""Sends a WFDB record (format 16) so that nothing is lost: each chunk is kept until the daemon has it on its disk.
Research software, not a medical device.

    acknowledged.py path/to/record --patient p1 --ingest tcp://127.0.0.1:7205

Needs python3-zmq, python3-protobuf, protobuf-compiler. Exit 1: refused, or nothing was acknowledged for --wait-seconds.
"""
import argparse, os, random, struct, subprocess, sys, tempfile, time, zlib
import keys, zmq
from wfdb16 import read_record

here, scratch = os.path.dirname(os.path.abspath(__file__)), tempfile.TemporaryDirectory()
subprocess.run(["protoc", f"--proto_path={here}/..", f"--python_out={scratch.name}", "gateway.proto"], check=True)
sys.path.insert(0, scratch.name)
import gateway_pb2 as pb

options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
options.add_argument("record")
options.add_argument("--ingest", default="tcp://127.0.0.1:7205")
options.add_argument("--patient", default="p0001")
options.add_argument("--device", default="example")
options.add_argument("--speed", type=float, default=1, help="times real time")
options.add_argument("--keep", type=int, default=4096, help="chunks kept at most; the oldest goes for a new one")
options.add_argument("--wait-seconds", type=float, default=30)
keys.add_options(options)
arguments = options.parse_args()

CRC = []
for rest in range(256):
    for _ in range(8):
        rest = rest >> 1 ^ (0x82F63B78 if rest & 1 else 0)
    CRC.append(rest)
rate, signals = read_record(arguments.record)
if len({gain for _, gain, _ in signals}) > 1 or any(value is None for _, _, values in signals for value in values):
    sys.exit("acknowledged: leads of several gains, or missing samples; gateway.py shows how these are sent")
topic = f"ecg1.{zlib.crc32(arguments.patient.encode()) >> 24:02x}.{arguments.patient}.{arguments.device}.".encode()
size, end, epoch = int(rate) // 5, len(signals[0][2]), random.getrandbits(64) | 1
total, store, made, lost = -(-end // size), {}, 0, 0  # chunks of 200 ms, those that are kept by seq
durable, received, upcoming, window = 0, 0, 1, 1  # what the daemon has, what is sent next
context, socket, is_open, asked, pause = zmq.Context(), None, False, None, 0.0
started = moved = heard = told = time.monotonic()  # moved: something became durable; told: HELD or HELLO was sent


def connect():
    global socket
    if socket:
        socket.close(linger=0)  # what waits in it would reach the daemon before the HELLO
    socket = context.socket(zmq.DEALER)
    keys.secure(socket, arguments)
    socket.connect(arguments.ingest)


def chunk(seq):
    first, stop = (seq - 1) * size, min(seq * size, end)
    message = pb.LeadChunk(
        schema=1, patient=arguments.patient, device=arguments.device, epoch=epoch, seq=seq,
        first_sample=first, sample_count=stop - first, rate_num=rate.numerator, rate_den=rate.denominator,
        nv_per_lsb=1e6 / signals[0][1], encoding=pb.INT16_LE, last=stop == end,
        gateway_time_ns=10**9 + int(stop * 10**9 / rate))
    for name, _, values in signals:
        message.leads.add(lead=pb.Lead.Value(name), data=struct.pack(f"<{stop - first}h", *values[first:stop]))
    key, body, check = struct.pack("<QQ", epoch, seq), message.SerializeToString(), 0xFFFFFFFF
    for byte in key + topic + b"\0" + body:
        check = check >> 8 ^ CRC[(check ^ byte) & 255]
    return [b"CHUNK", key, topic, body, struct.pack("<I", check ^ 0xFFFFFFFF)]


connect()
while made < total or store:
    now = time.monotonic()
    while made < total and now >= started + (made + 1) * size / float(rate) / arguments.speed:
        made += 1
        store[made] = chunk(made)
        if len(store) > arguments.keep:
            del store[min(store)]
            lost, told = lost + 1, 0.0
    moved = moved if store else now
    if now - moved > arguments.wait_seconds:
        sys.exit(f"acknowledged: {len(store)} chunks are not acknowledged")
    if asked and now - asked > 3 or is_open and upcoming > received + 1 and now - heard > 3:
        connect()
        is_open, asked, pause = False, None, 0.0
    if made and not is_open and not asked and now >= pause:
        words = pb.Hello(schema=1, gateway="acknowledged.py", patient=arguments.patient, device=arguments.device,
                         oldest_held_seq=min(store, default=made + 1), next_seq=made + 1, epoch=epoch,
                         closed=made == total)
        socket.send_multipart([b"HELLO", words.SerializeToString()])
        asked = told = now
    if is_open and now - told > 5:
        words = pb.Held(epoch=epoch, oldest_held_seq=min(store, default=made + 1), next_seq=made + 1)
        socket.send_multipart([b"HELD", words.SerializeToString()])
        told = now
    # Where a disk is stuck for 2 s the window counts from what is received, so that people are watched on.
    base = received if now - moved > 2 else durable
    while is_open and upcoming <= min(made, base + window):
        if upcoming in store:
            socket.send_multipart(store[upcoming])
        upcoming += 1
    if not socket.poll(10):
        continue
    (word, body), heard = socket.recv_multipart(), now
    if word == b"WELCOME":
        words = pb.Welcome.FromString(body)
        is_open, asked, window, upcoming, received = (
            True, None, words.window_chunks, words.resend_from, words.resend_from - 1)
    elif word == b"ACK" and is_open:
        words = pb.Ack.FromString(body)
        received, upcoming = max(received, words.received_through), max(upcoming, words.received_through + 1)
        if words.durable_through > durable:
            durable, moved = words.durable_through, now
            store = {seq: frames for seq, frames in store.items() if seq > durable}
    elif word == b"REFUSED":
        words = pb.Refusal.FromString(body)
        print(f"acknowledged: seq {words.seq}: {words.code}: {words.detail}", file=sys.stderr)
        if words.permanent and words.seq == 0:
            sys.exit(1)
        if not words.permanent:
            is_open, asked, pause = False, None, now + words.retry_after_ms / 1000
print(f"acknowledged: {made} chunks of {len(signals)} leads, {lost} let go of", file=sys.stderr)
