"""What `sesame serve` fetches: objects of S3 and messages of SQS, written by boto3 into servers that are not ours."""

import collections
import gzip
import http.server
import json
import signal
import threading
import time
import unittest

import pyarrow

from aws_peers import KEY, REGION, SECRET, Moto, SeaweedFS, client, wait_for
from ses_events import event, eventbridge_envelope, firehose_failure, sns_envelope
from sesame import FAILED, FORBIDDEN, NOT_FOUND, SesameTestCase
from test_serve import Server


def lines(events):
    return "".join(json.dumps(one) + "\n" for one in events).encode()


def sends(name, count=5):
    """As many events, of messages that begin with `name`."""
    return [event("Send", message=f"{name}-{number}") for number in range(count)]


class PollerTestCase(SesameTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.secret = cls.folder / "secret"
        cls.secret.write_text(SECRET + "\n")

    def serve(self, sesame, fail_point=None):
        if fail_point:
            sesame = self.with_environment(
                sesame, {"SESAME_FAILPOINT": fail_point[0], "SESAME_FAILPOINT_HIT": str(fail_point[1])})
        server = Server(sesame)

        def end():
            if server.process.poll() is None:
                server.process.kill()
            server.process.communicate()

        self.addCleanup(end)
        return server

    def with_environment(self, sesame, variables):
        """The same home, with variables more and none of the machine's own for AWS."""
        kept = {name: value for name, value in sesame.environment.items() if not name.startswith("AWS_")}
        return type("Armed", (type(sesame),), {"environment": kept | variables})(sesame.home)

    def add(self, sesame, name, *options, key=KEY, secret=None):
        sesame.run("source", "add", name, "--region", REGION, "--access-key-id", key,
                   "--secret-access-key-file", secret or self.secret, *options)

    def show(self, sesame, name):
        return json.loads(sesame.run("source", "show", name, "--format", "json").out)[0]

    def messages(self, sesame):
        return {message for (message,) in sesame.values("SELECT message_id FROM events")}

    def wait_for_count(self, sesame, count, **options):
        wait_for(f"{count} events", lambda: self.count(sesame) >= count, **options)
        self.assertEqual(self.count(sesame), count)

    def count(self, sesame):
        done = sesame.run("sql", "--format", "json", "SELECT count(*) AS n FROM events", expect=None)
        return json.loads(done.out)[0]["n"] if done.status == 0 else 0


class MotoTestCase(PollerTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.moto = Moto()
        cls.addClassCleanup(cls.moto.stop)
        cls.s3, cls.sqs = cls.moto.client("s3"), cls.moto.client("sqs")

    def bucket(self):
        name = "events-" + self.id().rsplit(".", 1)[1].replace("_", "-")[-50:]
        self.s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        return name

    def queue(self):
        return self.sqs.create_queue(QueueName=self.id().rsplit(".", 1)[1][-70:])["QueueUrl"]

    def left(self, url):
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return sum(int(found[name]) for name in names)

    def show_hidden(self, url):
        """What was received and not deleted comes again when its time is over; moto lets that be now."""
        from moto.core import DEFAULT_ACCOUNT_ID
        from moto.sqs.models import sqs_backends

        queue = sqs_backends[DEFAULT_ACCOUNT_ID][REGION].queues[url.rsplit("/", 1)[1]]
        for message in list(queue._messages):
            message.change_visibility(0)
            queue.pending_messages.discard(message)

    def put(self, bucket, key, body):
        self.s3.put_object(Bucket=bucket, Key=key, Body=body)

    def add_bucket(self, sesame, bucket, *options, name="bucket", **keys):
        self.add(sesame, name, "--kind", "s3", "--bucket", bucket, "--endpoint", self.moto.url, "--every", 1, *options, **keys)

    def is_fetched(self, sesame, name):
        """Waits for two looks that began after now."""
        for _ in range(2):
            before = self.show(sesame, name)["fetched_at"] or ""
            wait_for("a look without an error", lambda: (self.show(sesame, name)["fetched_at"] or "") > before)


class S3(MotoTestCase):
    def test_every_layout_of_firehose(self):
        sesame, bucket = self.new_home(), self.bucket()
        objects = {
            "2026/08/01/12/ses-1-2026-08-01-12-00-00-aa": lines(sends("plain")),
            "2026/08/01/12/ses-1-2026-08-01-12-05-00-bb.gz": gzip.compress(lines(sends("gzip"))),
            "year=2026/month=08/day=01/hour=12/zstd.zst": pyarrow.compress(lines(sends("zstd")), "zstd", asbytes=True),
            "custom ses+prefix/ü//no newlines": b"".join(json.dumps(one).encode() for one in sends("joined")),
            "sns": b"".join(json.dumps(sns_envelope(one)).encode() for one in sends("sns")),
            "array.json": json.dumps(sends("array"), indent=1).encode(),
            "sesame-errors/http-endpoint-failed/2026/08/01/12/ses-1": lines(firehose_failure(one) for one in sends("failed")),
            "folder/": b"", "empty": b"", "_delta_log/00000000000000000000.json": lines(sends("hidden")),
        }
        for key, body in objects.items():
            self.put(bucket, key, body)
        self.add_bucket(sesame, bucket)
        server = self.serve(sesame)
        self.wait_for_count(sesame, 35)
        self.assertEqual(self.messages(sesame), {f"{name}-{n}" for n in range(5) for name in (
            "plain", "gzip", "zstd", "joined", "sns", "array", "failed")})
        self.is_fetched(sesame, "bucket")
        shown = self.show(sesame, "bucket")
        self.assertEqual((shown["events"], shown["refused"], shown["last_error"]), (35, 0, None))
        self.assertEqual(server.stop()[0], 0)
        self.assertEqual(len(self.s3.list_objects_v2(Bucket=bucket)["Contents"]), len(objects), "objects are never deleted")
        self.assertEqual(list((sesame.home / "workspaces/default/spool").glob("*")), [])
        query = "SELECT event_id, event_at, source_name, account_id FROM events ORDER BY ALL"
        before = sesame.values(query)
        sesame.run("lake", "rebuild")
        self.assertEqual(sesame.values(query), before)

    def test_late_and_rewritten_objects_are_found_and_known_ones_left(self):
        sesame, bucket = self.new_home(), self.bucket()
        self.put(bucket, "ses/2026/08/02/00/b", lines(sends("b")))
        self.put(bucket, "other/2026/08/02/00/b", lines(sends("other")))
        self.add_bucket(sesame, bucket, "--prefix", "ses/")
        self.serve(sesame)
        self.wait_for_count(sesame, 5)
        self.put(bucket, "ses/2026/08/01/00/a", lines(sends("a")))
        self.wait_for_count(sesame, 10)
        self.put(bucket, "ses/2026/08/02/00/b", lines(sends("b") + sends("c")))
        self.wait_for_count(sesame, 15)
        self.is_fetched(sesame, "bucket")
        # 5 + 5 + 10: what was known was not read again.
        self.assertEqual(self.show(sesame, "bucket")["events"], 20)

    def test_bad_objects_are_refused_with_key_and_reason_and_the_others_go_in(self):
        sesame, bucket = self.new_home(), self.bucket()
        whole = gzip.compress(lines(event("Send", message=f"cut-{n}", to=[f"{n * n * 7919}@example.net"]) for n in range(3000)))
        bad = {
            "cut.gz": (whole[:len(whole) // 2], "is cut off: its gzip data ends too early"),
            "broken.gz": (whole[:2000] + bytes(2000) + whole[4000:], "is damaged: bad gzip data"),
            "text.txt": (b"dear diary\n", "text that is not a JSON object"),
            "foreign.json": (b'{"hello": "world"}\n', "is no envelope that Sesame knows"),
            "a.snappy": (b"\xff\x06\x00\x00sNaPpY", "compressed with Snappy"),
            "named-by-nobody": (b"PAR1" + bytes(100), "a Parquet file"),
        }
        for key, (body, _) in bad.items():
            self.put(bucket, key, body)
        self.put(bucket, "good", lines(sends("good")))
        self.add_bucket(sesame, bucket)
        self.serve(sesame)
        wait_for("all are refused", lambda: self.is_refused(sesame, bucket, bad))
        self.is_fetched(sesame, "bucket")
        self.assertLessEqual({f"good-{n}" for n in range(5)}, self.messages(sesame))
        self.assertGreater(sesame.value("SELECT count(*) FROM events WHERE message_id LIKE 'cut-%'"), 0, "what came before the cut")
        shown = self.show(sesame, "bucket")
        self.assertEqual(shown["refused_by_reason"], ["unreadable_object: 4"])
        # Refused for good: nothing is fetched again.
        self.is_fetched(sesame, "bucket")
        self.assertEqual(self.show(sesame, "bucket")["refused"], 4)

    def is_refused(self, sesame, bucket, bad):
        done = sesame.run("sql", "--format", "json", "SELECT origin, reason, source_name FROM refused", expect=None)
        rows = json.loads(done.out) if done.status == 0 else []
        return all(any(row["origin"].startswith(f"s3://{bucket}/{key}") and reason in row["reason"]
                       and row["source_name"] == "bucket" for row in rows) for key, (_, reason) in bad.items())

    def test_kill_9_amid_fifty_objects(self):
        for place, hit in [("fetch.afterRead", 7), ("fetch.afterAppend", 1), ("fetch.afterAppend", 23),
                           ("fetch.beforeNote", 1), (None, 0.35), (None, 0.7)]:
            with self.subTest(place=place, hit=hit):
                sesame = self.new_home()
                bucket = f"fifty-{time.monotonic_ns()}"
                self.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
                for number in range(50):
                    self.put(bucket, f"2026/08/01/{number:02}.gz", gzip.compress(lines(sends(f"o{number}", 20))))
                self.add_bucket(sesame, bucket)
                server = self.serve(sesame, fail_point=(place, hit) if place else None)
                if not place:
                    time.sleep(hit)
                    server.process.send_signal(signal.SIGKILL)
                self.assertEqual(server.process.wait(timeout=60), -signal.SIGKILL)
                server.process.communicate()
                again = self.serve(sesame)
                self.wait_for_count(sesame, 1000)
                self.is_fetched(sesame, "bucket")
                self.assertEqual(again.stop()[0], 0)
                self.assertEqual(len(self.messages(sesame)), 1000)
                sesame.verify()

    def test_an_endpoint_that_is_down_comes_back(self):
        sesame, bucket = self.new_home(), self.bucket()
        self.put(bucket, "a", lines(sends("a")))
        self.add_bucket(sesame, bucket)
        self.serve(sesame)
        self.wait_for_count(sesame, 5)
        self.moto.stop()
        try:
            error = wait_for("the error is shown", lambda: self.show(sesame, "bucket")["last_error"])
            self.assertIn(f"no answer came from {self.moto.url}", error)
            self.assertIn("failing", sesame.run("source", "list").out)
        finally:
            self.moto.start()
        self.put(bucket, "b", lines(sends("b")))
        self.wait_for_count(sesame, 10)

    def test_sources_are_picked_up_paused_and_dropped_while_serving(self):
        sesame, bucket = self.new_home(), self.bucket()
        server = self.serve(sesame)
        self.put(bucket, "a", lines(sends("a")))
        self.add_bucket(sesame, bucket)
        self.wait_for_count(sesame, 5)
        sesame.run("source", "remove", "bucket")
        self.add_bucket(sesame, bucket, "--prefix", "new/", name="other")
        self.put(bucket, "new/b", lines(sends("b")))
        # What the new source brings shows that the server knows of both changes.
        self.wait_for_count(sesame, 10)
        self.put(bucket, "c", lines(sends("c")))
        self.is_fetched(sesame, "other")
        self.assertEqual(self.count(sesame), 10)
        self.assertEqual(server.stop()[0], 0)

    def test_more_than_a_page_of_objects(self):
        sesame, bucket = self.new_home(), self.bucket()
        for number in range(1010):
            self.put(bucket, f"2026/{number:05}", lines(sends(f"o{number}", 1)))
        self.add_bucket(sesame, bucket)
        self.serve(sesame)
        self.wait_for_count(sesame, 1010, seconds=120)

    def test_what_is_missing_is_said(self):
        sesame, bucket = self.new_home(), self.bucket()
        self.put(bucket, "a", lines(sends("a")))
        users = {name: self.moto.user(name, actions) for name, actions in {
            "nothing": ["sqs:ReceiveMessage"], "lister": ["s3:ListBucket"], "reader": ["s3:ListBucket", "s3:GetObject"]}.items()}
        with self.moto.enforcing():
            for name, (key, secret) in users.items():
                self.add_bucket(sesame, bucket, name=name, key=key, secret=self.file(f"{name}.secret", secret))
            self.add_bucket(sesame, bucket, name="wrong", key=users["reader"][0])
            self.add_bucket(sesame, bucket, name="stranger")
            for name, words in {
                "nothing": f"AWS does not allow s3:ListBucket on arn:aws:s3:::{bucket} to AWS key {users['nothing'][0]}",
                "lister": f"AWS does not allow s3:GetObject on arn:aws:s3:::{bucket}/a to AWS key {users['lister'][0]}",
                "wrong": f"the secret does not belong to AWS key {users['reader'][0]}",
                "stranger": f"AWS does not know AWS key {KEY}",
            }.items():
                with self.subTest(name=name):
                    self.assertIn(words, sesame.run("source", "test", name, expect=FORBIDDEN).err)
            found = json.loads(sesame.run("source", "test", "reader", "--format", "json").out)[0]
            self.assertEqual(found["objects"], "1, of which 1 are to be fetched")
            self.assertTrue(found["first to fetch"].startswith("a, "), found)
            self.serve(sesame)
            error = wait_for("the error is shown", lambda: self.show(sesame, "lister")["last_error"])
            self.assertIn("s3:GetObject", error)
            self.wait_for_count(sesame, 5)

    def test_a_bucket_that_is_not_there_and_a_source_that_is_sent_to(self):
        sesame = self.new_home()
        self.add_bucket(sesame, "no-such-bucket")
        self.assertIn("there is no bucket no-such-bucket", sesame.run("source", "test", "bucket", expect=NOT_FOUND).err)
        sesame.run("source", "add", "stream", "--kind", "firehose")
        self.assertIn("events are sent to source", sesame.run("source", "test", "stream", expect=FAILED).err)


class Roles(MotoTestCase):
    """Keys that a machine or a container hands out, by an HTTP server that plays AWS's."""

    KEY = {"AccessKeyId": "ASIAEXAMPLEEXAMPLE", "SecretAccessKey": "s", "Token": "t0ken", "Expiration": "2099-01-01T00:00:00Z"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_PUT(self):
                self.answer(b"metadata-token" if self.headers["X-aws-ec2-metadata-token-ttl-seconds"] else None)

            def do_GET(self):
                role = "/latest/meta-data/iam/security-credentials/"
                is_machine = self.headers["X-aws-ec2-metadata-token"] == "metadata-token"
                is_container = self.headers["Authorization"] == "container-token"
                key = json.dumps(cls.KEY).encode()
                self.answer({role: b"mailer", role + "mailer": key}.get(self.path) if is_machine
                            else key if is_container and self.path == "/key" else None)

            def answer(self, body):
                self.send_response(401 if body is None else 200)
                self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *arguments):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        cls.addClassCleanup(server.server_close)
        cls.addClassCleanup(server.shutdown)
        cls.url = f"http://127.0.0.1:{server.server_port}"

    def test_a_role_signs_where_the_source_has_no_key(self):
        sesame, bucket = self.new_home(), self.bucket()
        self.put(bucket, "a", lines(sends("a")))
        sesame.run("source", "add", "bucket", "--kind", "s3", "--bucket", bucket, "--endpoint", self.moto.url, "--region", REGION)
        token = self.file("container-token", "container-token\n")
        for words, environment in {
            "the machine's role 'mailer'": {"AWS_EC2_METADATA_SERVICE_ENDPOINT": self.url},
            "the container's role": {"AWS_CONTAINER_CREDENTIALS_FULL_URI": self.url + "/key",
                                     "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(token)},
            "the environment": {"AWS_ACCESS_KEY_ID": "ASIAEXAMPLEEXAMPLE", "AWS_SECRET_ACCESS_KEY": "s"},
        }.items():
            with self.subTest(words=words):
                armed = self.with_environment(sesame, {"HOME": str(sesame.home), **environment})
                found = json.loads(armed.run("source", "test", "bucket", "--format", "json").out)[0]
                self.assertEqual(found["signs as"], f"ASIAEXAMPLEEXAMPLE, from {words}")
        nobody = self.with_environment(sesame, {"HOME": str(sesame.home), "AWS_EC2_METADATA_DISABLED": "true"})
        self.assertIn("no AWS key was found", nobody.run("source", "test", "bucket", expect=FORBIDDEN).err)


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

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        cls.addClassCleanup(server.server_close)
        cls.addClassCleanup(server.shutdown)
        cls.url = f"http://127.0.0.1:{server.server_port}"

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


class SQS(MotoTestCase):
    def add_queue(self, sesame, url, *options):
        self.add(sesame, "queue", "--kind", "sqs", "--queue-url", url, *options)

    def test_all_that_a_queue_may_hold(self):
        sesame, url = self.new_home(), self.queue()
        bodies = [json.dumps(one) for one in sends("raw")]
        bodies += [json.dumps(sns_envelope(one)) for one in sends("sns")]
        bodies += [json.dumps(eventbridge_envelope(one)) for one in sends("bus")]
        bodies += ["Successfully validated SNS topic for Amazon SES event publishing.", "no event"]
        for body in bodies:
            self.sqs.send_message(QueueUrl=url, MessageBody=body)
        self.add_queue(sesame, url)
        self.assertIn("about 17 waiting", sesame.run("source", "test", "queue").out)
        self.serve(sesame)
        self.wait_for_count(sesame, 15)
        wait_for("the queue is empty", lambda: self.left(url) == 0)
        (row,) = sesame.sql("SELECT origin, reason FROM refused")
        self.assertTrue(row["origin"].startswith("SQS message "), row)
        self.assertEqual(self.show(sesame, "queue")["last_error"], None)

    def test_a_bucket_that_tells_a_queue(self):
        sesame, bucket, url = self.new_home(), self.bucket(), self.queue()
        self.put(bucket, "before", lines(sends("before")))
        self.s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={"QueueConfigurations": [{
            "QueueArn": self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"],
            "Events": ["s3:ObjectCreated:*"]}]})
        self.add(sesame, "bucket", "--kind", "s3", "--bucket", bucket, "--endpoint", self.moto.url, "--queue-url", url)
        self.serve(sesame)
        self.wait_for_count(sesame, 5)
        wait_for("the first look ended", lambda: self.show(sesame, "bucket")["fetched_at"])
        self.put(bucket, "a key+of=its own/ü.gz", gzip.compress(lines(sends("after"))))
        self.wait_for_count(sesame, 10)
        wait_for("the queue is empty", lambda: self.left(url) == 0)

    def test_a_queue_of_notices_alone(self):
        sesame, bucket, url = self.new_home(), self.bucket(), self.queue()
        self.put(bucket, "a b", gzip.compress(lines(sends("a"))))
        notice = {"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": bucket}, "object": {"key": "a+b"}}}
        for body in [{"Records": [notice]}, {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": bucket},
                     {"Records": [{**notice, "s3": {"bucket": {"name": bucket}, "object": {"key": "gone"}}}]}]:
            self.sqs.send_message(QueueUrl=url, MessageBody=json.dumps(body))
        self.add_queue(sesame, url)
        self.serve(self.with_environment(sesame, {"AWS_ENDPOINT_URL_S3": self.moto.url}))
        self.wait_for_count(sesame, 5)
        wait_for("the queue is empty", lambda: self.left(url) == 0)

    def test_kill_9_before_messages_are_deleted(self):
        sesame, url = self.new_home(), self.queue()
        for start in range(0, 200, 10):
            self.sqs.send_message_batch(QueueUrl=url, Entries=[
                {"Id": f"{n}", "MessageBody": json.dumps(event("Send", message=f"m-{n}"))} for n in range(start, start + 10)])
        self.add_queue(sesame, url)
        server = self.serve(sesame, fail_point=("fetch.beforeDelete", 4))
        self.assertEqual(server.process.wait(timeout=60), -signal.SIGKILL)
        server.process.communicate()
        self.assertGreater(self.left(url), 0)
        again = self.serve(sesame)

        def is_all_there():
            self.show_hidden(url)
            return self.count(sesame) == 200

        wait_for("200 events", is_all_there)
        wait_for("the queue is empty", lambda: self.left(url) == 0)
        self.assertEqual(again.stop()[0], 0)
        self.assertEqual(self.messages(sesame), {f"m-{n}" for n in range(200)})

    def test_a_queue_that_is_not_there(self):
        sesame = self.new_home()
        self.add_queue(sesame, f"{self.moto.url}/123456789012/nobody")
        self.assertIn("there is no queue", sesame.run("source", "test", "queue", expect=NOT_FOUND).err)


@unittest.skipUnless(SeaweedFS.is_at_hand(), "the binary weed is not at hand")
class Seaweed(PollerTestCase):
    """A server that checks signatures and serves ranges for real."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.weed = SeaweedFS(cls.folder, "lake")
        cls.addClassCleanup(cls.weed.stop)
        cls.s3 = client("s3", cls.weed.url)

    def test_objects_with_any_key(self):
        sesame = self.new_home()
        keys = ["ses/2026/08/01/00/plain", "ses/with space+plus&amp;", "ses/ü/€/😀", "ses/a=b/c%20d/~!*'()"]
        for number, key in enumerate(keys):
            self.s3.put_object(Bucket="lake", Key=key, Body=gzip.compress(lines(sends(f"o{number}", 100))))
        self.add(sesame, "weed", "--kind", "s3", "--bucket", "lake", "--prefix", "ses/", "--endpoint", self.weed.url, "--every", 1)
        self.assertIn("4, of which 4 are to be fetched", sesame.run("source", "test", "weed").out)
        self.serve(sesame)
        self.wait_for_count(sesame, 400)
        self.s3.put_object(Bucket="lake", Key="ses/2026/07/01/00/late", Body=lines(sends("late")))
        self.wait_for_count(sesame, 405)
        wait_for("the counter is written", lambda: self.show(sesame, "weed")["events"] == 405)

    def test_a_wrong_secret(self):
        sesame = self.new_home()
        self.add(sesame, "weed", "--kind", "s3", "--bucket", "lake", "--endpoint", self.weed.url,
                 secret=self.file("wrong", "wrong"))
        self.assertIn("the secret does not belong", sesame.run("source", "test", "weed", expect=FORBIDDEN).err)
