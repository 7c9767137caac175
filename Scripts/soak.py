#!/usr/bin/python3
"""Runs a daemon for an hour at twenty times real time and more, and judges it: memory, descriptors, and every event.

    make soak                                  an hour
    SHINDEN_SOAK_MINUTES=10 make soak          ten minutes
    SHINDEN_SOAK_SPEED=40 SHINDEN_SOAK_PATIENTS=8 make soak

Half of the patients come over PUB, half over the acknowledged path; log and journal are kept. Once the daemon has been
stopped, its log is gone through again by `shinden classify --events`. Fails where the memory grows by one hundredth or more
from the end of the warm-up (the first third) on, the least number of open files in a minute changes, an event is missed, or the events of the
replay are not those that were published, to the byte and as often.

SHINDEN_SOAK_DIR is the folder for log and journal, 0.9 GB for each patient and hour at twenty times real time (default: a
temporary one). Needs python3-zmq. Research software, not a medical device.
"""
import hashlib, json, os, shutil, signal, subprocess, sys, tempfile, threading, time
import zmq

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
SHINDEN = os.path.join(ROOT, ".build/release/shinden")
RECORDS = ["ptbxl/00017_hr", "mitdb/207_1530", "cpsc_2018/A1389", "ptbxl/00279_hr"]
# What is said of sockets, load and disks, which no log holds; docs/FRAME_LOG.md.
UNLOGGED = set("""link_dropped peer_refused peer_unheard key_refused right_refused limit_reached memory_beyond_bound overload
    files_running_out record_failed journal_failed STALL""".split())
# What a log does not hold: the counts of the acknowledged path, and what the service says of itself.
KINDS = {"shinden.%s.v1" % kind for kind in ("diagnosis", "alarm", "vitals", "tech")}


def number(name, default):
    return float(os.environ.get("SHINDEN_SOAK_" + name, default))


class Events:
    """A sum of hashes of canonical events, which does not depend on their order; and how many there were."""

    def __init__(self):
        self.sum, self.count = 0, 0

    def add(self, event):
        if event["type"] not in KINDS:
            return
        data = event["data"]
        if event["type"] == "shinden.tech.v1" and (data["code"] in UNLOGGED or data.get("endpoint") == "acknowledged"):
            return
        text = json.dumps([event[name] for name in ("data", "id", "subject", "time", "type")], sort_keys=True)
        self.sum = (self.sum + int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")) % 2**256
        self.count += 1


def parsed(line):
    """Numbers stay the texts that they are, so that no digit is passed over."""
    return json.loads(line, parse_float=str, parse_int=str)


class Reader(threading.Thread):
    """Reads all events until nothing more comes from a daemon that is gone."""

    def __init__(self, endpoint):
        super().__init__(daemon=True)
        self.endpoint, self.events, self.missed, self.heads = endpoint, Events(), 0, {}
        self.is_ending, self.is_heard = False, threading.Event()

    def run(self):
        socket = zmq.Context.instance().socket(zmq.SUB)
        socket.set(zmq.RCVHWM, 0)
        socket.subscribe(b"ev1.")
        socket.connect(self.endpoint)
        quiet = 0
        while quiet < 3:
            if not socket.poll(1000):
                quiet += self.is_ending
                continue
            quiet = 0
            topic, body = socket.recv_multipart()
            event, topic = parsed(body), topic.decode()
            self.is_heard.set()
            sequence = int(event["topicsequence"])
            self.missed += max(0, sequence - self.heads.get(topic, sequence - 1) - 1)
            self.heads[topic] = sequence
            self.events.add(event)


def resident(process):
    with open(f"/proc/{process.pid}/status", encoding="ascii") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


def growth(samples):
    """How much a straight line through the samples rises over their time, as a share of their mean."""
    count = len(samples)
    times, values = [at for at, _ in samples], [value for _, value in samples]
    middle, mean = sum(times) / count, sum(values) / count
    slope = sum((t - middle) * (v - mean) for t, v in samples) / sum((t - middle) ** 2 for t in times)
    return slope * (times[-1] - times[0]) / mean


def main():
    minutes, speed, patients = number("MINUTES", 60), number("SPEED", 20), int(number("PATIENTS", 4))
    folder = os.environ.get("SHINDEN_SOAK_DIR") or tempfile.mkdtemp(prefix="shinden-soak-")
    state = os.path.join(folder, "state")
    ends = {name: f"ipc://{folder}/{name}" for name in ("frames", "events", "control", "waves", "ingest")}
    model = os.path.join(ROOT, "Models/default")
    with open(os.path.join(folder, "daemon.txt"), "w", encoding="utf-8") as words:
        daemon = subprocess.Popen(
            [SHINDEN, "serve", "--bind-subscribe", ends["frames"], "--events", ends["events"], "--control",
             ends["control"], "--waves", ends["waves"], "--ingest", ends["ingest"], "--state", state, "--model", model,
             "--ingest-speed-max", "max", "--stop-seconds", "600"], stderr=words)
    reader = Reader(ends["events"])
    reader.start()
    gateways = []
    try:
        if not reader.is_heard.wait(120):
            sys.exit(f"soak: no heartbeat; {folder}/daemon.txt says why")
        begun = time.monotonic()
        for place in range(patients):
            record = os.path.join(ROOT, "Fixtures", RECORDS[place % len(RECORDS)])
            way = (["--publish", ends["frames"], "--events", ends["events"]] if place % 2 == 0
                   else ["--publish", ends["ingest"], "--acknowledged"])
            gateways.append(subprocess.Popen(
                [SHINDEN, "replay", record, "--patient", f"soak{place}", "--loop", "--speed", str(speed), "--quiet"] + way,
                stdout=subprocess.DEVNULL))
        memory, files, line = [], [], 0
        while (elapsed := time.monotonic() - begun) < minutes * 60:
            time.sleep(1)
            if daemon.poll() is not None or any(gateway.poll() is not None for gateway in gateways):
                sys.exit(f"soak: a program has ended before its time; {folder}/daemon.txt may say why")
            memory.append((elapsed, resident(daemon)))
            files.append((elapsed, len(os.listdir(f"/proc/{daemon.pid}/fd"))))
            if elapsed >= line:
                line += 60
                print(f"soak: {elapsed:.0f} s, {memory[-1][1]} KB, {files[-1][1]} files, {reader.events.count} events",
                      file=sys.stderr, flush=True)
    finally:
        for gateway in gateways:
            gateway.send_signal(signal.SIGINT)
        for gateway in gateways:
            gateway.wait()
        daemon.send_signal(signal.SIGTERM)
        daemon.wait()
        reader.is_ending = True
    reader.join()
    replayed = Events()
    with subprocess.Popen([SHINDEN, "classify", os.path.join(state, "log"), "--events", "--quiet", "--model", model],
                          stdout=subprocess.PIPE) as classify:
        for text in classify.stdout:
            replayed.add(parsed(text))
    warm = minutes * 60 / 3
    rise = growth([sample for sample in memory if sample[0] >= warm])
    # The next segment of the log is open beside the last one for a moment.
    counts = {min(count for at, count in files if at // 60 == minute) for minute in {at // 60 for at, _ in files if at >= warm}}
    faults = [fault for fault, is_so in [
        (f"the daemon ended with {daemon.returncode}", daemon.returncode != 0),
        (f"classify ended with {classify.returncode}", classify.returncode != 0),
        (f"{reader.missed} events were missed", reader.missed != 0),
        ("nothing was found", reader.events.count < minutes * speed * patients * 60),
        ("the replay's events are others than those that were published",
         (reader.events.sum, reader.events.count) != (replayed.sum, replayed.count)),
        (f"the memory grows by {100 * rise:.2f} %", rise >= 0.01),
        (f"the number of open files changes: {sorted(counts)}", len(counts) > 1)] if is_so]
    print(json.dumps({
        "minutes": minutes, "speed": speed, "patients": patients, "events": reader.events.count,
        "events_of_the_replay": replayed.count, "hash": f"{reader.events.sum:064x}"[:16],
        "hash_of_the_replay": f"{replayed.sum:064x}"[:16], "missed": reader.missed,
        "memory_kilobytes": [memory[0][1], next(kb for at, kb in memory if at >= warm), memory[-1][1]],
        "growth_percent": round(100 * rise, 3), "open_files": sorted(counts), "faults": faults}, indent=1))
    if not faults and "SHINDEN_SOAK_DIR" not in os.environ:
        shutil.rmtree(folder)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
