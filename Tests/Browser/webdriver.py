"""A browser driven by W3C WebDriver: Debian's chromium and chromium-driver, headless, without a further library."""
import base64, json, os, re, shutil, subprocess, tempfile, time, urllib.error, urllib.request

HEADLESS = ["--headless=new", "--disable-gpu", "--hide-scrollbars", "--force-device-scale-factor=1", "--no-first-run",
            "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", "--no-default-browser-check"]


class Failed(Exception):
    """The driver refused a command, or what was waited for did not come."""


class Browser:
    """One window; `with Browser(1366, 768) as browser:` ends driver and browser whatever happens."""

    def __init__(self, width=1366, height=768, arguments=()):
        driver = shutil.which("chromedriver")
        if driver is None:
            raise Failed("no chromedriver here; install Debian's chromium and chromium-driver")
        self.folder = tempfile.mkdtemp(prefix="shinden-browser-")
        self.process = subprocess.Popen([driver, "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.session = None
        try:
            for line in self.process.stdout:
                found = re.search(r"started successfully on port (\d+)", line)
                if found:
                    self.base = "http://127.0.0.1:" + found.group(1)
                    break
            else:
                raise Failed("chromedriver did not start")
            sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
            options = {"args": HEADLESS + sandbox + list(arguments) + [
                "--window-size=%d,%d" % (width, height), "--user-data-dir=" + self.folder]}
            answer = self.ask("POST", "/session", {"capabilities": {"alwaysMatch": {
                "browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}}})
            self.session = "/session/" + answer["sessionId"]
            self.ask("POST", self.session + "/timeouts", {"script": 100_000, "pageLoad": 100_000})
            self.resize(width, height)
        except BaseException:
            self.end()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def end(self):
        """Ends browser and driver and removes the profile."""
        if self.session is not None:
            try:
                self.ask("DELETE", self.session)
            except (Failed, OSError):
                pass
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise Failed("%s %s: %s" % (method, path, error.read().decode(errors="replace")[:500])) from None

    def resize(self, width, height):
        """Makes the page itself that large, without the window's frame."""
        self.ask("POST", self.session + "/goog/cdp/execute", {"cmd": "Emulation.setDeviceMetricsOverride", "params": {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}})

    def cdp(self, command, **parameters):
        return self.ask("POST", self.session + "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def open(self, url):
        self.ask("POST", self.session + "/url", {"url": url})

    def script(self, code, *arguments):
        """What the body of a function returns in the page."""
        return self.ask("POST", self.session + "/execute/sync", {"script": code, "args": list(arguments)})

    def script_async(self, code, *arguments):
        """What the body of a function gives to its last argument, a function, in the page."""
        return self.ask("POST", self.session + "/execute/async", {"script": code, "args": list(arguments)})

    def press(self, key):
        """Presses one key, as a person would."""
        actions = [{"type": kind, "value": key} for kind in ("keyDown", "keyUp")]
        self.ask("POST", self.session + "/actions", {"actions": [{"type": "key", "id": "keys", "actions": actions}]})

    def click(self, x, y):
        """Clicks at a point of the page, as a person would."""
        self.ask("POST", self.session + "/actions", {"actions": [{"type": "pointer", "id": "mouse", "actions": [
            {"type": "pointerMove", "x": int(x), "y": int(y)}, {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}]}]})

    def screenshot(self, path=None):
        """The page as it looks, a PNG."""
        image = base64.b64decode(self.ask("GET", self.session + "/screenshot"))
        if path:
            with open(path, "wb") as file:
                file.write(image)
        return image

    def console(self):
        """What the page wrote to its console since the last call."""
        return self.ask("POST", self.session + "/se/log", {"type": "browser"})

    def wait(self, what, code, *arguments, seconds=60):
        """Waits until the body of a function returns something true, and returns it."""
        end = time.monotonic() + seconds
        while True:
            value = self.script(code, *arguments)
            if value:
                return value
            if time.monotonic() > end:
                raise Failed("%s did not come within %d s; the page says: %s" % (
                    what, seconds, self.script("return document.body.innerText")[:1500]))
            time.sleep(0.1)
