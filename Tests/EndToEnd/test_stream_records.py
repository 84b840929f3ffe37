"""What becomes of a stream's records, told by readers that share no code with Sesame: DuckDB's `read_json` with the same columns over
the same records, and `deltalake` after kill -9. SESAME_SEED repeats a run.
"""

import contextlib
import json
import os
import random
import signal
import subprocess
import threading
from collections import Counter

import deltalake
import duckdb

from ses_events import event
from sesame import SesameTestCase
from streams import live, rows_of

SEED = int(os.environ.get("SESAME_SEED", str(random.SystemRandom().randrange(1 << 32))))


class Conversion(SesameTestCase):
    """The same records by Sesame and by DuckDB's read_json with the same columns."""

    COLUMNS = {
        "s": ("string", "VARCHAR"), "i": ("int", "INTEGER"), "l": ("bigint", "BIGINT"), "d": ("double", "DOUBLE"),
        "f": ("float", "FLOAT"), "b": ("boolean", "BOOLEAN"), "day": ("date", "DATE"), "time": ("timestamp", "TIMESTAMP"),
        "dec": ("decimal(12,3)", "DECIMAL(12,3)"), "list": ("array<bigint>", "BIGINT[]"),
        "texts": ("map<string,string>", "MAP(VARCHAR, VARCHAR)"),
        "o": ("struct<x:int,y:array<struct<z:string,w:double>>>", "STRUCT(x INTEGER, y STRUCT(z VARCHAR, w DOUBLE)[])"),
    }
    TEXTS = ["", "a", "é", "漢字", "😀", "twelve bytes", "thirteen bytes", 'quo"te', "line\nfeed", "\\", "\u0001", "x" * 500, "null"]

    def value(self, name):
        pick = self.random
        text = lambda: pick.choice(self.TEXTS)
        return {
            "s": text, "i": lambda: pick.choice([0, -1, 2**31 - 1, -(2**31), pick.randrange(1000)]),
            "l": lambda: pick.choice([0, 2**63 - 1, -(2**63), pick.randrange(10**15)]),
            "d": lambda: pick.choice([0.0, -1.5, 1e300, 5e-324, pick.uniform(-1e6, 1e6)]),
            "f": lambda: pick.choice([0.5, -2.25, 3e38, pick.uniform(-10, 10)]), "b": lambda: pick.random() < 0.5,
            "day": lambda: f"{pick.randint(1900, 2100)}-{pick.randint(1, 12):02}-{pick.randint(1, 28):02}",
            "time": lambda: f"2026-{pick.randint(1, 12):02}-01{pick.choice('T ')}{pick.randint(0, 23):02}:00:59{pick.choice(['', '.5', '.123456'])}",
            "dec": lambda: pick.choice([0, -1.5, 123456789.125, 99.9]),
            "list": lambda: [pick.choice([None, 1, 2**40]) for _ in range(pick.randint(0, 4))],
            "texts": lambda: {text(): pick.choice([None, text()]) for _ in range(pick.randint(0, 3))},
            "o": lambda: {"x": pick.choice([None, 7]), "y": [pick.choice([None, {"z": text(), "w": 0.5}]) for _ in range(pick.randint(0, 2))]},
        }[name]()

    def record(self):
        names = [name for name in self.COLUMNS if self.random.random() < 0.8]
        self.random.shuffle(names)
        return {name: None if self.random.random() < 0.1 else self.value(name) for name in names}

    def test_records_become_what_read_json_makes_of_them(self):
        self.random = random.Random(SEED)
        records = [{"n": number, **self.record()} for number in range(1_500)]
        schema = "n bigint, " + ", ".join(f"{name} {hive}" for name, (hive, _) in self.COLUMNS.items())
        self.sesame.run("stream", "add", "any", "--schema", schema)
        lines = [json.dumps(record, ensure_ascii=self.random.random() < 0.5) for record in records]
        source = self.file("any.ndjson", "".join(f"@any {line}\n" for line in lines))
        live(self.sesame, source, "--batch", 100)
        plain = self.file("plain.ndjson", "".join(line + "\n" for line in lines))
        columns = {"n": "BIGINT", **{name: sql for name, (_, sql) in self.COLUMNS.items()}}
        engine = duckdb.connect()
        names = ", ".join(name if name != "time" else "epoch_us(time) AS time" for name in columns)
        read = f"SELECT {names} FROM read_json('{plain}', format = 'newline_delimited', columns = {columns}) ORDER BY n"
        expected = engine.sql(read).fetchall()
        files = deltalake.DeltaTable(str(self.sesame.lake / "streams/any")).file_uris()
        found = engine.sql(f"SELECT {names} FROM read_parquet({files}) ORDER BY n").fetchall()
        self.assertEqual(self.sesame.value("SELECT count(*) FROM refused"), 0, SEED)
        self.assert_same_rows(found, expected)
        self.sesame.verify()


class KilledStreams(SesameTestCase):
    """kill -9 with events of SES and records of a stream mixed: each acknowledged one is in its table, once."""

    FAIL_POINTS = ("stream.beforeCommit", "stream.afterCommit", "lake.beforeCommit", "lake.afterCommit", "log.afterSync", "log.beforeTrim")
    OPTIONS = ("--batch", 5, "--delay", 5, "--period", 5, "--segment", 20_000, "--checkpoint", 10)

    def setUp(self):
        self.random = random.Random(SEED)
        self.home = self.new_home()
        self.home.run("stream", "add", "orders", "--schema", "n bigint, again boolean")
        self.sent = 0

    def lines(self):
        while True:
            self.sent += 1
            if self.sent % 3 == 0:
                yield json.dumps(event("Send", f"m-{self.sent}"))
            else:
                yield "@orders " + json.dumps({"n": self.sent})

    def feed(self, count, point=None, after=None):
        """Sends lines; gives the first one's number, how many were acknowledged, and whether the process was killed."""
        environment = dict(self.home.environment)
        if point:
            environment |= {"SESAME_FAILPOINT": point, "SESAME_FAILPOINT_HIT": str(self.random.randint(1, 3))}
        process = subprocess.Popen(
            self.home.command("live-test", *self.OPTIONS), env=environment, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        first, lines = self.sent + 1, self.lines()

        def send():
            with contextlib.suppress(OSError):
                for _ in range(count):
                    process.stdin.write(next(lines) + "\n")
                    process.stdin.flush()
            with contextlib.suppress(OSError):
                process.stdin.close()

        sender = threading.Thread(target=send)
        sender.start()
        killer = threading.Timer(after, process.kill) if after else None
        if killer:
            killer.start()
        acknowledged = sum(1 for _ in process.stdout)
        process.stdout.close()
        status = process.wait()
        if killer:
            killer.cancel()
        sender.join()
        self.assertIn(status, (0, -signal.SIGKILL))
        return first, acknowledged, status != 0

    def test_each_acknowledged_record_is_there_once(self):
        acknowledged, kills = set(), 0
        runs = [(point, None) for point in self.FAIL_POINTS] + [(None, self.random.uniform(0.05, 1.5)) for _ in range(6)]
        for point, after in runs:
            first, count, killed = self.feed(400, point, after)
            acknowledged |= set(range(first, first + count))
            kills += killed
        self.assertFalse(self.feed(0)[2])
        self.assertGreater(kills, len(self.FAIL_POINTS) // 2, "the places were not reached")
        with self.subTest(seed=SEED):
            orders = Counter(row["n"] for row in rows_of(self.home, "orders", "n"))
            table = deltalake.DeltaTable(str(self.home.lake / "events")).to_pyarrow_table(columns=["message_id"])
            events = Counter(int(name[2:]) for name in table.column("message_id").to_pylist())
            for found, wanted in ((orders, {n for n in acknowledged if n % 3}), (events, {n for n in acknowledged if n % 3 == 0})):
                self.assertEqual([n for n, times in found.items() if times > 1], [], "there twice")
                self.assertEqual(wanted - found.keys(), set(), "acknowledged and not there")
            self.assertEqual(self.home.value("SELECT count(*) FROM refused"), 0)
            self.home.verify()
