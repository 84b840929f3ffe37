"""Drives the release build as a user does: by its command line, its exit statuses and the files it leaves.

Tests look at the lake from outside on purpose. What they find through `sesame sql` they also find with readers that
share no code with Sesame (see test_independent_readers.py).
"""

import csv
import json
import os
import shutil
import subprocess
import tempfile
import unittest
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("SESAME_BINARY", ROOT / ".build/release/sesame"))

# Exit statuses that the command line promises.
OK, FAILED, USAGE, REFUSED_INPUT, NOT_FOUND, DISK, LIMIT, FORBIDDEN, INTERRUPTED = 0, 1, 64, 65, 66, 74, 75, 77, 130


@dataclass
class Result:
    """How a command ended."""

    status: int
    out: str
    err: str

    def __str__(self):
        return f"exit {self.status}\nstdout: {self.out[-2000:]}\nstderr: {self.err[-2000:]}"


class Sesame:
    """The command line over one home directory."""

    def __init__(self, home):
        self.home = Path(home)
        self.lake = self.home / "workspaces/default/lake"

    def command(self, *arguments):
        return [str(BINARY), *map(str, arguments)]

    @property
    def environment(self):
        return {**os.environ, "SESAME_HOME": str(self.home)}

    def start(self, *arguments, **options):
        """A running process, for tests that kill it, race it or read half of what it says."""
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        return subprocess.Popen(self.command(*arguments), env=self.environment, **options)

    def run(self, *arguments, expect=OK, timeout=300, **options):
        """Runs to the end and insists on the exit status `expect`; None takes any."""
        process = self.start(*arguments, **options)
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise AssertionError(f"sesame {' '.join(map(str, arguments))[:300]} ran longer than {timeout} s") from None
        result = Result(process.returncode, (out or b"").decode(errors="replace"), (err or b"").decode(errors="replace"))
        if expect is not None and result.status != expect:
            raise AssertionError(f"sesame {' '.join(map(str, arguments))[:300]}: expected exit {expect}, got {result}")
        return result

    def load(self, *paths, expect=OK, rollups=False, **options):
        """Imports and returns the report. Rollups, without which all numbers are the same, are for those who look at them."""
        more = [] if rollups else ["--no-rollups"]
        return json.loads(self.run("import", "--json", *more, *paths, expect=expect, **options).out)

    def sql(self, statement, **options):
        """The rows of a query as dictionaries."""
        return json.loads(self.run("sql", "--format", "json", statement, **options).out)

    def values(self, statement):
        """The rows of a query as tuples."""
        return [tuple(row.values()) for row in self.sql(statement)]

    def value(self, statement):
        """The one value of a query."""
        ((value,),) = self.values(statement)
        return value

    def counts(self, expression, where="true", table="events"):
        """How many rows have each value of an expression."""
        return dict(self.values(f"SELECT {expression}, count(*) FROM {table} WHERE {where} GROUP BY 1"))

    def table(self, source, path):
        """A query's rows with their types, by way of a Parquet file at `path`."""
        import pyarrow.parquet

        self.run("sql", "--format", "parquet", "-o", path, f"SELECT * FROM {source}")
        return pyarrow.parquet.ParquetFile(path).read()

    def verify(self):
        """The lake must be exactly what its logs say, with no file over."""
        self.run("lake", "verify")


class SesameTestCase(unittest.TestCase):
    """One temporary folder and one home for all tests of a class."""

    maxDiff = 4000

    @classmethod
    def setUpClass(cls):
        if not BINARY.exists():
            raise unittest.SkipTest(f"{BINARY} is not built; run: make build")
        cls.folder = Path(tempfile.mkdtemp(prefix="sesame-test-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.sesame = Sesame(cls.folder / "home")

    def new_home(self, copy_of=None):
        """A home of a test's own, removed after it."""
        folder = Path(tempfile.mkdtemp(prefix="home-", dir=self.folder))
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        if copy_of is not None:
            shutil.copytree(copy_of.home, folder / "home")
        return Sesame(folder / "home")

    def file(self, name, content):
        """A file in the test's folder: bytes, text, or a list of events as JSON lines."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, list):
            content = "".join(json.dumps(event) + "\n" for event in content)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def csv(self, name, rows):
        """A CSV file of dictionaries."""
        path = self.folder / name
        with path.open("w", newline="") as out:
            writer = csv.DictWriter(out, fieldnames=rows[0])
            writer.writeheader()
            writer.writerows(rows)
        return path

    def assert_same_rows(self, found, expected):
        """The first difference of two long lists; unittest's own diff of them takes minutes."""
        for one, other in zip(found, expected):
            self.assertEqual(one, other)
        self.assertEqual(len(found), len(expected))


def simulate(folder, messages, *options, days=3, seed=11):
    """Simulated events and the truth about them."""
    events, truth = folder / f"simulated-{messages}-{seed}.ndjson", folder / f"truth-{messages}-{seed}.json"
    Sesame(folder).run(
        "simulate", "--messages", messages, "--days", days, "--seed", seed, "-o", events, "--truth", truth, *options)
    return events, json.loads(truth.read_text())


def instant(text):
    """A time as SES or SQL writes it; without a zone it is UTC."""
    if text is None:
        return None
    text = text.replace("Z", "+00:00")
    if text[-3] in "+-":
        text += ":00"
    time = datetime.fromisoformat(text.replace(" ", "T").replace("T+", "+"))
    return time if time.tzinfo else time.replace(tzinfo=timezone.utc)
