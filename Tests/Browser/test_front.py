#!/usr/bin/python3
"""The example configuration of nginx, run as it stands in Examples/nginx, before a real dashboard. Research software, not a medical device.

    make test-browser          or   Tests/Browser/test_front.py [-v]

It needs nginx and openssl, and is skipped with the reason where one of them is missing.
"""
import http.client, json, os, re, shutil, socket, ssl, subprocess, sys, tempfile, time, unittest, zlib

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE]
from programs import ROOT, Ward, free_ports, password, record  # noqa: E402

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
OPENSSL = shutil.which("openssl")
NAME = "ward.example.org"


@unittest.skipIf(NGINX is None, "no nginx here: Scripts/debian-packages.sh browser installs it")
@unittest.skipIf(OPENSSL is None, "no openssl here, which makes the certificate")
class FrontTests(unittest.TestCase):
    """A browser of another machine sees the pages by TLS, and nothing else changes."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="shinden-nginx-")
        cls.addClassCleanup(cls.folder.cleanup)
        [cls.port] = free_ports(1)
        cls.origin = "https://%s:%d" % (NAME, cls.port)
        cls.ward = Ward(("kana",), flags=["--public", cls.origin])
        cls.addClassCleanup(cls.ward.end)
        cls.ward.send(record("ptbxl/00001_hr"), "--loop")
        cls.certificate = cls.path("ward.pem")
        subprocess.run([OPENSSL, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
                        "-subj", "/CN=" + NAME, "-addext", "subjectAltName=DNS:" + NAME, "-keyout", cls.path("ward.key"),
                        "-out", cls.certificate], check=True, stderr=subprocess.DEVNULL)
        cls.start_nginx()

    @classmethod
    def path(cls, name):
        return os.path.join(cls.folder.name, name)

    @classmethod
    def start_nginx(cls):
        with open(os.path.join(ROOT, "Examples/nginx/shinden.conf")) as file:
            site = file.read()
        for old, new in [("listen 443 ssl", "listen 127.0.0.1:%d ssl" % cls.port), ("http://127.0.0.1:7280", cls.ward.url.rstrip("/")),
                         ("/etc/ssl/ward.example.org.pem", cls.certificate),
                         ("/etc/ssl/private/ward.example.org.key", cls.path("ward.key"))]:
            assert site.count(old) == 1 or old.startswith("http"), old
            site = site.replace(old, new)
        with open(cls.path("site.conf"), "w") as file:
            file.write(site)
        with open(cls.path("nginx.conf"), "w") as file:
            file.write("daemon off; pid %s; error_log %s notice;\nevents { worker_connections 256; }\nhttp {\n%s\ninclude %s;\n}\n" % (
                cls.path("pid"), cls.path("error.log"),
                "\n".join("%s_temp_path %s;" % (kind, cls.path(kind)) for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]),
                cls.path("site.conf")))
        cls.nginx = subprocess.Popen([NGINX, "-c", cls.path("nginx.conf"), "-p", cls.folder.name, "-e", cls.path("error.log")])
        cls.addClassCleanup(cls.end_nginx)
        end = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", cls.port), 1).close()
                return
            except OSError:
                if time.monotonic() > end or cls.nginx.poll() is not None:
                    with open(cls.path("error.log")) as file:
                        raise RuntimeError("nginx does not listen: " + file.read()) from None
                time.sleep(0.05)

    @classmethod
    def end_nginx(cls):
        cls.nginx.terminate()
        cls.nginx.wait(10)

    def connect(self, protocols=("http/1.1",)):
        context = ssl.create_default_context(cafile=self.certificate)
        context.set_alpn_protocols(list(protocols))
        plain = socket.create_connection(("127.0.0.1", self.port), 20)
        wrapped = context.wrap_socket(plain, server_hostname=NAME)
        self.addCleanup(wrapped.close)
        return wrapped

    def ask(self, method, path, body=None, host=None, **headers):
        connection = http.client.HTTPConnection(NAME)
        connection.sock = self.connect()
        data = None if body is None else json.dumps(body)
        connection.request(method, path, data, {"Host": host or "%s:%d" % (NAME, self.port), **headers})
        return connection.getresponse()

    def log_in(self):
        answer = self.ask("POST", "/api/login", {"name": "kana", "password": password("kana")},
                          **{"Origin": self.origin, "Content-Type": "application/json"})
        self.assertEqual(answer.status, 200)
        return answer.headers["Set-Cookie"], json.load(answer)

    def test_1_the_page_comes_by_tls_with_its_policy(self):
        answer = self.ask("GET", "/")
        self.assertEqual(answer.status, 200)
        self.assertIn("default-src 'none'", answer.headers["Content-Security-Policy"])
        self.assertIn("max-age", answer.headers["Strict-Transport-Security"])
        self.assertIn(b"main.js", answer.read())

    def test_2_http_2_is_offered(self):
        sock = self.connect(["h2", "http/1.1"])
        self.assertEqual(sock.selected_alpn_protocol(), "h2")
        self.assertIn(sock.version(), ("TLSv1.2", "TLSv1.3"))

    def test_3_a_session_is_sent_back_by_tls_alone(self):
        cookie, _ = self.log_in()
        for word in ("HttpOnly", "SameSite=Strict", "Secure"):
            self.assertIn(word, cookie)
        wrong = self.ask("POST", "/api/login", {"name": "kana", "password": password("kana")},
                         **{"Origin": "https://other.example.org", "Content-Type": "application/json"})
        self.assertEqual(wrong.status, 403)

    def test_4_what_a_page_is_told_waits_in_no_buffer(self):
        cookie, _ = self.log_in()
        # As a browser asks: packed, and it must be unpacked as it comes.
        answer = self.ask("GET", "/events", **{"Cookie": cookie.split(";")[0], "Accept-Encoding": "gzip"})
        self.assertEqual((answer.status, answer.headers["Content-Encoding"]), (200, "gzip"))
        unpacker, text, times = zlib.decompressobj(31), b"", []
        end = time.monotonic() + 20
        while len(times) < 12 and time.monotonic() < end:
            text += unpacker.decompress(answer.read1(65536))
            times += [time.monotonic()] * (text.count(b"\n\n") - len(times))
        self.assertGreaterEqual(len(times), 12)
        # Five messages a second; a buffer would let many come at once, after seconds.
        gaps = [b - a for a, b in zip(times, times[1:])]
        self.assertLess(max(gaps), 2)
        self.assertGreater(times[-1] - times[0], 1)
        self.assertLess(gaps.count(0), len(gaps) / 2)

    def test_5_who_asks_by_another_name_or_for_the_metrics_gets_nothing(self):
        self.assertEqual(self.ask("GET", "/", host="other.example.org").status, 421)
        self.assertEqual(self.ask("GET", "/metrics").status, 404)
        self.assertEqual(self.ward.get("/metrics")[0], 200)
        self.assertEqual(self.ask("GET", "/events").status, 401)
        with open(self.path("error.log")) as file:
            self.assertNotRegex(file.read(), re.compile(r"\[(error|crit|emerg)\]"))


if __name__ == "__main__":
    unittest.main()
