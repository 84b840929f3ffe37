"""kill -9 of the live way, log to lake: at random instants and at every fail point.

A line of input counts as acknowledged when its number was printed. Afterwards every acknowledged event must be in the
lake once, nothing that was not sent may be there, and a reader that shares no code with Sesame must say the same.

SESAME_KILLS sets how many kills (24 by default); SESAME_SEED repeats a run.
"""

import contextlib
import json
import os
import random
import signal
import subprocess
import threading
from collections import Counter

from sesame import FORBIDDEN, SesameTestCase, simulate

KILLS = int(os.environ.get("SESAME_KILLS", "24"))
SEED = int(os.environ.get("SESAME_SEED", str(random.SystemRandom().randrange(1 << 32))))

# Places and how often each is reached before the kill, from the first time to some time later.
FAIL_POINTS = {
    "log.afterAppend": 9, "log.beforeSync": 9, "log.afterSync": 9, "lake.midParquet": 6, "lake.beforeCommit": 6,
    "lake.afterCommit": 6, "compaction.beforeCommit": 2, "log.beforeTrim": 3,
}
OPTIONS = ("--batch", 7, "--delay", 5, "--period", 5, "--segment", 100_000, "--checkpoint", 10)


def key(event):
    """An event in words of its own; the simulator makes no two that agree in these."""
    kind = event["eventType"]
    detail = event.get({"Rendering Failure": "failure", "DeliveryDelay": "deliveryDelay"}.get(kind, kind.lower())) or {}
    return kind, event["mail"]["messageId"], json.dumps(detail, sort_keys=True)


class LiveKill(SesameTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.random = random.Random(SEED)
        events, _ = simulate(cls.folder, 700, "--duplicates", "0.05", "--out-of-order", "0.1", days=2)
        cls.lines = events.read_bytes().splitlines(keepends=True)

    def feed(self, home, lines, fail_point=None, after=None):
        """Sends lines to a process that is killed, and gives how many it acknowledged and whether the kill came."""
        environment = dict(home.environment)
        if fail_point:
            place, hit = fail_point
            environment |= {"SESAME_FAILPOINT": place, "SESAME_FAILPOINT_HIT": str(hit)}
        process = subprocess.Popen(
            home.command("live-test", *OPTIONS), env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL)

        # As clients do, it waits for answers: all at once would be two or three commits where the disk is fast.
        on_the_way = threading.Semaphore(7)

        def send():
            try:
                for line in lines:
                    on_the_way.acquire()
                    process.stdin.write(line)
                    process.stdin.flush()
            except OSError:
                pass  # The process is dead, as it should be.
            with contextlib.suppress(OSError):
                process.stdin.close()

        sender = threading.Thread(target=send)
        sender.start()
        killer = threading.Timer(after, process.send_signal, [signal.SIGKILL]) if after else None
        if killer:
            killer.start()
        acknowledged = 0
        for _ in process.stdout:
            acknowledged += 1
            on_the_way.release()
        # Nobody answers any more, and who waits for it would wait for ever.
        on_the_way.release(len(lines) + 1)
        process.stdout.close()
        status = process.wait()
        if killer:
            killer.cancel()
        sender.join()
        self.assertIn(status, (0, -signal.SIGKILL))
        return acknowledged, status == -signal.SIGKILL

    def assert_exact(self, home, sent, acknowledged):
        """`sent` and `acknowledged` are lines; what was sent and not acknowledged may be there or not."""
        import deltalake

        # An empty feed opens the log, takes the rest of it into the lake and ends.
        self.assertEqual(self.feed(home, []), (0, False))
        table = deltalake.DeltaTable(str(home.lake / "events")).to_pyarrow_table(columns=["event_id", "event_type", "message_id"])
        ids = table.column("event_id").to_pylist()
        self.assertEqual(len(ids), len(set(ids)), "an event is there twice")
        found = Counter(zip(table.column("event_type").to_pylist(), table.column("message_id").to_pylist()))

        def counted(lines):
            return Counter(kind_and_message[:2] for kind_and_message in {key(json.loads(line)) for line in lines})

        self.assertEqual(counted(acknowledged) - found, Counter(), "acknowledged and not there")
        self.assertEqual(found - counted(sent), Counter(), "there and never sent")
        (rows, keys), = home.values("SELECT count(*), count(DISTINCT (message_id, recipient)) FROM messages")
        self.assertEqual(rows, keys)
        self.assertEqual(home.value("SELECT coalesce(sum(event_count), 0) >= (SELECT count(*) FROM events) FROM messages"), True)
        home.verify()

    def test_random_instants(self):
        kills, tries = 0, 0
        while kills < KILLS:
            home, sent, acknowledged = self.new_home(), [], []
            start = 0
            # Some kills in a row of one home: each begins with what the one before left.
            for _ in range(self.random.randint(1, 4)):
                lines = self.lines[start:]
                count, killed = self.feed(home, lines, after=self.random.uniform(0.02, 1.2))
                sent += lines
                acknowledged += lines[:count]
                # A sender repeats what was not acknowledged, and some of what was.
                start = max(0, start + count - self.random.randint(0, 30))
                kills += killed
            with self.subTest(seed=SEED, kill=kills):
                self.assert_exact(home, sent, acknowledged)
            tries += 1
            self.assertLess(tries, KILLS * 10, "everything ends before the kill comes")

    def test_fail_points(self):
        for place, most in FAIL_POINTS.items():
            for hit in {1, self.random.randint(1, most)}:
                with self.subTest(place=place, hit=hit, seed=SEED):
                    home = self.new_home()
                    count, killed = self.feed(home, self.lines, fail_point=(place, hit))
                    self.assertTrue(killed, "the place was not reached")
                    self.assert_exact(home, self.lines, self.lines[:count])

    def test_an_import_beside_it_is_refused(self):
        home = self.new_home()
        part = self.file("one.ndjson", self.lines[0])
        process = subprocess.Popen(
            home.command("live-test"), env=home.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        with process:
            process.stdin.write(self.lines[1])
            process.stdin.flush()
            self.assertEqual(process.stdout.readline(), b"1\n")
            result = home.run("import", part, expect=FORBIDDEN)
            self.assertIn("if it is a server, send it the files", result.err)
        home.load(part)
        self.assertEqual(home.value("SELECT count(*) FROM events"), 2)

    def test_rebuild_after_kills(self):
        home = self.new_home()
        sent = 0
        for place in ("lake.afterCommit", "log.beforeTrim"):
            count, killed = self.feed(home, self.lines[sent:], fail_point=(place, 2))
            self.assertTrue(killed)
            sent += count
        self.feed(home, self.lines[sent:])
        before = sorted(home.values("SELECT event_id, event_at, source_name FROM events"))
        home.run("lake", "rebuild")
        self.assertEqual(sorted(home.values("SELECT event_id, event_at, source_name FROM events")), before)
        home.verify()
