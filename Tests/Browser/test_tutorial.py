#!/usr/bin/python3
"""docs/TUTORIAL.md, command by command as it stands there, and what it says of the page. Research software, not a medical device.

    make test-browser          or   Tests/Browser/test_tutorial.py [-v]

The commands get the ports of this test where they would take the default ones, which another daemon may hold.
"""
import json, os, re, shlex, signal, subprocess, sys, tempfile, time, unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE]
from programs import PROGRAM, ROOT, Program, free_ports, password  # noqa: E402
from webdriver import Browser  # noqa: E402

TEXT = open(os.path.join(ROOT, "docs/TUTORIAL.md")).read()


def commands():
    """The indented lines of the document, in their order."""
    return [line.strip() for line in TEXT.splitlines() if line.startswith("    ")]


class TutorialTests(unittest.TestCase):
    def setUp(self):
        frames, events, control, http = free_ports(4)
        self.frames, self.events, self.control = ("tcp://127.0.0.1:%d" % port for port in (frames, events, control))
        self.url = "http://127.0.0.1:%d/" % http
        self.folder = tempfile.TemporaryDirectory(prefix="shinden-tutorial-")
        self.addCleanup(self.folder.cleanup)
        self.environment = {**os.environ, "SHINDEN_EVENTS": self.events, "SHINDEN_CONTROL": self.control,
                            "SHINDEN_HTTP": "127.0.0.1:%d" % http}
        self.left = commands()

    def take(self, pattern):
        """The next command of the document, which must be that one."""
        self.assertTrue(self.left, "the document ends before " + pattern)
        command = self.left.pop(0)
        self.assertRegex(command, pattern)
        words = shlex.split(command.replace("--users users", "--users " + os.path.join(self.folder.name, "users")))
        return [PROGRAM if word.endswith("/shinden") else word for word in words]

    def begin(self, words):
        program = Program.__new__(Program)
        program.words = tempfile.TemporaryFile("w+")
        program.process = subprocess.Popen(words, cwd=ROOT, env=self.environment, stdout=subprocess.DEVNULL, stderr=program.words)
        self.addCleanup(program.end)
        return program

    def run_now(self, words, text=None, codes=(0,)):
        done = subprocess.run(words, cwd=ROOT, env=self.environment, input=text, text=True, capture_output=True, timeout=120)
        self.assertIn(done.returncode, codes, "%s: %s" % (words, done.stderr))
        return done.stdout

    def test_from_a_phone_to_an_alarm_on_the_page(self):
        self.take("^make build$")  # has left the program that runs here
        serve = self.take("serve$") + ["--bind-subscribe", self.frames, "--events", self.events, "--control", self.control,
                                      "--model", os.path.join(ROOT, "Models/default")]
        self.begin(serve).wait_for("ready")
        self.run_now(self.take("users add kana"), text=password("kana") + "\n")
        self.begin(self.take("dashboard --users")).wait_for("open http")
        with Browser(1366, 768) as browser:
            browser.open(self.url)
            browser.script("localStorage.setItem('shinden', arguments[0])", json.dumps({"language": "en"}))
            browser.open(self.url)
            browser.wait("the question", "return document.querySelector('.login')")
            browser.script("""document.querySelector('#login-name').value = 'kana';
                document.querySelector('#login-password').value = arguments[0]; document.querySelector('.login').requestSubmit()""", password("kana"))
            browser.wait("no patients", "return /No patients/.test(document.body.innerText)")
            self.begin(self.take("phone-1") + ["--publish", self.frames])
            tile = "[...document.querySelectorAll('.tile')].find(e => e.querySelector('.name').textContent === '%s')"
            browser.wait("the tile", "return " + tile % "phone-1", seconds=30)
            browser.wait("the heart rate", "return /^\\d+$/.test((%s)?.querySelector('.rate b').textContent)" % (tile % "phone-1"), seconds=60)
            browser.wait("the suggestion", "return (%s)?.querySelector('.finding .statement, .finding .quiet')" % (tile % "phone-1"), seconds=60)
            self.assertRegex(browser.script("return (%s).innerText" % (tile % "phone-1")), "battery 90")
            self.assertIn("phone-1", self.run_now(self.take("streams$")))
            self.assertIn("phone-1", self.run_now(self.take("watch --kind vitals")))
            self.begin(self.take("phone-2") + ["--publish", self.frames])
            browser.wait("the red tile", "return (%s)?.dataset.alarm === 'high'" % (tile % "phone-2"), seconds=90)
            self.assertRegex(browser.script("return document.querySelector('#alarms').innerText"), "!!! 1")
            self.assertIn("phone-2", self.run_now(self.take("snapshot$")))
            browser.script("location.hash = (%s).getAttribute('href')" % (tile % "phone-2"))
            browser.wait("the button", "return document.querySelector('aside .act[data-act^=ack]')", seconds=20)
            browser.script("document.querySelector('aside .act[data-act^=ack]').click()")
            browser.wait("the answer", "return /acknowledged|over/.test(document.querySelector('#said').innerText)", seconds=20)
            browser.wait("the strip", "return document.querySelector('canvas.strip')?.dataset.whole === 'true'", seconds=40)
        self.run_now(self.take("doctor$"), codes=(0, 1, 69, 78))
        self.assertEqual(self.left, [], "commands of the document that this test does not run")


if __name__ == "__main__":
    unittest.main()
