"""How soon the daemon answers STATUS while more events come than its publisher can write.

    python3 Benchmarks/control_latency.py [--seconds 15] [--spinners 40]

Starts `shinden serve` on ipc with one worker and a hop of 32, replays a record as fast as the daemon takes it, and asks
STATUS again and again. First undisturbed; then the publisher's thread shares one core with busy loops, which leaves it
so small a part of that core that events come many times faster than it writes them. Needs two cores and python3-zmq.
Linux: threads are found and pinned by /proc. Research software, not a medical device.
"""
import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import zmq

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = str(ROOT / ".build/release/shinden")


def threads(pid):
    """Thread ids by name."""
    found = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        found[(task / "comm").read_text().strip()] = int(task.name)
    return found


def measure(socket, seconds):
    """Milliseconds of each STATUS, and events published a second meanwhile."""
    latencies, begin = [], time.monotonic()
    first = last = None
    while time.monotonic() - begin < seconds:
        start = time.monotonic()
        socket.send_json({"op": "STATUS", "request": "latency"})
        published = socket.recv_json()["published"]
        latencies.append(1000 * (time.monotonic() - start))
        first = published if first is None else first
        last = published
        time.sleep(0.02)
    return sorted(latencies), (last - first) / (time.monotonic() - begin)


def report(name, latencies, rate):
    share = lambda part: latencies[min(len(latencies) - 1, int(len(latencies) * part))]
    print(f"{name}: {rate:.0f} events/s; STATUS median {share(0.5):.1f} ms, p99 {share(0.99):.1f} ms, "
          f"most {latencies[-1]:.1f} ms, of {len(latencies)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--spinners", type=int, default=40)
    parser.add_argument("--record", default="Fixtures/ptbxl/00017_hr")
    options = parser.parse_args()
    folder = tempfile.mkdtemp()
    frames, events, control = (f"ipc://{folder}/{name}" for name in ("frames", "events", "control"))
    context = zmq.Context()
    daemon = subprocess.Popen(
        [PROGRAM, "serve", "--bind-subscribe", frames, "--events", events, "--control", control,
         "--hop", "32", "--workers", "1"], cwd=ROOT, stderr=subprocess.PIPE, text=True)
    for line in daemon.stderr:
        if "ready" in line:
            break
    replay = subprocess.Popen(
        [PROGRAM, "replay", options.record, "--publish", frames, "--events", events, "--patients", "8", "--loop",
         "--speed", "max"], cwd=ROOT, stderr=subprocess.DEVNULL)
    spinners = []
    try:
        socket = context.socket(zmq.REQ)
        socket.connect(control)
        published = 0
        while published < 1000:  # the first window of each patient comes late, the others fast
            socket.send_json({"op": "STATUS", "request": "warm"})
            published = socket.recv_json()["published"]
            time.sleep(0.1)
        free_latencies, free = measure(socket, options.seconds)
        report("undisturbed", free_latencies, free)
        cores = sorted(os.sched_getaffinity(0))
        for _ in range(options.spinners):
            spinner = subprocess.Popen([sys.executable, "-c", "while True: pass"])
            os.sched_setaffinity(spinner.pid, {cores[-1]})
            spinners.append(spinner)
        for name, thread in threads(daemon.pid).items():
            os.sched_setaffinity(thread, {cores[-1]} if name == "publisher" else {cores[0]})
        time.sleep(2)
        held_latencies, held = measure(socket, options.seconds)
        report(f"publisher beside {options.spinners} busy loops", held_latencies, held)
        print(f"events come {free / held:.1f} times faster than they are written")
    finally:
        for process in spinners + [replay]:
            process.kill()
        daemon.send_signal(signal.SIGKILL)


if __name__ == "__main__":
    main()
