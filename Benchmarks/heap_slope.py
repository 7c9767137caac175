"""What a stream of 12 leads at 500 Hz adds to the daemon's live heap and to its resident memory.

    python3 Benchmarks/heap_slope.py [--few 10] [--many 100] [--seconds 40] [--hop 512]

Runs `shinden serve` twice, with a few and with many patients in real time, and takes the median over the last ten
seconds of each of the bytes that glibc's mallinfo2 counts as in use; the slope between the two is a stream's. The
daemon is the one that ships: a library that it is started with (heap/heap.c, compiled here by cc) reads the figures.
Research software, not a medical device.
"""
import argparse
import os
import signal
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = str(ROOT / ".build/release/shinden")


def resident(pid):
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return 1024 * int(line.split()[1])


def run(library, patients, options):
    folder = tempfile.mkdtemp()
    frames, events, control = (f"ipc://{folder}/{name}" for name in ("frames", "events", "control"))
    heap = Path(folder) / "heap"
    daemon = subprocess.Popen(
        [PROGRAM, "serve", "--bind-subscribe", frames, "--events", events, "--control", control,
         "--hop", str(options.hop)], cwd=ROOT, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "LD_PRELOAD": library, "SHINDEN_HEAP": str(heap)})
    for line in daemon.stderr:
        if "ready" in line:
            break
    replay = subprocess.Popen(
        [PROGRAM, "replay", options.record, "--publish", frames, "--events", events, "--patients", str(patients),
         "--loop"], cwd=ROOT, stderr=subprocess.DEVNULL)
    live, memory, end = [], [], time.monotonic() + options.seconds
    while time.monotonic() < end:
        time.sleep(1)
        if end - time.monotonic() < 10:
            live.append(int(heap.read_text() or 0))
            memory.append(resident(daemon.pid))
    replay.send_signal(signal.SIGINT)
    replay.wait()
    daemon.send_signal(signal.SIGTERM)
    daemon.wait()
    figures = statistics.median(x for x in live if x), statistics.median(memory)
    print(f"{patients} streams: live heap {figures[0]:.0f} bytes, resident {figures[1]:.0f} bytes", flush=True)
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--few", type=int, default=10)
    parser.add_argument("--many", type=int, default=100)
    parser.add_argument("--seconds", type=int, default=40)
    parser.add_argument("--hop", type=int, default=512)
    parser.add_argument("--record", default="Fixtures/ptbxl/00017_hr")
    options = parser.parse_args()
    library = str(Path(tempfile.mkdtemp()) / "heap.so")
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-pthread", "-o", library,
                    str(ROOT / "Benchmarks/heap/heap.c")], check=True)
    few, many = (run(library, count, options) for count in (options.few, options.many))
    streams = options.many - options.few
    print(f"a stream: live heap {(many[0] - few[0]) / streams:.0f} bytes, resident {(many[1] - few[1]) / streams:.0f} bytes")


main()
