"""How soon the daemon answers STATUS while more events come than its publisher can write.

    python3 Benchmarks/control_latency.py [--seconds 15] [--spinners 12]

Starts `shinden serve` on ipc and floods it with epochs of three messages each: every epoch opens a stream and closes the
one before it, which is an event for each message, as fast as the daemon takes them. STATUS is asked again and again,
first with both cores to itself; then the publisher's thread shares one core with busy loops, which leaves it so small a
part of that core that events come many times faster than it writes them. In turn with STATUS a process that does nothing but
echo is asked, since what the system alone makes anybody wait is not the daemon's. Needs two cores and python3-zmq.
Linux: threads are found and pinned by /proc. Research software, not a medical device.
"""
import argparse
import os
import signal
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from pathlib import Path

import zmq

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = os.environ.get("SHINDEN", str(ROOT / ".build/release/shinden"))


def varint(value):
    out = bytearray()
    while value >= 128:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes(out + bytes([value]))


def field(number, value):
    """One field of a protobuf message, its wire type by the type of the value."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def flood(endpoint):
    """Sends epochs of eight devices in turn until it is ended; a full daemon makes it wait."""
    socket = zmq.Context().socket(zmq.PUB)
    socket.setsockopt(zmq.XPUB_NODROP, 1)
    socket.connect(endpoint)
    # 100 samples of II as INT16_LE whose electrode is off, so that nothing is encoded.
    lead = field(1, 2) + field(2, bytes(200)) + field(3, 3)
    epoch = 1
    while True:
        for device in range(8):
            patient = f"f{device}".encode()
            topic = b"ecg1.%02x.%s.d%d." % (zlib.crc32(patient) >> 24, patient, device)
            for number in range(3):
                body = (field(1, 1) + field(2, patient) + field(3, b"d%d" % device)
                        + varint(4 << 3 | 1) + struct.pack("<Q", epoch) + field(5, number + 1)
                        + field(7, 100 * number) + field(8, 100) + field(9, 100) + field(10, 1)
                        + varint(11 << 3 | 1) + struct.pack("<d", 1000.0) + field(12, 1) + field(13, lead))
                socket.send_multipart([topic, body])
        epoch += 1


def threads(pid):
    """Thread ids by name and number."""
    found = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        name = (task / "comm").read_text().strip()
        found[name if name not in found else f"{name} {task.name}"] = int(task.name)
    return found


def echo(endpoint):
    """Sends back whatever comes, until it is ended."""
    socket = zmq.Context().socket(zmq.REP)
    socket.bind(endpoint)
    while True:
        socket.send(socket.recv())


def asked(socket):
    """The reply to a STATUS, and the milliseconds that it took."""
    start = time.monotonic()
    socket.send_json({"op": "STATUS", "request": "latency"})
    reply = socket.recv_json()
    return reply, 1000 * (time.monotonic() - start)


def measure(socket, peer, seconds):
    """Milliseconds of each STATUS and of each echo, and events published a second meanwhile."""
    latencies, echoes, begin = [], [], time.monotonic()
    first = last = None
    while time.monotonic() - begin < seconds:
        reply, milliseconds = asked(socket)
        latencies.append(milliseconds)
        echoes.append(asked(peer)[1])
        last = reply["published"]
        first = last if first is None else first
        time.sleep(0.02)
    return sorted(latencies), sorted(echoes), (last - first) / (time.monotonic() - begin)


def report(name, latencies, echoes, rate):
    def figures(values):
        share = lambda part: values[min(len(values) - 1, int(len(values) * part))]
        return f"median {share(0.5):.1f} ms, p99 {share(0.99):.1f} ms, most {values[-1]:.1f} ms"
    print(f"{name}: {rate:.0f} events/s; of {len(latencies)}")
    print(f"  STATUS {figures(latencies)}")
    print(f"  echo   {figures(echoes)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--spinners", type=int, default=12)
    parser.add_argument("--flood", help=argparse.SUPPRESS)
    parser.add_argument("--echo", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.flood:
        return flood(options.flood)
    if options.echo:
        return echo(options.echo)
    folder = tempfile.mkdtemp()
    frames, events, control = (f"ipc://{folder}/{name}" for name in ("frames", "events", "control"))
    context = zmq.Context()
    daemon = subprocess.Popen(
        [PROGRAM, "serve", "--bind-subscribe", frames, "--events", events, "--control", control,
         "--workers", "1", "--log-level", "error"], cwd=ROOT)
    socket = context.socket(zmq.REQ)
    socket.connect(control)
    socket.send_json({"op": "STATUS", "request": "ready"})
    socket.recv_json()
    source = subprocess.Popen([sys.executable, __file__, "--flood", frames], cwd=ROOT)
    mirror = subprocess.Popen([sys.executable, __file__, "--echo", f"ipc://{folder}/echo"], cwd=ROOT)
    peer = context.socket(zmq.REQ)
    peer.connect(f"ipc://{folder}/echo")
    spinners = []
    try:
        published = 0
        while published < 10000:
            socket.send_json({"op": "STATUS", "request": "warm"})
            published = socket.recv_json()["published"]
            time.sleep(0.1)
        *latencies, free = measure(socket, peer, options.seconds)
        report("flood", *latencies, free)
        cores = sorted(os.sched_getaffinity(0))
        for _ in range(options.spinners):
            spinner = subprocess.Popen([sys.executable, "-c", "while True: pass"])
            os.sched_setaffinity(spinner.pid, {cores[-1]})
            spinners.append(spinner)
        for name, thread in threads(daemon.pid).items():
            os.sched_setaffinity(thread, {cores[-1]} if name == "publisher" else {cores[0]})
        for task in threads(mirror.pid).values():
            os.sched_setaffinity(task, {cores[0]})
        time.sleep(2)
        *latencies, held = measure(socket, peer, options.seconds)
        report(f"publisher beside {options.spinners} busy loops", *latencies, held)
        print(f"events come {free / held:.1f} times faster than they are written")
    finally:
        for process in spinners + [source, mirror]:
            process.kill()
        daemon.send_signal(signal.SIGKILL)


if __name__ == "__main__":
    main()
