#!/usr/bin/python3
"""Kills a daemon with SIGKILL again and again under acknowledged gateways at real time, and judges what is left.

    make kills                                  30 kills under 20 gateways of two patients each
    SHINDEN_KILLS=200 SHINDEN_GATEWAYS=20 make kills

Between two kills lie 1 to 5 seconds; every tenth time it waits until each patient has a diagnosis again. Fails where a chunk
that was acknowledged is not in the logs, one stands there twice, a durable event is not in the journal as it was, an id has
two contents, an alarm that stood does not stand again, or alarms take more than 2 s and diagnoses more than 15 s, counted
from the start of the program. SHINDEN_KILLS_ACK is process or power (default); SHINDEN_KILLS_SEED makes the moments others.

Needs python3-zmq. Research software, not a medical device.
"""
import hashlib, json, os, random, re, shutil, signal, sqlite3, struct, subprocess, sys, tempfile, threading, time
import zmq

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
SHINDEN = os.path.join(ROOT, ".build/release/shinden")
MODEL = os.path.join(ROOT, "Models/default")
# The second is a ventricular flutter, so that alarms stand.
RECORDS = ["mitdb/100_1440", "mitdb/207_1530", "mitdb/203_0030"]
ALARMS_SECONDS, DIAGNOSES_SECONDS = 2, 15
# Kinds of a record and of a step, as Sources/Edge/FrameLog/RecordFormat.swift has them.
FRAME, RECOVERY, RECOVERY_ENDS = 1, 9, 3


class Reader(threading.Thread):
    """Reads what the daemons publish, one after the other: contents by id, what is durable, which alarms stand."""

    def __init__(self, endpoint):
        super().__init__(daemon=True)
        self.endpoint, self.lock = endpoint, threading.Lock()
        self.contents, self.conflicts, self.durable = {}, {}, {}
        self.standing, self.diagnosed = {}, {}
        self.events = 0

    def run(self):
        socket = zmq.Context.instance().socket(zmq.SUB)
        socket.set(zmq.RCVHWM, 0)
        socket.set(zmq.RECONNECT_IVL, 20)
        socket.subscribe(b"ev1.")
        socket.connect(self.endpoint)
        while True:
            self.take(json.loads(socket.recv_multipart()[1]))

    def take(self, event):
        kind, data = event["type"].split(".")[1], event["data"]
        if kind in ("heartbeat", "status"):
            return
        text = json.dumps([event[name] for name in ("data", "id", "subject", "time", "type")], sort_keys=True)
        digest = hashlib.sha256(text.encode()).digest()
        with self.lock:
            self.events += 1
            before = self.contents.setdefault(event["id"], (digest, text))
            if before[0] != digest:
                self.conflicts[event["id"]] = (before[1], text)
            if event["durable"]:
                self.durable[event["id"]] = kept(event)
            if kind == "alarm" and data["state"] == "inactive":
                self.standing.pop(data["alarm_id"], None)
            elif kind == "alarm" and event["durable"] and data["phase"] != "tpoint":
                self.standing[data["alarm_id"]] = data["state"]
            if kind == "diagnosis":
                self.diagnosed.setdefault(data["patient"], time.monotonic())

    def read(self, what):
        with self.lock:
            return what(self)


def kept(event):
    """The hash of an event as the journal keeps it."""
    bare = {name: value for name, value in event.items() if name != "latencyms"}
    return hashlib.sha256(json.dumps(bare, sort_keys=True).encode()).digest()


class Daemon:
    def __init__(self, folder, level):
        self.ends = {name: f"ipc://{folder}/{name}" for name in ("frames", "events", "control", "waves", "ingest")}
        ends, self.begun = self.ends, time.monotonic()
        with open(os.path.join(folder, "daemon.txt"), "a", encoding="utf-8") as words:
            self.process = subprocess.Popen(
                [SHINDEN, "serve", "--bind-subscribe", ends["frames"], "--events", ends["events"], "--control",
                 ends["control"], "--waves", ends["waves"], "--ingest", ends["ingest"], "--state",
                 os.path.join(folder, "state"), "--ack", level, "--model", MODEL], stderr=words)

    def snapshot(self):
        """The ids of all alarms that stand, once the daemon answers; and when it did."""
        socket = zmq.Context.instance().socket(zmq.DEALER)
        socket.set(zmq.LINGER, 0)
        socket.set(zmq.RECONNECT_IVL, 10)
        socket.connect(self.ends["control"])
        alarms, first = set(), 0
        while True:
            socket.send(json.dumps({"op": "SNAPSHOT", "request": "s", "from": first}).encode())
            while not socket.poll(100):
                if self.process.poll() is not None:
                    sys.exit(f"kills: the daemon ended with {self.process.returncode} by itself")
            page = json.loads(socket.recv_multipart()[-1])
            alarms |= {alarm["alarm_id"] for alarm in page["alarms"]}
            if not page["more"]:
                socket.close()
                return alarms, time.monotonic()
            first = page["next"]


def committed(state):
    """How often each number of each stream was logged as it came, over all runs: {(topic, epoch): {seq: times}}.

    What a run copies from the one before, between the marks of its recovery, has been counted there.
    """
    counts, runs, copying = {}, set(), None
    for name in sorted(os.listdir(os.path.join(state, "log"))):
        if not name.endswith(".framelog"):
            continue
        run = name.rsplit("-", 1)[0]
        runs.add(run)
        with open(os.path.join(state, "log", name), "rb") as file:
            data = file.read()
        place = 20
        while place + 12 <= len(data):
            length = struct.unpack_from("<I", data, place)[0]
            body, place = place + 12, place + 12 + length
            if place > len(data):
                continue
            if data[body] == RECOVERY:
                copying = None if data[body + 17] == RECOVERY_ENDS else run
            if data[body] != FRAME or copying == run:
                continue
            at = body + 17
            at += 1 + data[at]
            at += 1 + data[at]
            parts, at = [], at + 1
            for _ in range(data[at - 1]):
                size = struct.unpack_from("<I", data, at)[0]
                parts.append(data[at + 4:at + 4 + size] if len(parts) < 3 else None)
                at += 4 + size
            if parts and parts[0] == b"CHUNK":
                epoch, number = struct.unpack("<QQ", parts[1])
                numbers = counts.setdefault((parts[2], epoch), {})
                numbers[number] = numbers.get(number, 0) + 1
    return counts, len(runs)


def spread(values):
    values = sorted(values)
    if not values:
        return None
    return {"n": len(values), "p50": round(values[len(values) // 2], 3),
            "p99": round(values[min(len(values) - 1, int(0.99 * len(values)))], 3), "max": round(values[-1], 3)}


def main():
    kills, count = int(os.environ.get("SHINDEN_KILLS", 30)), int(os.environ.get("SHINDEN_GATEWAYS", 20))
    level = os.environ.get("SHINDEN_KILLS_ACK", "power")
    moments = random.Random(int(os.environ.get("SHINDEN_KILLS_SEED", 1)))
    folder = tempfile.mkdtemp(prefix="shinden-kills-")
    daemon = Daemon(folder, level)
    reader = Reader(daemon.ends["events"])
    reader.start()
    daemon.snapshot()
    patients = [f"{letter}{place}" for place in range(count) for letter in "ab"]
    gateways = [subprocess.Popen(
        [SHINDEN, "replay", os.path.join(ROOT, "Fixtures", RECORDS[place % 3]), "--acknowledged", "--patient", f"a{place}",
         "--patient", f"b{place}", "--publish", daemon.ends["ingest"], "--loop", "--chunk-ms", "20", "--wait-seconds", "600"],
        stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) for place in range(count)]
    alarms, diagnoses, missing, stood = [], [], set(), 0
    try:
        end = time.monotonic() + 120
        while len(reader.read(lambda r: dict(r.diagnosed))) < len(patients):
            if time.monotonic() > end:
                sys.exit("kills: not every patient had a diagnosis within two minutes")
            time.sleep(0.5)
        for kill in range(kills):
            time.sleep(moments.uniform(1, 5))
            expected = reader.read(lambda r: set(r.standing))
            daemon.process.send_signal(signal.SIGKILL)
            daemon.process.wait()
            time.sleep(0.2)  # what it had sent is read
            expected &= reader.read(lambda r: set(r.standing))
            reader.read(lambda r: r.diagnosed.clear())
            daemon = Daemon(folder, level)
            found, at = daemon.snapshot()
            alarms.append(at - daemon.begun)
            stood += len(expected)
            missing |= expected - found
            if kill % 10 == 0:
                end = time.monotonic() + 60
                while len(known := reader.read(lambda r: dict(r.diagnosed))) < len(patients) and time.monotonic() < end:
                    time.sleep(0.1)
                diagnoses += [known.get(patient, end) - daemon.begun for patient in patients]
            print(f"kills: {kill + 1} of {kills}, alarms after {alarms[-1]:.2f} s, {stood} stood, {len(missing)} missing",
                  file=sys.stderr, flush=True)
    finally:
        for gateway in gateways:
            gateway.send_signal(signal.SIGINT)
        words = [gateway.communicate()[1] for gateway in gateways]
        daemon.process.send_signal(signal.SIGTERM)
        daemon.process.wait()
    time.sleep(1)
    acknowledged = sum(int(re.search(r"(\d+) of \d+ messages with", text).group(1)) for text in words)
    counts, runs = committed(os.path.join(folder, "state"))
    chunks = sum(len(numbers) for numbers in counts.values())
    holes = sum(max(numbers) - len(numbers) for numbers in counts.values())
    twice = sum(times > 1 for numbers in counts.values() for times in numbers.values())
    journal = sqlite3.connect(os.path.join(folder, "state/journal/events.sqlite"))
    events = [json.loads(row[0]) for row in journal.execute("SELECT event FROM events")]
    rows = {event["id"]: kept(event) for event in events}
    # Whose end was durable and not yet sent when the daemon was killed is over, although no reader has heard of it.
    forgotten = len(missing - {event["data"]["alarm_id"] for event in events if event["data"].get("state") == "inactive"})
    whole = journal.execute("PRAGMA integrity_check").fetchone()[0]
    lost = [key for key, content in reader.durable.items() if rows.get(key) != content]
    slow = [f"alarms stood again after {max(alarms, default=0):.2f} s"] if max(alarms, default=0) > ALARMS_SECONDS else []
    if max(diagnoses, default=0) > DIAGNOSES_SECONDS:
        slow.append(f"the first diagnosis came after {max(diagnoses):.2f} s")
    faults = slow + [fault for fault, number in [
        ("acknowledged chunks are not there", max(0, acknowledged - chunks) + holes), ("chunks stand there twice", twice),
        ("durable events are not in the journal", len(lost)), ("ids have two contents", len(reader.conflicts)),
        ("alarms that stood were forgotten", forgotten), ("the journal is damaged", whole != "ok"),
        ("no alarm stood", stood == 0), ("the daemon did not end well", daemon.process.returncode != 0)] if number]
    print(json.dumps({
        "kills": kills, "gateways": count, "ack": level, "runs": runs, "chunks": chunks, "acknowledged": acknowledged,
        "lost": max(0, acknowledged - chunks) + holes, "twice": twice, "events": reader.events,
        "durable_events": len(reader.durable), "durable_lost": len(lost), "ids_with_two_contents": len(reader.conflicts),
        "alarms_that_stood": stood, "forgotten": forgotten, "alarms_seconds": spread(alarms),
        "diagnoses_seconds": spread(diagnoses), "faults": faults}, indent=1))
    for before, after in list(reader.conflicts.values())[:5]:
        print(f"kills: {before}\nkills: {after}", file=sys.stderr)
    if not faults:
        shutil.rmtree(folder)
    else:
        print(f"kills: {folder} is kept", file=sys.stderr)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
