"""kill -9 at random instants neither loses nor doubles an event, and leaves nothing that `verify` minds.

SESAME_KILLS sets how many kills (10 by default); half hit imports, half compactions. SESAME_SEED repeats
a run: what is random is the instant, and a failure names both.
"""

import os
import random
import signal
import subprocess
import time

from sesame import SesameTestCase, simulate

KILLS = int(os.environ.get("SESAME_KILLS", "10"))
SEED = int(os.environ.get("SESAME_SEED", str(random.SystemRandom().randrange(1 << 32))))


class Kill(SesameTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.random = random.Random(SEED)
        events, cls.truth = simulate(cls.folder, 8_000, "--duplicates", "0.02", "--out-of-order", "0.05", days=2)
        lines = events.read_bytes().splitlines(keepends=True)
        cls.parts = []
        for part in range(4):
            path = cls.folder / f"part-{part}.ndjson"
            path.write_bytes(b"".join(lines[part::4]))
            cls.parts.append(path)

    def killed_while(self, home, *arguments, usual_seconds):
        """Whether the command was still running when the kill came, somewhere in the time that it usually takes."""
        instant = self.random.uniform(0, usual_seconds)
        process = home.start(*arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(timeout=instant)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        return process.wait() == -signal.SIGKILL

    def assert_exact(self, home):
        self.assertEqual(home.counts("event_type"), self.truth["by_type"])
        (ids, events), = home.values("SELECT count(DISTINCT event_id), count(*) FROM events")
        self.assertEqual(ids, events)
        messages = "SELECT count(DISTINCT message_id), count(*), count(DISTINCT (message_id, recipient)) FROM messages"
        (messages, rows, keys), = home.values(messages)
        self.assertEqual((messages, rows), (self.truth["messages"], keys))
        home.verify()

    def seconds(self, home, *arguments):
        start = time.monotonic()
        home.run(*arguments)
        return time.monotonic() - start

    def test_import(self):
        usual = self.seconds(self.new_home(), "import", "--no-rollups", *self.parts)
        hits, tries = 0, 0
        while hits < KILLS // 2:
            home = self.new_home()
            # One to three kills of the same import in a row, then a run that is left alone.
            for _ in range(self.random.randint(1, 3)):
                hits += self.killed_while(home, "import", "--no-rollups", *self.parts, usual_seconds=usual)
            with self.subTest(seed=SEED, kill=hits):
                home.run("import", "--no-rollups", *self.parts)
                self.assert_exact(home)
            tries += 1
            self.assertLess(tries, KILLS * 10, "imports end before the kill comes")

    def test_compaction(self):
        source = self.small_files()
        usual = self.seconds(self.new_home(copy_of=source), "lake", "compact")
        hits, tries = 0, 0
        while hits < KILLS - KILLS // 2:
            home = self.new_home(copy_of=source)
            hits += self.killed_while(home, "lake", "compact", usual_seconds=usual)
            with self.subTest(seed=SEED, kill=hits):
                self.assertEqual(home.counts("event_type"), self.truth["by_type"])
                home.run("lake", "compact")
                self.assert_exact(home)
            tries += 1
            self.assertLess(tries, KILLS * 10, "compactions end before the kill comes")

    def small_files(self):
        home = self.new_home()
        for part in self.parts:
            home.load(part)
        return home
