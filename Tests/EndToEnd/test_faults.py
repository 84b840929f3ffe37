"""A running server while the machine fails it: full and broken disks, a wrong clock, a stop that takes too long.

What was acknowledged is in the lake once afterwards, what was refused is not there, and nobody had to start anything anew.
"""

import contextlib
import errno
import itertools
import json
import os
import resource
import signal
import subprocess
import threading
import time
import unittest
import urllib.error
import urllib.request

import boto3
import botocore.config
import botocore.exceptions

from aws_peers import wait_for
from faults import Faults
from ses_events import event
from sesame import DISK, OK, SesameTestCase
from test_receivers import SNS, TOPIC
from server import Server

MEBIBYTE = 1 << 20


class FaultTestCase(SesameTestCase):
    """A server on a home of its own, and what its senders were told."""

    def setUp(self):
        self.home = self.new_home()
        self.acknowledged, self.refused, self.numbers = set(), set(), itertools.count()

    def under_faults(self):
        """From now on processes of this home are started with faults."""
        if not Faults.are_possible():
            self.skipTest("faults need Linux and a C compiler, cc")
        self.faults = Faults(self.home.home.parent)
        variables = {**self.home.environment, **self.faults.environment}
        self.home = type("Faulty", (type(self.home),), {"environment": variables})(self.home.home)

    def serve(self, *options, **more):
        self.server = Server(self.home, *options, **more)
        process, said = self.server.process, []
        # What it says is read all the time, so that it never waits for us.
        thread = threading.Thread(target=lambda: said.extend(process.stderr), daemon=True)
        thread.start()

        def end():
            if process.poll() is None:
                process.kill()
            process.wait()
            thread.join()
            process.stdout.close()
            process.stderr.close()

        self.addCleanup(end)
        self.said, self.hear = said, thread.join

    def token(self):
        return json.loads(self.home.run("token", "add", "test", "--scope", "ingest", "--format", "json").out)[0]["token"]

    def post(self, token, events=3, padding=0):
        """Sends events that nothing else sends; the status and the answer's headers."""
        batch = next(self.numbers)
        messages = {f"{batch}-{number}" for number in range(events)}
        body = "".join(json.dumps(event("Send", message=one, padding="x" * padding)) + "\n" for one in messages)
        request = urllib.request.Request(
            self.server.url + "/v1/events", body.encode(), {"Authorization": f"Bearer {token}"}, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                self.acknowledged.update(messages)
                return answer.status, answer.headers
        except urllib.error.HTTPError as error:
            self.refused.update(messages)
            with error:
                return error.code, error.headers

    def health(self):
        try:
            return 200, json.loads(self.server.get("/health/ready"))
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())

    def memory(self, name="VmRSS"):
        with open(f"/proc/{self.server.process.pid}/status") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith(name))

    def warnings(self):
        return [json.loads(line)["message"] for line in list(self.said) if b'"warning"' in line]

    def stop(self):
        self.server.process.send_signal(signal.SIGTERM)
        status = self.server.process.wait(timeout=60)
        self.hear()
        self.assertEqual(status, OK, b"".join(self.said)[-2000:])

    def assert_exact(self):
        """After a stop: the acknowledged events, each once, and no other."""
        self.assertTrue(self.acknowledged)
        found = [message for (message,) in self.home.values("SELECT message_id FROM events")]
        self.assertEqual(len(found), len(set(found)), "something is there twice")
        self.assertEqual(self.acknowledged - set(found), set(), "acknowledged and not there")
        self.assertEqual(set(found) & self.refused, set(), "refused and there")
        self.assertEqual(set(found), self.acknowledged)
        self.home.verify()


class Disks(FaultTestCase):
    def assert_survives(self, token, breaks, mends, reason):
        """The disk breaks under four senders; everything is refused, and taken again as soon as it is mended."""
        self.assertEqual(self.post(token)[0], 200)
        breaks()
        before, told = self.memory(), []

        def send():
            while True:
                status, headers = self.post(token, events=20, padding=10_000)
                if status != 200:
                    told.append((status, headers["Retry-After"]))
                    return

        senders = [threading.Thread(target=send) for _ in range(4)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join(timeout=60)
        self.assertEqual(told, [(503, "30")] * 4)
        for _ in range(20):
            self.assertEqual(self.post(token, events=20, padding=10_000)[0], 503)
        status, body = wait_for("it is said", lambda: self.health()[0] == 503 and self.health())
        self.assertEqual((status, body["live"], body["ready"], body["reasons"]), (503, True, False, [reason]))
        self.assertEqual(json.loads(self.server.get("/health/live")), {"live": True})
        self.assertLess(self.memory() - before, 200 * MEBIBYTE)
        mends()
        wait_for("it goes on", lambda: self.post(token)[0] == 200)
        self.assertEqual(self.post(token, events=20, padding=10_000)[0], 200)
        self.stop()
        self.assert_exact()

    def disk(self, size):
        """A small disk of its own, and the home on it."""
        disk = self.home.home.parent / "disk"
        disk.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", disk]
        if os.geteuid() != 0 or subprocess.run(mount, stderr=subprocess.DEVNULL).returncode != 0:
            self.skipTest("cannot mount a small disk here")
        self.addCleanup(subprocess.run, ["umount", "-l", disk], check=True)
        self.home.home, self.home.lake = disk / "home", disk / "home/workspaces/default/lake"
        return disk

    def test_full_disk(self):
        disk = self.disk("64m")
        token = self.token()
        self.serve()
        others = disk / "others"

        def breaks():
            """Others fill the disk to its end, so that the lake cannot make room by taking in what is in the log."""
            with open(others, "wb", buffering=0) as file:
                for size in (1 << 20, 1 << 12):
                    with contextlib.suppress(OSError):
                        while True:
                            file.write(bytes(size))

        self.assert_survives(token, breaks, others.unlink, "the event log's disk is full")

    def test_file_size_limit(self):
        """For those who may not mount: the system refuses each write, as a full quota does."""
        token = self.token()
        self.serve(preexec_fn=lambda: signal.signal(signal.SIGXFSZ, signal.SIG_IGN), restore_signals=False)
        process = self.server.process.pid
        unlimited = resource.prlimit(process, resource.RLIMIT_FSIZE)
        self.assert_survives(
            token, lambda: resource.prlimit(process, resource.RLIMIT_FSIZE, (0, unlimited[1])),
            lambda: resource.prlimit(process, resource.RLIMIT_FSIZE, unlimited), "the event log's disk cannot be written")

    def test_disk_that_becomes_read_only(self):
        """As ext4 does after an error."""
        self.under_faults()
        token = self.token()
        self.serve()

        def breaks():
            self.faults.now.failing, self.faults.now.write_errno = b"/log/", errno.EROFS

        def mends():
            self.faults.now.write_errno = 0

        self.assert_survives(token, breaks, mends, "the event log's disk can only be read")

    def test_failed_syncs(self):
        """Nothing is acknowledged on a file whose sync failed, also not when the next sync of it would pass."""
        self.under_faults()
        token = self.token()
        self.serve()

        def breaks():
            self.faults.now.failing, self.faults.now.sync_errno = b"/log/", errno.EIO

        def mends():
            self.assertGreater(self.faults.now.syncs_failed, 4)
            self.faults.now.sync_errno = 0

        self.assert_survives(token, breaks, mends, "the event log's disk cannot be written")

    def test_kill_9_after_a_failed_sync(self):
        self.under_faults()
        token = self.token()
        self.serve()
        self.assertEqual(self.post(token)[0], 200)
        # The lake takes nothing meanwhile, so that all hangs on the log.
        self.faults.now.slow, self.faults.now.sync_delay = b"/lake/", 60_000
        for _ in range(3):
            self.assertEqual(self.post(token)[0], 200)
            self.faults.now.failing, self.faults.now.sync_errno = b"/log/", errno.EIO
            self.assertEqual(self.post(token)[0], 503)
            self.faults.now.sync_errno = 0
        self.assertEqual(self.post(token)[0], 200)
        self.server.process.kill()
        self.server.process.wait()
        self.assertIn("records", self.home.run("log", "inspect").out)
        self.faults.now.sync_delay = 0
        self.serve()
        self.assertEqual(self.warnings(), [])
        self.stop()
        self.assert_exact()

    def test_start_on_a_read_only_disk(self):
        disk = self.disk("64m")
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        self.assertIn("read only", self.home.run("serve", "--port", 0, expect=DISK).err)
        subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
        self.token()
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        error = self.home.run("serve", "--port", 0, expect=DISK).err
        self.assertIn(f"cannot open {self.home.home}/sesame.db: Read-only file system", error)
        self.assertEqual(error.count("\n"), 1)


class Clocks(FaultTestCase):
    DAY, YEAR = 86_400, 365 * 86_400

    def processor(self):
        with open(f"/proc/{self.server.process.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def test_clock_that_jumps_while_it_runs(self):
        self.under_faults()
        token = self.token()
        self.serve()
        now = self.faults.now
        for shift in (0, -self.DAY, self.YEAR, 0):
            # No answer is kept until the clock is there again.
            now.failing, now.write_errno = b"/log/", errno.ENOSPC
            if shift in (-self.DAY, 0):
                wait_for("the disk is full", lambda: self.health()[1]["reasons"] == ["the event log's disk is full"], seconds=20)
            now.write_errno, now.clock_shift = 0, shift
            for _ in range(3):
                self.assertEqual(self.post(token)[0], 200)
            count = len(self.acknowledged)
            wait_for("the events are seen", lambda: self.home.value("SELECT count(*) FROM events") == count, seconds=20)
            before, start = self.processor(), time.monotonic()
            wait_for("it is ready", lambda: self.health()[0] == 200, seconds=20)
            self.assertLess(self.processor() - before, 0.5 * (time.monotonic() - start) + 0.5, "it is busy with nothing")
        # Nothing counts twice, whenever it came.
        self.numbers = itertools.count()
        for _ in range(12):
            self.assertEqual(self.post(token)[0], 200)
        self.stop()
        self.assert_exact()

    def test_signatures_under_a_wrong_clock(self):
        sns = SNS()
        self.addCleanup(sns.close)
        roots = self.file("roots.pem", sns.root)
        self.home.run("source", "add", "topic", "--kind", "sns", "--topic-arn", TOPIC)
        key = json.loads(self.home.run("source", "add", "api", "--kind", "firehose-api", "--format", "json").out)[0]
        self.under_faults()
        self.serve("--sns-roots", roots, "--sns-endpoint", sns.url)

        def notify(message):
            body = sns.message(text=json.dumps(event("Send", message)))
            request = urllib.request.Request(self.server.url + "/ingest/sns/topic", body, {"Content-Type": "text/plain"})
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    return answer.status, ""
            except urllib.error.HTTPError as error:
                with error:
                    return error.code, error.read().decode()

        firehose = boto3.client(
            "firehose", endpoint_url=self.server.url, region_name="eu-west-1", aws_access_key_id=key["access_key_id"],
            aws_secret_access_key=key["secret"], config=botocore.config.Config(retries={"total_max_attempts": 1}))
        for shift, words, code in ((-self.DAY, "set the clock right", "Signature not yet current"),
                                   (self.YEAR, "look at the clock", "Signature expired")):
            self.faults.now.clock_shift = shift
            status, text = notify("sns")
            # SNS keeps what is answered 5xx, and drops what is answered 4xx.
            self.assertEqual(status, 503)
            self.assertIn(words, text)
            with self.assertRaises(botocore.exceptions.ClientError) as raised:
                firehose.put_record(DeliveryStreamName="api", Record={"Data": b"{}"})
            self.assertIn(code, str(raised.exception))
        self.faults.now.clock_shift = 0
        self.assertEqual(notify("sns")[0], 200)
        firehose.put_record(DeliveryStreamName="api", Record={"Data": json.dumps(event("Send", "api")).encode()})
        self.stop()
        self.assertEqual(self.home.values("SELECT message_id FROM events ORDER BY 1"), [("api",), ("sns",)])
        for name, words in (("topic", "look at the clock"), ("api", "Signature expired")):
            shown = json.loads(self.home.run("source", "show", name, "--format", "json").out)[0]
            self.assertEqual(shown["refused"], 2)
            self.assertIn(words, shown["last_error"])


class Stops(FaultTestCase):
    def test_what_is_not_in_the_lake_in_time_is_said_and_taken_in_at_the_next_start(self):
        self.under_faults()
        token = self.token()
        self.serve("--stop-timeout", "1s")
        now = self.faults.now
        now.slow, now.sync_delay = b"/lake/", 500
        self.assertEqual(self.post(token)[0], 200)
        wait_for("the first is being committed", lambda: now.syncs_delayed > 0)
        for _ in range(7):
            self.assertEqual(self.post(token)[0], 200)
        self.stop()
        self.assertEqual(self.warnings(), [
            "the 1 s for stopping are over; 7 records stay in the event log and are taken into the lake at the next start"])
        now.sync_delay = 0
        self.serve()
        self.stop()
        self.assertEqual(self.warnings(), [])
        self.assert_exact()


if __name__ == "__main__":
    unittest.main()
