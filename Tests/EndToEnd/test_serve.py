"""`sesame serve` from outside: events posted by many at once, signals, kill -9, TLS, exit statuses."""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from ses_events import event
from sesame import DISK, FAILED, FORBIDDEN, OK, USAGE, SesameTestCase
from server import Server


class Serve(SesameTestCase):
    def serve(self, sesame, *options):
        server = Server(sesame, *options)
        self.addCleanup(server.end)
        return server

    def token(self, sesame, scope="ingest"):
        return json.loads(sesame.run("token", "add", "test", "--scope", scope, "--format", "json").out)[0]["token"]

    def bodies(self, count, prefix="m"):
        """As many bodies of NDJSON, five events each, every message in one of them only."""
        return ["".join(json.dumps(event("Send", message=f"{prefix}-{body}-{n}")) + "\n" for n in range(5)).encode()
                for body in range(count)]

    def kept(self, sesame):
        """The messages in the log's segments, read without Sesame: bodies stand in them as they came."""
        found = b"".join(path.read_bytes() for path in (sesame.home / "workspaces/default/log").glob("*"))
        return set(re.findall(rb'"messageId": "([^"]+)"', found))

    def records(self, sesame):
        """How many records `sesame log inspect` shows."""
        rows = sesame.run("log", "inspect").out.splitlines()
        column = re.split(r"\s{2,}", rows[0].strip()).index("records")
        return sum(int(re.split(r"\s{2,}", row.strip())[column].replace(",", "")) for row in rows[2:])

    def test_the_first_owner_is_made_in_the_browser(self):
        sesame = self.new_home()
        server = self.serve(sesame)
        link = re.search(r"http://\S+/setup\?token=\S+", server.process.stdout.readline().decode())[0]
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        self.assertIn("Nobody owns this Sesame yet", browser.open(link).read().decode())
        form = {"token": link.split("=")[1], "email": "ann@example.com", "name": "Ann", "password": "correct horse battery"}
        page = browser.open(server.url + "/setup", urllib.parse.urlencode(form).encode()).read().decode()
        self.assertIn("ann@example.com", page)
        sources = lambda: json.load(browser.open(server.url + "/api/v1/sources"))
        self.assertEqual(sources()["sources"], [])
        source = json.loads(sesame.run("source", "add", "scripts", "--kind", "http", "--format", "json").out)[0]
        server.post(json.dumps(event("Send")).encode() + b"\nno <b>json</b>\n", source["secret"])
        deadline = time.monotonic() + 60
        while (found := sources())["refused"] != 1:
            self.assertLess(time.monotonic(), deadline, found)
        self.assertEqual([source["name"] for source in found["sources"]], ["scripts"])
        with self.assertRaises(urllib.error.HTTPError) as refusal:
            urllib.request.urlopen(server.url + "/setup", urllib.parse.urlencode(form).encode())
        self.assertEqual(refusal.exception.code, 401)
        # The next start says nothing of an owner: there is one.
        server.stop()
        again = self.serve(sesame)
        again.stop()
        self.assertEqual(again.greeting[1:], [])

    def test_what_many_post_at_once_is_in_the_log_after_sigterm(self):
        sesame = self.new_home()
        token = self.token(sesame)
        server = self.serve(sesame)
        bodies = self.bodies(40)
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda body: server.post(body, token), bodies))
        self.assertEqual([answer["accepted"] for answer in answers], [len(body) for body in bodies])
        self.assertEqual(json.loads(server.get("/health")), {"live": True, "ready": True, "reasons": []})
        self.assertIn('sesame_http_requests_total{route="POST /v1/events",status="200"} 40\n', server.get("/metrics"))
        status, lines = server.stop()
        self.assertEqual(status, OK)
        self.assertEqual(self.records(sesame), 40)
        self.assertEqual(len(self.kept(sesame)), 200)
        posts = [line for line in lines if line.get("route") == "POST /v1/events"]
        self.assertEqual({line["request_id"] for line in posts}, {answer["request_id"] for answer in answers})
        self.assertNotIn(token, json.dumps(lines))

    def test_kill_9_keeps_what_was_acknowledged(self):
        sesame = self.new_home()
        token = self.token(sesame)
        acknowledged = 0
        for run in range(3):
            server = self.serve(sesame)

            def post(body):
                try:
                    server.post(body, token)
                    return 1
                except (OSError, http.client.HTTPException):
                    return 0

            with ThreadPoolExecutor(4) as pool:
                results = [pool.submit(post, body) for body in self.bodies(60, f"run{run}")]
                # The kill falls among the others' requests.
                results[20].result()
                server.process.kill()
                done = sum(result.result() for result in results)
            server.process.communicate()
            self.assertGreaterEqual(done, 1)
            acknowledged += done
        server = self.serve(sesame)
        self.assertIn("sesame_log_durable_end", server.get("/metrics"))
        durable = int(re.search(r"^sesame_log_durable_end (\d+)$", server.get("/metrics"), re.M)[1])
        self.assertGreaterEqual(durable, acknowledged)
        self.assertEqual(server.stop()[0], OK)
        self.assertEqual(self.records(sesame), durable)

    def test_a_request_that_has_begun_is_answered_after_sigterm(self):
        sesame = self.new_home()
        token = self.token(sesame)
        server = self.serve(sesame)
        connection = socket.create_connection(("127.0.0.1", server.port), timeout=30)
        self.addCleanup(connection.close)
        body = b'{"eventType": "Send"}'
        head = f"POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nExpect: 100-continue\r\n"
        connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode())
        self.assertTrue(connection.recv(100).startswith(b"HTTP/1.1 100"))
        server.process.send_signal(signal.SIGTERM)
        # Nobody new gets in from the moment on at which this is refused.
        while True:
            try:
                server.get("/health/live")
            except OSError:
                break
        connection.sendall(body)
        self.assertTrue(connection.recv(4096).startswith(b"HTTP/1.1 200"))
        server.process.communicate(timeout=60)
        self.assertEqual(server.process.returncode, OK)
        self.assertEqual(self.records(sesame), 1)

    def test_tls(self):
        if shutil.which("openssl") is None:
            raise unittest.SkipTest("openssl is not installed")
        certificate, key = self.folder / "cert.pem", self.folder / "key.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
             "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
            check=True, capture_output=True)
        sesame = self.new_home()
        token = self.token(sesame)
        server = self.serve(sesame, "--tls-certificate", certificate, "--tls-key", key)
        self.assertTrue(server.url.startswith("https://"))
        trusting = ssl.create_default_context(cafile=certificate)
        self.assertEqual(server.post(b"{}", token, context=trusting)["accepted"], 2)
        with self.assertRaises(OSError):
            server.get("/health", context=ssl.create_default_context())
        old = ssl.create_default_context(cafile=certificate)
        old.maximum_version = ssl.TLSVersion.TLSv1_1
        with self.assertRaises(OSError):
            server.get("/health", context=old)
        with self.assertRaises((OSError, http.client.HTTPException)):
            urllib.request.urlopen(server.url.replace("https", "http") + "/health", timeout=30)
        self.assertEqual(server.stop()[0], OK)

    def test_the_first_start_says_how_to_make_an_owner_until_there_is_one(self):
        sesame = self.new_home()
        server = self.serve(sesame)
        self.assertEqual(server.stop(signal.SIGINT)[0], OK)
        self.assertIn("sesame user add", server.greeting[2])
        password = self.file("password", "correct horse battery\n")
        sesame.run("user", "add", "ada@example.com", "--role", "owner", "--password-file", password)
        server = self.serve(sesame)
        server.stop()
        self.assertEqual(len(server.greeting), 1)

    def test_what_cannot_be_served_ends_with_a_sentence(self):
        sesame = self.new_home()
        refused = sesame.run("serve", "--host", "0.0.0.0", expect=FORBIDDEN)
        self.assertIn("--insecure-http", refused.err)
        self.assertFalse(sesame.home.exists())
        sesame.run("serve", "--port", "x", expect=FAILED)
        sesame.run("serve", "--no-such-flag", expect=USAGE)
        server = self.serve(sesame)
        other = self.new_home()
        taken = other.run("serve", "--port", server.port, expect=DISK)
        self.assertIn(f"cannot listen on 127.0.0.1 port {server.port}", taken.err)
        second = sesame.run("serve", "--port", 0, expect=FORBIDDEN)
        self.assertIn("another Sesame process", second.err)
        self.assertEqual(server.stop()[0], OK)

    def test_an_import_beside_it_says_what_to_do_and_that_works(self):
        sesame = self.new_home()
        server = self.serve(sesame)
        path = self.file("one.ndjson", [event("Send", message="m-1")])
        error = sesame.run("import", path, expect=FORBIDDEN).err
        self.assertEqual(error.count("\n"), 1)
        command = re.search(r"curl .*?/v1/events", error)[0]
        if shutil.which("curl"):
            command = command.replace("TOKEN", self.token(sesame)).replace("FILE", str(path))
            subprocess.run(command, shell=True, check=True, capture_output=True)
        self.assertEqual(server.stop()[0], OK)
        sesame.load(path)
        self.assertEqual(sesame.value("SELECT count(*) FROM events"), 1)
        # One that was killed has nothing to do with it.
        (sesame.home / "server.url").write_text(server.url)
        sesame.load(path)

    def test_settings_and_their_origins(self):
        sesame = self.new_home()
        sesame.home.mkdir(parents=True)
        (sesame.home / "sesame.conf").write_text("# ours\nport = 9000\nidle-timeout = 30s\nlog-level = debug\n")
        os.environ["SESAME_LOG_LEVEL"] = "error"
        self.addCleanup(os.environ.pop, "SESAME_LOG_LEVEL")
        rows = json.loads(sesame.run("config", "--port", "9001", "--format", "json").out)
        found = {row["setting"]: (row["value"], row["origin"]) for row in rows}
        self.assertEqual(found["home"], (str(sesame.home), "$SESAME_HOME"))
        self.assertEqual(found["port"], ("9001", "--port"))
        self.assertEqual(found["log-level"], ("error", "$SESAME_LOG_LEVEL"))
        self.assertEqual(found["idle-timeout"], ("30s", f"{sesame.home}/sesame.conf:3"))
        self.assertEqual(found["host"], ("127.0.0.1", "default"))
        (sesame.home / "sesame.conf").write_text("prot = 9000\n")
        self.assertIn("sesame.conf:1: there is no setting 'prot'", sesame.run("config", expect=FAILED).err)
