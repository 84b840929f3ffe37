"""Objects of S3, written by boto3 into servers that are not ours, fetched by `sesame serve`."""

import gzip
import json
import signal
import time
import unittest

import pyarrow

from aws_peers import KEY, REGION, SeaweedFS, client, wait_for
from pollers import MotoTestCase, PollerTestCase, lines, sends
from ses_events import event, firehose_failure, sns_envelope
from sesame import FAILED, FORBIDDEN, NOT_FOUND


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
