#!/usr/bin/python3
"""What a page of 32 patients costs: its own memory and frames, and the daemon's time from frame to event with it and without it.

    Benchmarks/page_cost.py [--minutes 10] [--beside 10] [--patients 32] [--turns 2]

A real daemon, a real dashboard, `shinden replay` at real speed, Debian's chromium, headless, 1920 x 1080. The page is closed and
open in turn. Time from frame to event is `latencyms` of the diagnosis events. All run on the same processor, so what the browser
takes from it the daemon has less: an empty page that only moves is measured as a third case. Prints one line of JSON.
Research software, not a medical device.
"""
import argparse, json, os, statistics, sys, threading, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "Tests", "Browser")]
import zmq  # noqa: E402
from programs import Ward, record  # noqa: E402
from webdriver import Browser  # noqa: E402

RECORDS = ["ptbxl/%s_hr" % name for name in ("00001", "00039", "00045", "00096", "00139", "00141", "00177", "00017")]
COUNT = """window.turns = 0; const began = performance.now();
const canvas = document.body.appendChild(document.createElement('canvas')), pen = canvas.getContext('2d');
canvas.width = 1900; canvas.height = 1000;
const turn = () => { pen.fillRect(window.turns % 1900, 0, 1, 1000); window.turns += 1; requestAnimationFrame(turn); };
requestAnimationFrame(turn); window.pace = () => window.turns * 1000 / (performance.now() - began);"""


class Latencies:
    """Reads the diagnosis events of the daemon; what came since the last time is taken out by `take`."""

    def __init__(self, endpoint):
        self.values, self.is_over = [], False
        self.socket = zmq.Context.instance().socket(zmq.SUB)
        self.socket.subscribe("ev1._.diagnosis.")
        self.socket.connect(endpoint)
        self.thread = threading.Thread(target=self.read)
        self.thread.start()

    def read(self):
        while not self.is_over:
            if self.socket.poll(100):
                value = json.loads(self.socket.recv_multipart()[1]).get("latencyms")
                if value is not None:
                    self.values.append(value)
        self.socket.close(0)

    def take(self):
        values, self.values = self.values, []
        return values

    def end(self):
        self.is_over = True
        self.thread.join()


def p99(values):
    return sorted(values)[int(len(values) * 0.99)] if values else None


def resident(browser):
    """Resident bytes of all processes of a browser, by its profile."""
    total = 0
    for process in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/cmdline" % process) as file:
                if browser.folder not in file.read():
                    continue
            with open("/proc/%s/statm" % process) as file:
                total += int(file.read().split()[1]) * 4096
        except OSError:
            pass
    return total


def look(ward, minutes, latencies):
    """The page for so long: frames a second, and memory after a collection of garbage, three times a minute."""
    frames, heaps, sizes = [], [], []
    with Browser(1920, 1080) as browser:
        browser.open(ward.url)
        browser.wait("the tiles", "return document.querySelectorAll('.tile').length > 0")
        time.sleep(20)
        latencies.take()
        end = time.monotonic() + minutes * 60
        while time.monotonic() < end:
            time.sleep(min(20, max(1, minutes * 6)))
            frames.append(float(browser.script("return document.body.dataset.frames ?? '0'")))
            browser.cdp("HeapProfiler.collectGarbage")
            heaps.append(browser.script("return performance.memory.usedJSHeapSize"))
            sizes.append(resident(browser))
        tiles = browser.script("return document.querySelectorAll('.tile').length")
    return latencies.take(), {"tiles": tiles, "frames": frames, "heap": heaps, "resident": sizes}


def empty(minutes, latencies):
    """A page that only draws one line a frame, for so long: its frames a second."""
    with Browser(1920, 1080) as browser:
        browser.open("about:blank")
        time.sleep(5)
        latencies.take()
        browser.script(COUNT)
        time.sleep(minutes * 60)
        pace = browser.script("return window.pace()")
    return latencies.take(), pace


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--minutes", type=float, default=10, help="for each turn of the page")
    options.add_argument("--beside", type=float, help="for each turn without it, and with the empty one (default: as long)")
    options.add_argument("--patients", type=int, default=32)
    options.add_argument("--turns", type=int, default=2)
    asked = options.parse_args()
    beside = asked.beside or asked.minutes
    ward = Ward()
    latencies = Latencies(ward.events)
    try:
        ward.send(*[record(name) for name in RECORDS], "--patients", str(asked.patients), "--loop")
        time.sleep(20)
        found = {"without": [], "empty": [], "with": []}
        pages, paces = [], []
        for _ in range(asked.turns):
            latencies.take()
            time.sleep(beside * 60)
            found["without"].append(p99(latencies.take()))
            values, pace = empty(beside, latencies)
            found["empty"].append(p99(values))
            paces.append(pace)
            values, page = look(ward, asked.minutes, latencies)
            found["with"].append(p99(values))
            pages.append(page)
    finally:
        latencies.end()
        ward.end()
    ratio = lambda other: round(statistics.median(a / b for a, b in zip(found["with"], found[other])), 3)
    print(json.dumps({
        "patients": pages[0]["tiles"], "minutes": asked.minutes, "beside": beside, "turns": asked.turns,
        "frames_per_second": statistics.median(value for page in pages for value in page["frames"]),
        "empty_frames_per_second": round(statistics.median(paces), 1),
        "heap_mb": [[round(page["heap"][place] / 1e6, 2) for place in (0, len(page["heap"]) // 2, -1)] for page in pages],
        "resident_mb": [[round(page["resident"][place] / 1e6) for place in (0, len(page["resident"]) // 2, -1)] for page in pages],
        "p99_ms": found, "with_over_without": ratio("without"), "with_over_empty": ratio("empty"), "processors": os.cpu_count()}))


if __name__ == "__main__":
    main()
