#!/usr/bin/python3
"""Keeps what this release writes under Fixtures/releases/VERSION, for every later release to read.

    make build && Scripts/release-artefacts.py

A state folder with the frame logs of two runs, the journal and what it remembers of two patients: of a ventricular flutter
(mitdb 207) that came over the acknowledged path, acknowledged alarms and limits that were set, and checkpoints of a stream (mitdb
100) that was open when the daemon was killed, went on in the next run, and was open when that was killed too. expected.json
says what a daemon that goes on from it knows. Needs python3-zmq and sqlite3.
Research software, not a medical device.
"""
import json, os, re, shutil, signal, sqlite3, subprocess, sys, tempfile, time
import zmq

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
SHINDEN = os.path.join(ROOT, ".build/release/shinden")
MODEL = os.path.join(ROOT, "Models/default")
EPOCH = 0xC0FFEE


class Run:
    """A daemon on a state folder."""

    def __init__(self, folder):
        self.ends = {name: f"ipc://{folder}/{name}" for name in ("frames", "events", "control", "ingest")}
        flags = ["--bind-subscribe", self.ends["frames"], "--events", self.ends["events"], "--control",
                 self.ends["control"], "--ingest", self.ends["ingest"]]
        self.process = subprocess.Popen(
            [SHINDEN, "serve", "--state", os.path.join(folder, "state"), "--model", MODEL, "--ingest-speed-max", "max",
             "--node", "release"] + flags)
        self.control = zmq.Context.instance().socket(zmq.DEALER)
        self.control.connect(self.ends["control"])

    def ask(self, op, **members):
        self.control.send(json.dumps({"op": op, "request": "r", **members}).encode())
        if not self.control.poll(30_000):
            sys.exit(f"release-artefacts: no answer to {op}")
        return json.loads(self.control.recv_multipart()[-1])

    def history(self):
        events, first = [], 1
        while True:
            page = self.ask("REPLAY", **{"from": first})
            events += page["events"]
            if not page["more"]:
                return events
            first = page["next"]

    def end(self, how):
        self.process.send_signal(how)
        self.process.wait()


def lines(*arguments):
    result = subprocess.run([SHINDEN, *arguments], capture_output=True, text=True, check=True)
    return result.stdout.splitlines()


def main():
    version = lines("--version")[0].split()[1]
    target = os.path.join(ROOT, "Fixtures/releases", version)
    if os.path.exists(target):
        sys.exit(f"release-artefacts: {target} is there; what a release has left is not made anew")
    folder = tempfile.mkdtemp(prefix="shinden-release-")
    run = Run(folder)
    record = os.path.join(ROOT, "Fixtures/mitdb/207_1530")
    sent = subprocess.run([SHINDEN, "replay", record, "--acknowledged", "--patient", "p1", "--device", "d1", "--epoch",
                    f"{EPOCH:x}", "--speed", "max", "--publish", run.ends["ingest"]], check=True, capture_output=True, text=True)
    chunks = int(re.search(r"(\d+) messages", sent.stdout + sent.stderr)[1])
    end = time.monotonic() + 60
    while not run.ask("SNAPSHOT")["alarms"]:
        if time.monotonic() > end:
            run.end(signal.SIGKILL)
            sys.exit("release-artefacts: no alarm within a minute")
        time.sleep(0.1)
    # What the last seconds of the recording raise comes too.
    time.sleep(2)
    alarms = run.ask("SNAPSHOT")["alarms"]
    replies = [run.ask("ACK", alarm_id=alarms[0]["alarm_id"]), run.ask("LIMITS", patient="p1", low=45),
               run.ask("BASELINE", patient="p1", statement="bradycardia")]
    if not all(reply["ok"] for reply in replies):
        run.end(signal.SIGKILL)
        sys.exit(f"release-artefacts: refused: {replies}")
    gateway = subprocess.Popen(
        [SHINDEN, "replay", os.path.join(ROOT, "Fixtures/mitdb/100_1440"), "--acknowledged", "--patient", "p2", "--device", "d2",
         "--epoch", f"{EPOCH:x}", "--speed", "20", "--loop", "--publish", run.ends["ingest"]],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(2.5)
    gateway.kill()
    gateway.wait()
    time.sleep(0.3)
    run.end(signal.SIGKILL)
    again = Run(folder)
    while not again.ask("STATUS")["ready"]:
        time.sleep(0.05)
    # STREAMS is up to 0.2 s behind.
    time.sleep(0.5)
    snapshot = again.ask("SNAPSHOT")
    goes_on = [stream["stream"] for stream in again.ask("STREAMS")["streams"] if stream["state"] != "closed"]
    again.end(signal.SIGKILL)
    state = os.path.join(folder, "state")
    journal = sqlite3.connect(os.path.join(state, "journal/events.sqlite"))
    kept = [json.loads(row[0]) for row in journal.execute("SELECT event FROM events ORDER BY sequence")]
    journal.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    journal.close()
    logs = {}
    for name in sorted(os.listdir(os.path.join(state, "log"))):
        if name.endswith(".framelog"):
            path = os.path.join(state, "log", name)
            logs[name] = {
                "entries": json.loads("".join(lines("inspect", path, "--json")))["entries"],
                "diagnoses": sorted(
                    event["id"] for event in map(json.loads, lines("classify", path, "--events", "--quiet", "--model", MODEL))
                    if event["type"] == "shinden.diagnosis.v1")}
    os.makedirs(os.path.join(target, "journal"))
    shutil.copytree(os.path.join(state, "log"), os.path.join(target, "log"), ignore=shutil.ignore_patterns("lock"))
    shutil.copy(os.path.join(state, "journal/events.sqlite"), os.path.join(target, "journal"))
    with open(os.path.join(target, "expected.json"), "w", encoding="utf-8") as file:
        json.dump({
            "release": version, "epoch": EPOCH, "chunks": chunks, "open": goes_on,
            "alarms": [{name: alarm[name] for name in ("alarm_id", "statement")} for alarm in snapshot["alarms"]],
            "settings": [{name: setting[name] for name in ("patient", "device", "baseline", "limits")}
                         for setting in snapshot["settings"]],
            "journal": [event["id"] for event in kept], "logs": logs}, file, indent=1, sort_keys=True)
        file.write("\n")
    shutil.rmtree(folder)
    print(target)


if __name__ == "__main__":
    main()
