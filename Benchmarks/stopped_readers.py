"""What twenty stopped readers cost a live one: its p99 with and without them, in turn, under one daemon (P9).

    python3 Benchmarks/stopped_readers.py [--pairs 20] [--seconds 12] [--patients 20] [--stopped 20]

Starts `shinden serve` on tcp and replays one record in a loop as that many patients in real time. In each pair the live reader
listens for so many seconds beside readers that have subscribed to everything and are stopped (SIGSTOP), and for as many
without them; which comes first changes from pair to pair. Latency is the receipt of a diagnosis less the due time of the frame
that completes its window. Needs python3-zmq. Research software, not a medical device.
"""
import argparse
import datetime
import json
import os
import random
import re
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path

import zmq

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = str(ROOT / ".build/release/shinden")
FRAME_SAMPLES = 100
READERS = """
import sys, zmq
context = zmq.Context()
sockets = []
for _ in range(int(sys.argv[2])):
    reader = context.socket(zmq.SUB)
    reader.setsockopt_string(zmq.SUBSCRIBE, "")
    reader.connect(sys.argv[1])
    sockets.append(reader)
for reader in sockets:
    reader.recv()
print("all hear", flush=True)
sys.stdin.read()
"""


def memory(pid):
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1000


class Live:
    """The live reader: what it heard, and whether it missed anything."""

    def __init__(self, events, secure=lambda reader: None):
        self.socket = zmq.Context.instance().socket(zmq.SUB)
        secure(self.socket)
        self.socket.setsockopt(zmq.RCVHWM, 0)
        self.socket.setsockopt_string(zmq.SUBSCRIBE, "ev1.")
        self.socket.connect(events)
        self.numbers, self.missed, self.heard = {}, 0, 0

    def listen(self, seconds):
        """The latencies of the diagnoses of so many seconds, milliseconds."""
        latencies, end = [], time.monotonic() + seconds
        while time.monotonic() < end:
            if not self.socket.poll(100):
                continue
            topic, body = self.socket.recv_multipart()
            now = time.time()
            event = json.loads(body)
            number, key = int(event["topicsequence"]), (topic, event["run"])
            self.missed += max(0, number - self.numbers.get(key, number - 1) - 1)
            self.numbers[key] = number
            self.heard += 1
            if event["type"] == "shinden.diagnosis.v1":
                data = event["data"]
                last = int(data["window"]["first_sample"]) + data["window"]["sample_count"]
                due = datetime.datetime.fromisoformat(data["window"]["end"]).timestamp() + -last % FRAME_SAMPLES / 500
                latencies.append(1000 * (now - due))
        return latencies


def p99(values):
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.99))]


def upper(ratios, rounds=2000):
    """The upper end of the 95 % interval of the median, by resampling."""
    chance = random.Random(1)
    medians = sorted(statistics.median(chance.choices(ratios, k=len(ratios))) for _ in range(rounds))
    return medians[int(0.975 * rounds)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=20)
    parser.add_argument("--seconds", type=int, default=12)
    parser.add_argument("--patients", type=int, default=20)
    parser.add_argument("--stopped", type=int, default=20)
    parser.add_argument("--record", default="Fixtures/ptbxl/00017_hr")
    options = parser.parse_args()
    daemon = subprocess.Popen(
        [PROGRAM, "serve", "--bind-subscribe", "tcp://127.0.0.1:*", "--events", "tcp://127.0.0.1:*", "--control",
         "tcp://127.0.0.1:*", "--hop", "128"], cwd=ROOT, stderr=subprocess.PIPE, text=True)
    said = ""
    for line in daemon.stderr:
        said += line
        if "ready" in line:
            break
    frames = re.search(r"frames (tcp://[^ ,]+)", said)[1]
    events = re.search(r"events (tcp://[^ ,]+)", said)[1]
    live = Live(events)
    replay = subprocess.Popen(
        [PROGRAM, "replay", options.record, "--publish", frames, "--patients", str(options.patients), "--loop"],
        cwd=ROOT, stderr=subprocess.DEVNULL)
    live.listen(15)

    def beside():
        readers = subprocess.Popen([sys.executable, "-c", READERS, events, str(options.stopped)],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if "all hear" not in readers.stdout.readline():
            sys.exit("the readers that are to be stopped did not come in")
        os.kill(readers.pid, signal.SIGSTOP)
        live.listen(1)
        found = live.listen(options.seconds)
        most.append(memory(daemon.pid))
        readers.kill()
        readers.wait()
        live.listen(1)
        return found

    most, ratios = [memory(daemon.pid)], []
    alone_all, beside_all = [], []
    for pair in range(options.pairs):
        if pair % 2:
            alone = live.listen(options.seconds)
            with_them = beside()
        else:
            with_them = beside()
            alone = live.listen(options.seconds)
        ratios.append(p99(with_them) / p99(alone))
        alone_all += alone
        beside_all += with_them
        print(f"pair {pair + 1}: p99 {p99(alone):.1f} ms alone, {p99(with_them):.1f} ms beside them, "
              f"ratio {ratios[-1]:.3f}", flush=True)
    replay.send_signal(signal.SIGINT)
    replay.wait()
    daemon.send_signal(signal.SIGTERM)
    code = daemon.wait(timeout=10)
    print(f"{options.patients} patients, {options.stopped} stopped readers, {options.pairs} pairs of {options.seconds} s, "
          f"{len(alone_all) + len(beside_all)} diagnoses")
    print(f"median of the ratios {statistics.median(ratios):.3f}, upper end of its 95 % interval {upper(ratios):.3f}")
    print(f"p99 of all: {p99(alone_all):.1f} ms alone, {p99(beside_all):.1f} ms beside them")
    print(f"the live reader heard {live.heard} events and missed {live.missed}; memory {most[0]:.0f} MB, at most {max(most):.0f} MB")
    print(f"exit code {code}")
    sys.exit(0 if code == 0 and live.missed == 0 and statistics.median(ratios) <= 1.05 and upper(ratios) <= 1.15 else 1)


if __name__ == "__main__":
    main()
