"""A minute of 20 patients, 12 leads, 500 Hz through a real daemon: nothing lost; CPU and memory.

    python3 Benchmarks/live_run.py [--patients 20] [--seconds 60] [--hop 512] [--tcp] [--curve]

Starts `shinden serve` on ipc, replays one record in a loop as that many patients in real time, reads every event,
then asks STREAMS for the ledgers; `--tcp` on loopback in place of ipc, `--curve` with keys at every endpoint. Needs python3-zmq. Linux: CPU and memory come from /proc.
Research software, not a medical device.
"""
import argparse
import datetime
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import zmq

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "Protocols/examples"))
import keys  # noqa: E402

PROGRAM = str(ROOT / ".build/release/shinden")
FRAME_SAMPLES = 100


def cpu_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def megabytes(pid, key):
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith(key))
    return int(line.split()[1]) / 1000


def enrol(folder):
    """A daemon's folder of keys, and the options of the one key that may do everything."""
    def run(*command):
        subprocess.run([PROGRAM, "keys", *command], check=True, capture_output=True)
    run("generate", "daemon", "--dir", f"{folder}/keys")
    for name, role in (("gate", ["gateway", "--patients", "all"]), ("desk", ["dashboard", "--allow", "all"])):
        run("generate", name, "--dir", folder)
        run("authorise", name, f"{folder}/{name}.pub", "--keys", f"{folder}/keys", "--role", *role)
    server = f"{folder}/keys/daemon.pub"
    return argparse.Namespace(key=f"{folder}/desk.key", server_key=server), \
        ["--key", f"{folder}/gate.key", "--server-key", server]


def ask(context, endpoint, key, **request):
    socket = context.socket(zmq.REQ)
    keys.secure(socket, key)
    socket.setsockopt(zmq.RCVTIMEO, 5000)
    socket.setsockopt(zmq.LINGER, 0)
    socket.connect(endpoint)
    socket.send_json({"request": "live", **request})
    return socket.recv_json()


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))] if values else None


def receipt_latency(data):
    """Milliseconds from when the frame that completed the window was due to now, by the wall clock.

    The window's end is labelled by the gateway's clock, which runs with the samples; frames hold 200 ms of signal.
    """
    end = int(data["window"]["first_sample"]) + data["window"]["sample_count"]
    due = datetime.datetime.fromisoformat(data["window"]["end"]).timestamp() + -end % FRAME_SAMPLES / 500
    return 1000 * (time.time() - due)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--patients", type=int, default=20)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--hop", type=int, default=512)
    parser.add_argument("--record", default="Fixtures/ptbxl/00017_hr")
    parser.add_argument("--tcp", action="store_true")
    parser.add_argument("--curve", action="store_true")
    options = parser.parse_args()
    folder = tempfile.mkdtemp()
    frames, events, control = (
        "tcp://127.0.0.1:*" if options.tcp else f"ipc://{folder}/{name}" for name in ("frames", "events", "control"))
    nobody = argparse.Namespace(key=None, server_key=None)
    key, sender = enrol(folder) if options.curve else (nobody, [])
    context = zmq.Context()
    began = time.monotonic()
    daemon = subprocess.Popen(
        [PROGRAM, "serve", "--bind-subscribe", frames, "--events", events, "--control", control,
         "--hop", str(options.hop)] + (["--keys", f"{folder}/keys"] if options.curve else []),
        cwd=ROOT, stderr=subprocess.PIPE, text=True)
    for line in daemon.stderr:
        if "; frames " in line:
            frames, events, control = (re.search(name + r" ([a-z]+://[^ ,]+)", line)[1] for name in ("frames", "events", "control"))
        if "ready" in line:
            break
    print(f"start to ready: {1000 * (time.monotonic() - began):.0f} ms")
    idle = megabytes(daemon.pid, "VmRSS")
    reader = context.socket(zmq.SUB)
    reader.setsockopt(zmq.RCVHWM, 0)
    keys.secure(reader, key)
    reader.setsockopt_string(zmq.SUBSCRIBE, "ev1.")
    reader.connect(events)
    replay = subprocess.Popen(
        [PROGRAM, "replay", options.record, "--publish", frames, "--patients", str(options.patients), "--loop"]
        + sender,
        cwd=ROOT, stderr=subprocess.DEVNULL)
    start, cpu = time.monotonic(), cpu_seconds(daemon.pid)
    numbers, latencies, receipts, missed, kinds = {}, [], [], 0, {}
    half = None
    while time.monotonic() - start < options.seconds + 1:
        if half is None and time.monotonic() - start > options.seconds / 2:
            half = megabytes(daemon.pid, "VmRSS")
        if not reader.poll(200):
            continue
        topic, body = reader.recv_multipart()
        event = json.loads(body)
        number = int(event["topicsequence"])
        missed += max(0, number - numbers.get((topic, event["run"]), number - 1) - 1)
        numbers[topic, event["run"]] = number
        kinds[event["type"]] = kinds.get(event["type"], 0) + 1
        if event["type"] == "shinden.diagnosis.v1":
            latencies += [event["latencyms"]] if "latencyms" in event else []
            receipts.append(receipt_latency(event["data"]))
    elapsed, spent = time.monotonic() - start, cpu_seconds(daemon.pid) - cpu
    replay.send_signal(signal.SIGINT)
    replay.wait()
    time.sleep(1)
    ledgers, page = [], {"next": 0}
    while "next" in page:
        page = ask(context, control, key, op="STREAMS", **({"from": page["next"]} if page["next"] else {}))
        ledgers += [lead for stream in page["streams"] for lead in stream["leads"]]
    total = {key: sum(lead[key] for lead in ledgers)
             for key in ("received", "analysed", "duplicate", "late", "conflict", "refused", "held")}
    print(f"{options.patients} patients x {len(ledgers) // options.patients} leads, {elapsed:.0f} s, hop {options.hop}")
    print(f"samples: {total}")
    print(f"events: {kinds}, missed by the reader {missed}")
    print(f"latency of diagnoses, ms: median {percentile(latencies, .5)}, p99 {percentile(latencies, .99)}, "
          f"max {max(latencies)}")
    print(f"the reader's receipt minus the frame's due time, ms: median {percentile(receipts, .5):.0f}, "
          f"p99 {percentile(receipts, .99):.0f}, max {max(receipts):.0f}")
    print(f"daemon: {100 * spent / elapsed:.1f} % of one core; memory {idle:.0f} MB at ready, "
          f"{half:.0f} MB after half the time, {megabytes(daemon.pid, 'VmRSS'):.0f} MB in the end, "
          f"{megabytes(daemon.pid, 'VmHWM'):.0f} MB at most")
    daemon.send_signal(signal.SIGTERM)
    code = daemon.wait(timeout=10)
    lost = total["received"] - total["analysed"] - total["held"]
    print(f"exit code {code}; lost {lost}")
    sys.exit(0 if code == 0 and lost == 0 and missed == 0 and total["received"] else 1)


if __name__ == "__main__":
    main()
