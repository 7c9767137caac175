"""The real programs that the browser tests run: daemon, gateways and dashboard, each ended by the test that began it."""
import json, os, re, signal, socket, subprocess, tempfile, threading, time, urllib.error, urllib.request

import zmq

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
PROGRAM = os.environ.get("SHINDEN", os.path.join(ROOT, ".build/release/shinden"))


next_port = 20000 + os.getpid() % 8000


def free_ports(count):
    """Ports of loopback that nobody holds now, below those that the system gives out by itself; never the same twice."""
    global next_port
    ports = []
    while len(ports) < count:
        next_port += 1
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", next_port))
                ports.append(next_port)
            except OSError:
                pass
    return ports


class Program:
    """One process with its words; `end` stops it as Ctrl-C would, or by force after ten seconds."""

    def __init__(self, *arguments):
        self.words = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen([PROGRAM, *map(str, arguments)], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=self.words)

    def said(self):
        self.words.seek(0)
        return self.words.read()

    def wait_for(self, pattern, seconds=60):
        end = time.monotonic() + seconds
        while True:
            found = re.search(pattern, self.said())
            if found:
                return found
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError("%s: no %r, it said: %s" % (self.process.args[1], pattern, self.said()))
            time.sleep(0.05)

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self):
        self.process.send_signal(signal.SIGCONT)

    def end(self, with_signal=signal.SIGINT):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(with_signal)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        code = self.process.returncode
        self.words.close()
        return code


class Ward:
    """A daemon with its dashboard on free ports, the gateways that send to it, and the people who may log in, if any."""

    def __init__(self, people=(), right="manage", flags=(), policy=None):
        frames, events, control, http = free_ports(4)
        self.frames, self.events, self.control = ("tcp://127.0.0.1:%d" % port for port in (frames, events, control))
        self.http, self.url = "127.0.0.1:%d" % http, "http://127.0.0.1:%d/" % http
        self.gateways, self.daemon, self.dashboard = [], None, None
        self.folder = tempfile.TemporaryDirectory(prefix="shinden-ward-")
        self.users = ["--users", os.path.join(self.folder.name, "users")] if people else []
        self.flags = list(flags)
        self.policy = []
        if policy:
            self.policy = ["--policy", os.path.join(self.folder.name, "policy.yaml")]
            with open(self.policy[1], "w") as file:
                file.write(policy)
        for name in people:
            subprocess.run([PROGRAM, "dashboard", "users", "add", name, "--right", right, *self.users], cwd=ROOT, check=True, text=True,
                           input=password(name) + "\n", stderr=subprocess.DEVNULL)
        self.start_daemon()
        self.start_dashboard()

    def start_daemon(self):
        self.daemon = Program("serve", "--bind-subscribe", self.frames, "--events", self.events, "--control", self.control,
                              "--model", os.path.join(ROOT, "Models/default"), *self.policy)
        self.daemon.wait_for(r"shinden: ready")

    def start_dashboard(self):
        self.dashboard = Program("dashboard", "--events", self.events, "--control", self.control, "--http", self.http,
                                 *self.users, *self.flags)
        self.dashboard.wait_for(r"open http")

    def ask(self, *arguments):
        """What a command says that asks the daemon."""
        return subprocess.run([PROGRAM, *arguments, "--control", self.control], cwd=ROOT, check=True, text=True, capture_output=True).stdout

    def remove(self, name):
        """Takes somebody out of those who may log in."""
        subprocess.run([PROGRAM, "dashboard", "users", "remove", name, *self.users], cwd=ROOT, check=True, stderr=subprocess.DEVNULL)

    def send(self, *arguments):
        """A gateway that sends recordings as live patients, at real speed unless told otherwise."""
        gateway = Program("replay", *arguments, "--publish", self.frames, "--events", self.events, "--wait-seconds", "60")
        self.gateways.append(gateway)
        return gateway

    def get(self, path, **headers):
        """Status, headers and body of an answer to a plain request."""
        request = urllib.request.Request(self.url.rstrip("/") + path, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, dict(answer.headers), answer.read()
        except urllib.error.HTTPError as error:
            return error.code, dict(error.headers), error.read()

    def end(self):
        for program in self.gateways + [self.dashboard, self.daemon]:
            if program is not None:
                program.end()
        self.folder.cleanup()


def password(name):
    """The password of somebody who may log in."""
    return "password of " + name


class MarkupDaemon:
    """Events as no daemon of ours sends them: all that comes from outside is markup. Its control socket answers nothing."""

    TEXT = "<img src=/x onerror=\"document.body.dataset.broken='yes'\"><b>bed</b>"

    def __init__(self):
        events, control, http = free_ports(3)
        self.events, self.control = ("tcp://127.0.0.1:%d" % port for port in (events, control))
        self.http, self.url = "127.0.0.1:%d" % http, "http://127.0.0.1:%d/" % http
        self.is_over = False
        self.thread = threading.Thread(target=self.send)
        self.thread.start()
        self.dashboard = Program("dashboard", "--events", self.events, "--control", self.control, "--http", self.http)
        self.dashboard.wait_for(r"open http")

    def event(self, kind, number, data):
        text = self.TEXT
        data = {"patient": text, "device": text, "stream": text + ".0000000000000001", **data}
        return [("ev1._.%s.p." % kind).encode() if kind != "heartbeat" else b"ev1._.heartbeat._.", json.dumps({
            "type": "shinden.%s.v1" % kind, "run": text, "topicsequence": "%016d" % number, "time": "2026-01-02T03:04:05.678Z",
            "id": text, "subject": text, "data": data}).encode()]

    def send(self):
        context, text, number = zmq.Context(), self.TEXT, 0
        sender, silent = context.socket(zmq.XPUB), context.socket(zmq.ROUTER)
        sender.bind(self.events)
        silent.bind(self.control)
        while not self.is_over:
            number += 1
            sender.send_multipart(self.event("heartbeat", number, {"page": 1, "pages": 1, "heads": {}}))
            sender.send_multipart(self.event("tech", number, {
                "code": text, "phase": "tpoint", "priority": "low", "count": 1, "detail": text}))
            sender.send_multipart(self.event("alarm", number, {
                "alarm_id": text, "statement": text, "en": text, "ja": text, "class": "physiological", "phase": "update",
                "priority": "high", "state": "latched", "signal": "acknowledged", "reason": text, "evidence": "rule", "by": text,
                "figure": {"value": 1, "unit": text}, "leads": [text], "onset": {"time": "2026-01-02T03:04:05.678Z"}}))
            sender.send_multipart(self.event("diagnosis", number, {
                "window": {"first_sample": 0, "sample_count": 5000, "start": "2026-01-02T03:04:05.678Z", "end": "2026-01-02T03:04:15.678Z"},
                "leads_used": [text], "leads": [{"lead": text, "coverage": 1, "source": text, "reason": text}], "withheld": [
                    {"id": text, "reason": text, "needs": text}], "window_withheld": None, "top": [
                    {"id": text, "en": text, "ja": text, "similarity": 1, "probability": 0.99}]}))
            time.sleep(0.5)
        sender.close(0)
        silent.close(0)
        context.term()

    def end(self):
        self.dashboard.end()
        self.is_over = True
        self.thread.join()


class AlarmListener:
    """Reads the daemon's alarm events beside the page, and notes when each came."""

    def __init__(self, events):
        self.heard, self.is_over = [], False
        self.socket = zmq.Context.instance().socket(zmq.SUB)
        self.socket.subscribe("ev1._.alarm.")
        self.socket.connect(events)
        self.thread = threading.Thread(target=self.read)
        self.thread.start()

    def read(self):
        while not self.is_over:
            if self.socket.poll(50):
                body = self.socket.recv_multipart()[1]
                self.heard.append((time.monotonic(), json.loads(body)))
        self.socket.close(0)

    def first(self, priority):
        """When the first alarm of that priority began, and its event."""
        return next((at, event) for at, event in list(self.heard)
                    if event["data"]["phase"] == "start" and event["data"]["priority"] == priority)

    def end(self):
        self.is_over = True
        self.thread.join()


def record(name):
    return os.path.join(ROOT, "Fixtures", name)
