"""What keys cost, and what strangers cost: runs in turn, ratios.

    python3 Benchmarks/network_cost.py curve [--rounds 5] [--patients 50] [--seconds 30]
    python3 Benchmarks/network_cost.py strangers [--links 10000] [--patients 20]

`curve` runs `live_run.py` over tcp without and with keys in turn and compares processor time and latency. `strangers` has a daemon with
keys serve patients in real time while so many links come to its doors that prove nothing: half send bytes of chance, half say
nothing at all; the latency of those who belong is measured before and meanwhile. Needs python3-zmq. Research software, not a
medical device.
"""
import argparse
import os
import random
import re
import resource
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import zmq

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
PROGRAM = str(ROOT / ".build/release/shinden")
sys.path.insert(0, str(HERE))


def curve(options):
    found = {"plain": [], "curve": []}
    for number in range(options.rounds):
        for way in ("plain", "curve") if number % 2 == 0 else ("curve", "plain"):
            run = subprocess.run(
                [sys.executable, str(HERE / "live_run.py"), "--tcp", "--patients", str(options.patients), "--seconds",
                 str(options.seconds)] + (["--curve"] if way == "curve" else []), capture_output=True, text=True)
            if run.returncode:
                sys.exit(f"{way}: {run.stdout}{run.stderr}")
            share = float(re.search(r"daemon: ([0-9.]+) %", run.stdout)[1])
            p99 = float(re.search(r"due time, ms: .* p99 (-?[0-9.]+)", run.stdout)[1])
            found[way].append((share, p99))
            print(f"{way}: {share:.1f} % of a core, p99 {p99:.0f} ms", flush=True)
    ratios = [keyed[0] / plain[0] for plain, keyed in zip(found["plain"], found["curve"])]
    delays = [keyed[1] / plain[1] for plain, keyed in zip(found["plain"], found["curve"])]
    print(f"{options.patients} patients x 12 leads x 500 Hz, {options.rounds} pairs of {options.seconds} s: with keys the daemon takes "
          f"{statistics.median(ratios):.2f} times the processor time ({min(ratios):.2f} to {max(ratios):.2f}), p99 is "
          f"{statistics.median(delays):.2f} times as long ({min(delays):.2f} to {max(delays):.2f})")


def strangers(options):
    from stopped_readers import Live, p99
    from live_run import enrol, keys
    most = max(resource.getrlimit(resource.RLIMIT_NOFILE)[1], options.links + 1000)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    folder = tempfile.mkdtemp()
    key, sender = enrol(folder)
    daemon = subprocess.Popen(
        [PROGRAM, "serve", "--keys", f"{folder}/keys", "--bind-subscribe", "tcp://127.0.0.1:*", "--events",
         "tcp://127.0.0.1:*", "--control", "tcp://127.0.0.1:*"], cwd=ROOT, stderr=subprocess.PIPE, text=True)
    said = ""
    for line in daemon.stderr:
        said += line
        if line.rstrip().endswith("ready"):
            break
    threading.Thread(target=lambda: [None for _ in daemon.stderr], daemon=True).start()
    doors = [re.search(name + r" (tcp://[^ ,]+)", said)[1] for name in ("frames", "events", "control")]
    live = Live(doors[1], lambda reader: keys.secure(reader, key))
    replay = subprocess.Popen(
        [PROGRAM, "replay", options.record, "--publish", doors[0], "--patients", str(options.patients), "--loop"] + sender,
        cwd=ROOT, stderr=subprocess.DEVNULL)
    live.listen(15)
    before = live.listen(60)
    chance = random.Random(1)
    links, refused = [], 0

    def come():
        nonlocal refused
        for number in range(options.links):
            link = socket.socket()
            link.settimeout(2)
            try:
                link.connect(("127.0.0.1", int(doors[number % 3].rsplit(":", 1)[1])))
                if number % 2:
                    link.sendall(chance.randbytes(chance.randint(1, 4096)))
            except OSError:
                refused += 1
            links.append(link)
            time.sleep(0.004)

    coming = threading.Thread(target=come)
    coming.start()
    meanwhile = []
    while coming.is_alive():
        meanwhile += live.listen(5)
    meanwhile += live.listen(20)
    files = len(os.listdir(f"/proc/{daemon.pid}/fd"))
    for link in links:
        link.close()
    live.listen(5)
    after = live.listen(30)
    replay.send_signal(signal.SIGINT)
    replay.wait()
    daemon.send_signal(signal.SIGTERM)
    code = daemon.wait(timeout=10)
    ratio = p99(meanwhile) / p99(before)
    print(f"{options.links} links, half of them with bytes of chance, half silent; {refused} could not be made or were cut off at once")
    print(f"p99 of {options.patients} patients: {p99(before):.1f} ms before, {p99(meanwhile):.1f} ms meanwhile ({ratio:.2f} times), "
          f"{p99(after):.1f} ms after; {len(before)}, {len(meanwhile)}, {len(after)} diagnoses")
    print(f"the reader heard {live.heard} events and missed {live.missed}; {files} files open in the end; exit code {code}")
    sys.exit(0 if code == 0 and live.missed == 0 and ratio < 2 else 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ways = parser.add_subparsers(required=True)
    keyed = ways.add_parser("curve")
    keyed.add_argument("--rounds", type=int, default=5)
    keyed.add_argument("--patients", type=int, default=50)
    keyed.add_argument("--seconds", type=int, default=30)
    keyed.set_defaults(run=curve)
    others = ways.add_parser("strangers")
    others.add_argument("--links", type=int, default=10_000)
    others.add_argument("--patients", type=int, default=20)
    others.add_argument("--record", default="Fixtures/ptbxl/00017_hr")
    others.set_defaults(run=strangers)
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
