"""A running `sesame serve`, and its API."""

import json
import queue
import re
import signal
import subprocess
import threading
import urllib.error
import urllib.request

from sesame import SesameTestCase


class Server:
    """A running server; `url` is where it listens."""

    def __init__(self, sesame, *options, **more):
        # Unbuffered: what readline took in advance, communicate would not see.
        self.process = sesame.start("serve", "--port", 0, "--log-format", "json", *options, bufsize=0, **more)
        self.greeting = [self.process.stdout.readline().decode()]
        match = re.fullmatch(r"listening on (\S+)\n", self.greeting[0])
        if match is None:
            _, errors = self.process.communicate(timeout=30)
            raise AssertionError(f"it does not listen: {self.greeting} {errors.decode()}")
        self.url = match[1]
        self.port = int(self.url.rsplit(":", 1)[1])

    def post(self, body, token, path="/v1/events", context=None):
        request = urllib.request.Request(
            self.url + path, data=body, headers={"Authorization": f"Bearer {token}"}, method="POST")
        with urllib.request.urlopen(request, timeout=30, context=context) as answer:
            return json.load(answer)

    def get(self, path, context=None):
        with urllib.request.urlopen(self.url + path, timeout=30, context=context) as answer:
            return answer.read().decode()

    def stop(self, how=signal.SIGTERM):
        """Its exit status and the lines of its log."""
        self.process.send_signal(how)
        out, err = self.process.communicate(timeout=60)
        self.greeting += out.decode().splitlines()
        return self.process.returncode, [json.loads(line) for line in err.decode().splitlines()]

    def end(self):
        """Kills it where it still runs; for cleaning up."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


class ServedTestCase(SesameTestCase):
    """A server for all tests of a class, whose output is read on, so that it never waits for us."""

    @classmethod
    def serve(cls, *options):
        with (cls.folder / "serve.err").open("wb") as errors:
            cls.server = cls.sesame.start("serve", "--port", "0", *options, stderr=errors, text=True)
        cls.addClassCleanup(cls.stop)
        lines = queue.Queue()
        threading.Thread(target=cls.read, args=(lines,), daemon=True).start()
        while line := lines.get(timeout=60):
            if line.startswith("listening on "):
                cls.url = line.split()[2]
                return
        raise AssertionError(f"sesame serve ended: {(cls.folder / 'serve.err').read_text()[-2000:]}")

    @classmethod
    def read(cls, lines):
        for line in cls.server.stdout:
            lines.put(line)
        lines.put("")
        cls.server.stdout.close()

    @classmethod
    def stop(cls):
        cls.server.send_signal(signal.SIGTERM)
        try:
            cls.server.wait(timeout=60)
        except subprocess.TimeoutExpired:
            cls.server.kill()
            cls.server.wait()
            raise


class Api:
    """A server's API with a token that may read."""

    def __init__(self, case, sesame, *options):
        self.token = json.loads(
            sesame.run("token", "add", "reader", "--scope", "read", "--format", "json").out)[0]["token"]
        self.server = Server(sesame, *options)
        case.addClassCleanup(self.end)

    def end(self):
        if self.server.process.poll() is None:
            self.server.stop()

    def call(self, method, path, body=None, accept=None):
        """Status, type and bytes of an answer."""
        headers = {"Authorization": f"Bearer {self.token}"}
        if accept:
            headers["Accept"] = accept
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.server.url + path, data=data, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.headers["Content-Type"], answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers["Content-Type"], error.read()

    def json(self, method, path, body=None, expect=200):
        status, _, answer = self.call(method, path, body)
        if status != expect:
            raise AssertionError(f"{method} {path} answered {status}: {answer[:500]}")
        return json.loads(answer)

    def query(self, **query):
        return self.json("POST", "/api/v1/query", query)
