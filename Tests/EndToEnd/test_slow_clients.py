"""A running server and clients that are slow, half-open, large, or send bombs: others are served, and memory is bounded."""

import base64
import contextlib
import gzip
import json
import os
import select
import socket
import time
import unittest
import urllib.error
import urllib.request

import pyarrow

from aws_peers import wait_for
from ses_events import event
from test_faults import MEBIBYTE, FaultTestCase


class SlowClients(FaultTestCase):
    def test_slow_and_half_open_clients_are_ended_and_others_served(self):
        token = self.token()
        self.serve("--idle-timeout", "2s", "--body-timeout", "2s")
        head = f"POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n".encode()
        self.assertEqual(self.post(token)[0], 200)
        # How a client begins, and what it sends on, a byte at a time; nothing for who falls silent.
        clients = {
            "says nothing": (b"", b""), "a head a byte at a time": (head, b"X-Long: " + b"x" * 1000),
            "a head without end": (head + b"X-", b""), "a body without end": (head + b"Content-Length: 100\r\n\r\n{", b""),
            "a body a byte at a time": (head + b"Content-Length: 100000\r\n\r\n", b" " * 1000),
            "a chunk without end": (head + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{", b""),
            "reads no answer": (b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" * 5_000, b""),
        }
        slow = [(name, self.connect(begin), rest) for name, (begin, rest) in clients.items() for _ in range(10)]
        deadline, place = time.monotonic() + 20, 0
        while slow:
            self.assertLess(time.monotonic(), deadline, f"these are still there: {sorted(name for name, _, _ in slow)}")
            slow = [one for one in slow if not self.is_ended(one[1], one[2][place:place + 1])]
            place += 1
            self.assertEqual(self.post(token)[0], 200)
            time.sleep(0.05)
        self.assertGreater(place, 1)
        wait_for("their connections are closed", lambda: self.sockets() <= 2)
        self.stop()
        self.assert_exact()

    def sockets(self):
        """How many the server holds: that on which it listens, and connections."""
        folder, count = f"/proc/{self.server.process.pid}/fd", 0
        for name in os.listdir(folder):
            with contextlib.suppress(FileNotFoundError):
                count += os.readlink(f"{folder}/{name}").startswith("socket:")
        return count

    def connect(self, begin):
        connection = socket.socket()
        self.addCleanup(connection.close)
        # Small, so that answers do not all fit into buffers.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", self.server.port))
        connection.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while begin:
                begin = begin[connection.send(begin):]
        return connection

    @staticmethod
    def is_ended(connection, byte):
        """Sends a byte more; whether the server has ended the connection. Nothing is read."""
        with contextlib.suppress(BlockingIOError):
            try:
                if byte:
                    connection.send(byte)
            except (BrokenPipeError, ConnectionResetError):
                return True
        poll = select.poll()
        poll.register(connection, select.POLLRDHUP | select.POLLHUP | select.POLLERR)
        return bool(poll.poll(0))


class Bodies(FaultTestCase):
    def reset_peak(self):
        with open(f"/proc/{self.server.process.pid}/clear_refs", "w") as file:
            file.write("5")

    def send(self, path, body, headers):
        request = urllib.request.Request(self.server.url + path, body, headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())

    def test_64_mebibytes_are_taken_and_bombs_refused_in_bounded_memory(self):
        token = self.token()
        key = json.loads(self.home.run("source", "add", "stream", "--kind", "firehose", "--format", "json").out)[0]["secret"]
        self.serve()
        bearer = {"Authorization": f"Bearer {token}"}
        firehose = {"X-Amz-Firehose-Protocol-Version": "1.0", "X-Amz-Firehose-Request-Id": "r-1", "X-Amz-Firehose-Access-Key": key}
        large = [json.dumps(event("Send", f"large-{n}", padding="x" * MEBIBYTE)) + "\n" for n in range(63)]
        plain = "".join(large).encode().ljust(64 * MEBIBYTE)
        self.assertEqual(self.send("/v1/events", plain, bearer)[0], 200)
        self.assertEqual(self.send("/v1/events", gzip.compress(plain, 1), bearer | {"Content-Encoding": "gzip"})[0], 200)
        data = [base64.b64encode(json.dumps(event("Send", f"firehose-{n}", padding="x" * 700_000)).encode()).decode() for n in range(68)]
        delivery = json.dumps({"requestId": "r-1", "timestamp": 1785585603000, "records": [{"data": one} for one in data]}).encode()
        self.assertGreater(len(delivery), 60 * MEBIBYTE)
        self.assertEqual(self.send("/ingest/firehose/stream", delivery.ljust(64 * MEBIBYTE), firehose)[0], 200)
        self.assertLess(self.memory("VmHWM"), 1_000 * MEBIBYTE)
        self.acknowledged = {f"large-{n}" for n in range(63)} | {f"firehose-{n}" for n in range(68)}
        wait_for("they are seen", lambda: self.home.value("SELECT count(*) FROM events") == 131, seconds=30)
        # Ten gibibytes, in frames of 16 MiB.
        space = b" " * (16 * MEBIBYTE)
        gzipped, zstandard = gzip.compress(space) * 640, pyarrow.compress(space, "zstd", asbytes=True) * 640
        self.reset_peak()
        for bomb, encoding in ((gzipped, "gzip"), (zstandard, "zstd"), (gzip.compress(gzipped), "gzip")):
            for _ in range(3):
                status, answer = self.send("/v1/events", bomb, bearer | {"Content-Encoding": encoding})
                # What is a bomb inside of a bomb is no JSON.
                expected = (400, "not-json") if bomb[:100] not in (gzipped[:100], zstandard[:100]) else (413, "decoded-body-too-large")
                self.assertEqual((status, answer["code"]), expected)
                self.assertEqual(self.send("/ingest/firehose/stream", bomb, firehose | {"Content-Encoding": encoding})[0], 400)
        self.assertLess(self.memory("VmHWM"), 1_000 * MEBIBYTE)
        self.stop()
        self.assert_exact()


if __name__ == "__main__":
    unittest.main()
