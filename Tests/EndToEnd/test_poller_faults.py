"""S3 and SQS as they are on a bad day: 500s, answers that get lost, connections that fall silent. Then everything is there once.

A proxy in front of moto does it, and what stands behind it is whole all the time; or a server that is nothing but faults.
"""

import collections
import contextlib
import http.client
import http.server
import json
import math
import re
import signal
import threading
import time
import unittest
from datetime import datetime, timezone

from aws_peers import REGION, wait_for
from pollers import MotoTestCase, PollerTestCase, lines, sends
from ses_events import event

ERROR = b"<Error><Code>InternalError</Code><Message>We encountered an internal error. Please try again.</Message></Error>"


class Proxy:
    """Hands requests on to a server, but for those of which `faults` has something left."""

    def __init__(self, port):
        # What a request is called, and what becomes of the next of its kind: "500", "lost" (done, and no answer), "cut" (half an
        # answer), "silent" (no answer), "stalled" (half an answer, and no more).
        self.faults, self.seen, self.released = collections.defaultdict(list), collections.Counter(), threading.Event()
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                # Whoever asked may have gone.
                with contextlib.suppress(OSError):
                    self.take()

            do_POST = do_GET

            def take(self):
                sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                name = proxy.name(self.path, self.headers)
                proxy.seen[name] += 1
                fault = proxy.faults[name].pop(0) if proxy.faults[name] else None
                if fault == "silent":
                    return self.fall_silent()
                if fault == "500":
                    return self.answer(500, {}, ERROR)
                upstream = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
                upstream.request(self.command, self.path, sent, dict(self.headers))
                answer = upstream.getresponse()
                body = answer.read()
                upstream.close()
                if fault == "lost":
                    self.close_connection = True
                    return
                self.answer(answer.status, dict(answer.getheaders()), body, cut=fault in ("cut", "stalled"))
                if fault == "stalled":
                    self.fall_silent()

            def fall_silent(self):
                proxy.released.wait(120)
                self.close_connection = True

            def answer(self, status, headers, body, cut=False):
                self.send_response(status)
                for name, value in headers.items():
                    if name.lower() not in ("content-length", "transfer-encoding", "connection", "date", "server"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body[:len(body) // 2] if cut else body)
                self.wfile.flush()
                self.close_connection = cut

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    @staticmethod
    def name(path, headers):
        """`list BUCKET`, `get BUCKET/KEY`, or the operation on a queue."""
        if target := headers.get("X-Amz-Target"):
            return target.rsplit(".", 1)[1]
        bucket, key = re.match(r"/([^/?]*)/?([^?]*)", path).groups()
        return f"get {bucket}/{key}" if key else f"list {bucket}"

    def close(self):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()


class BadDay(MotoTestCase):
    def setUp(self):
        self.proxy = Proxy(self.moto.port)
        self.addCleanup(self.proxy.close)
        self.sesame = self.new_home()

    def fill(self, name):
        self.s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        for number in range(6):
            self.put(name, f"o{number}", lines(sends(f"{name}-{number}", 20)))
        self.add(self.sesame, name, "--kind", "s3", "--bucket", name, "--endpoint", self.proxy.url, "--every", 1)

    def test_everything_comes_once_in_the_end(self):
        for name in ("errors", "silent", "stalled", "down"):
            self.fill(name)
        queue = self.queue()
        for start in range(0, 60, 10):
            self.sqs.send_message_batch(QueueUrl=queue, Entries=[
                {"Id": f"{n}", "MessageBody": json.dumps(event("Send", message=f"q-{n}"))} for n in range(start, start + 10)])
        self.add(self.sesame, "queue", "--kind", "sqs", "--queue-url", queue.replace(self.moto.url, self.proxy.url))
        faults = self.proxy.faults
        # More in a row than are tried at once, so that the look fails as a whole; then objects.
        faults["list errors"] = ["500"] * 9 + ["lost", "cut"]
        for number, fault in enumerate((["500"] * 5, ["lost"], ["cut", "cut"], ["500", "cut", "lost"])):
            faults[f"get errors/o{number}"] = list(fault)
        faults["list silent"], faults["get stalled/o1"] = ["silent"], ["stalled"]
        faults["ReceiveMessage"] = ["500"] * 5 + ["cut"]
        # Deleted and not told, not deleted, and told in halves.
        faults["DeleteMessageBatch"] = ["lost", "500", "500", "500", "500", "500", "cut"]
        # One that stays down as long as the others take.
        faults["list down"] = ["500"] * 1000
        server, start, begin = self.serve(self.sesame), time.monotonic(), datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M")
        error = wait_for("the error is shown", lambda: self.show(self.sesame, "errors")["last_error"])
        self.assertIn("AWS cannot do s3:ListBucket on arn:aws:s3:::errors at the moment (InternalError: We encountered an", error)
        self.assertIn("failing", self.sesame.run("source", "list").out)

        def is_all_there():
            # What was received and not deleted is shown again at once, not after two minutes.
            self.show_hidden(queue)
            return self.count(self.sesame) >= 3 * 120 + 60

        wait_for("everything", is_all_there, seconds=90)
        # It was asked less and less: looks of four requests each, after rests of half a second, one, two, four, … at least.
        looks = math.log2(2 * (time.monotonic() - start) + 2) + 1
        self.assertLessEqual(self.proxy.seen["list down"], 4 * looks)
        self.sesame.run("source", "remove", "down")
        wait_for("the queue is empty", lambda: self.show_hidden(queue) or self.left(queue) == 0)
        left = {name for name, left in faults.items() if left}
        self.assertEqual(left, {"list down"}, "some faults did not happen, or it came up before it was removed")
        for name in ("errors", "silent", "stalled"):
            wait_for(f"{name} is well", lambda: (self.show(self.sesame, name)["fetched_at"] or "") > (self.show(self.sesame, name)["last_error_at"] or ""))
            shown = self.show(self.sesame, name)
            self.assertEqual((shown["events"], shown["refused"]), (120, 0), f"{name}: objects were taken in halves, or twice")
        for name in ("errors", "silent", "stalled", "queue"):
            self.assertGreaterEqual(self.show(self.sesame, name)["last_event_at"], begin, name)
        server.process.send_signal(signal.SIGTERM)
        server.process.communicate(timeout=60)
        self.assertEqual(server.process.returncode, 0)
        expected = {f"{name}-{n}-{m}" for name in ("errors", "silent", "stalled") for n in range(6) for m in range(20)}
        expected |= {f"q-{n}" for n in range(60)}
        found = [message for (message,) in self.sesame.values("SELECT message_id FROM events")]
        self.assertEqual(len(found), len(set(found)))
        self.assertEqual(set(found), expected)
        self.sesame.verify()


class Faults(PollerTestCase):
    """A server that fails as S3 and the network do, now and then, which real ones do not when they are asked to."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bodies = {f"o{number}": lines(sends(f"o{number}", 50)) for number in range(4)}
        cls.tries = collections.Counter()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                path = self.path.split("?")[0]
                cls.tries[path] += 1
                if cls.tries[path] <= 2 and path in ("/faulty", "/faulty/o1"):
                    return self.answer(503, b"<Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>")
                if path == "/faulty":
                    objects = "".join(
                        f"<Contents><Key>{key}</Key><LastModified>2026-08-01T12:00:00.000Z</LastModified><ETag>&quot;{key}&quot;</ETag>"
                        f"<Size>{len(body)}</Size></Contents>" for key, body in {**cls.bodies, "lost": b"1"}.items())
                    return self.answer(200, f"<ListBucketResult><IsTruncated>false</IsTruncated>{objects}</ListBucketResult>".encode())
                body = cls.bodies.get(path.removeprefix("/faulty/"))
                if body is None:
                    return self.answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
                # Half of the object, and then the connection breaks.
                half = len(body) // 2 if path == "/faulty/o2" and cls.tries[path] <= 2 else len(body)
                self.answer(200, body[:half], len(body))

            def answer(self, status, body, length=None):
                self.send_response(status)
                self.send_header("Content-Length", str(length or len(body)))
                self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        cls.url = cls.answer_with(Handler)

    def test_throttling_broken_transfers_and_objects_that_are_not_there(self):
        sesame = self.new_home()
        self.add(sesame, "faulty", "--kind", "s3", "--bucket", "faulty", "--endpoint", self.url, "--every", 1)
        self.serve(sesame)
        self.wait_for_count(sesame, 200)
        wait_for("a look without an error", lambda: self.show(sesame, "faulty")["fetched_at"])
        wait_for("what is not there is said", lambda: "there is no object s3://faulty/lost" in self.show(sesame, "faulty")["last_error"])
        # Nothing of the transfers that broke was kept.
        self.assertEqual((self.show(sesame, "faulty")["events"], self.tries["/faulty/o2"]), (200, 3))
        self.assertEqual(self.tries["/faulty/o1"], 3)


if __name__ == "__main__":
    unittest.main()
