"""SQL of a user reads the lake and nothing else, and stops when told to."""

import json
import os
import time
from pathlib import Path

import ses_events
from sesame import FAILED, FORBIDDEN, LIMIT, SesameTestCase

# {out} is a file that must never come to be.
ATTACKS = {
    "COPY TO": "COPY events TO '{out}'",
    "COPY of a query": "COPY (SELECT 1) TO '{out}' (FORMAT csv)",
    "COPY FROM": "COPY events FROM '/etc/passwd'",
    "EXPORT": "EXPORT DATABASE '{out}'",
    "ATTACH": "ATTACH '{out}' AS stolen",
    "DETACH": "DETACH memory",
    "USE": "USE memory",
    "INSTALL": "INSTALL httpfs",
    "LOAD": "LOAD httpfs",
    "LOAD of a file": "LOAD '{out}'",
    "SET": "SET memory_limit = '100GB'",
    "SET of the lock": "SET enable_external_access = true",
    "RESET": "RESET memory_limit",
    "PRAGMA": "PRAGMA database_list",
    "CALL": "CALL pragma_version()",
    "CREATE TABLE": "CREATE TABLE mine (a INTEGER)",
    "CREATE VIEW": "CREATE OR REPLACE VIEW events AS SELECT 1",
    "CREATE SECRET": "CREATE SECRET (TYPE s3)",
    "CREATE MACRO": "CREATE MACRO f(x) AS x",
    "INSERT": "INSERT INTO events SELECT * FROM events",
    "UPDATE": "UPDATE events SET subject = ''",
    "DELETE": "DELETE FROM events",
    "DROP": "DROP VIEW events",
    "ALTER": "ALTER TABLE events ADD COLUMN a INTEGER",
    "CHECKPOINT": "CHECKPOINT",
    "BEGIN": "BEGIN",
    "read_csv": "SELECT * FROM read_csv('/etc/passwd')",
    "read_text": "SELECT * FROM read_text('/etc/passwd')",
    "read_blob": "SELECT * FROM read_blob('/etc/passwd')",
    "read_json": "SELECT * FROM read_json('/etc/passwd')",
    "read_parquet": "SELECT * FROM read_parquet('/tmp/x.parquet')",
    "glob": "SELECT * FROM glob('/etc/*')",
    "the network": "SELECT * FROM read_csv('https://example.com/a.csv')",
    "hidden in a subquery": "SELECT (SELECT count(*) FROM read_text('/etc/passwd'))",
    "hidden in a CTE": "WITH a AS (SELECT * FROM read_csv('/etc/passwd')) SELECT * FROM a",
    "two statements": "SELECT 1; SELECT 2",
    "a write after a comment": "/* SELECT */ CREATE TABLE mine (a INTEGER)",
    "a write after a read": "SELECT 1; DROP VIEW events",
}

# What these would reach does not exist in the sandbox, so DuckDB knows no such thing.
UNKNOWN = {
    "a file as a table": "SELECT * FROM '/etc/passwd'",
    "getenv": "SELECT getenv('HOME')",
}

# DuckDB's own interrupt and memory limit stop none of these (they need a process that can be killed).
RUNAWAYS = {
    "a reduction that ignores interrupts": "SELECT list_reduce(range(100000000), (a, b) -> a + b)",
    "a string of 2 GB": "SELECT length(lpad('', 2147483647, 'x'))",
    "a list beyond the memory limit": "SELECT len(range(2000000000))",
}


class SandboxTestCase(SesameTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        path = cls.folder / "one.json"
        path.write_text(json.dumps(ses_events.event("Send")))
        cls.sesame.load(path)


class Attacks(SandboxTestCase):
    def test_each_attack_is_refused_with_a_sentence(self):
        for name, statement in ATTACKS.items():
            out = self.folder / "stolen"
            with self.subTest(name):
                result = self.sesame.run("sql", statement.format(out=out), expect=FORBIDDEN)
                self.assertRegex(result.err, r"^sesame: \w+ .*\w")
                self.assertNotIn("root:", result.out + result.err)
                self.assertFalse(out.exists())

    def test_what_is_not_there_is_said(self):
        for name, statement in UNKNOWN.items():
            with self.subTest(name):
                result = self.sesame.run("sql", statement, expect=FAILED)
                self.assertIn("does not exist", result.err)
                self.assertNotIn("root:", result.out + result.err)

    def test_nothing_has_changed(self):
        for statement in ATTACKS.values():
            self.sesame.run("sql", statement.format(out=self.folder / "stolen"), expect=None)
        self.assertEqual(self.sesame.value("SELECT count(*) FROM events"), 1)
        self.sesame.verify()

    def test_reading_stays_possible(self):
        for statement in ("SELECT 1;", "WITH a AS (SELECT 1 AS b) SELECT b FROM a", "FROM events", "DESCRIBE events",
                          "SHOW TABLES", "EXPLAIN SELECT * FROM events", "SUMMARIZE events", "VALUES (1)"):
            with self.subTest(statement):
                self.sesame.run("sql", statement)

    def test_a_mistake_is_no_attack(self):
        for statement in ("SELEC 1", "SELECT nothing_of_the_kind FROM events", "SELECT * FROM no_such_table"):
            with self.subTest(statement):
                self.assertTrue(self.sesame.run("sql", statement, expect=FAILED).err.strip())


class Runaways(SandboxTestCase):
    def test_each_stops_while_another_query_goes_on(self):
        for name, statement in RUNAWAYS.items():
            with self.subTest(name):
                start = time.monotonic()
                runaway = self.sesame.start("sql", "--timeout", "3", "--memory", "1GB", statement)
                try:
                    self.assertEqual(self.sesame.value("SELECT count(*) FROM events"), 1)
                    out, err = runaway.communicate(timeout=20)
                finally:
                    runaway.kill()
                self.assertEqual(runaway.returncode, LIMIT, err)
                self.assertEqual(out, b"")
                self.assertRegex(err.decode(), r"limit|memory|second")
                self.assertLess(time.monotonic() - start, 8)


def workers_of(process):
    """The query workers that a process has started and that still run."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
            if int(parent) == process.pid and b"query-worker" in (folder / "cmdline").read_bytes():
                found.append(folder)
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


class Orphans(SandboxTestCase):
    def test_a_worker_does_not_outlive_its_parent(self):
        for statement in (RUNAWAYS["a reduction that ignores interrupts"], "SELECT * FROM range(100000000000)"):
            with self.subTest(statement):
                parent = self.sesame.start("sql", "--format", "csv", statement)
                deadline = time.monotonic() + 20
                while not (workers := workers_of(parent)) and time.monotonic() < deadline:
                    os.sched_yield()
                self.assertEqual(len(workers), 1)
                parent.kill()
                parent.communicate()
                while workers[0].exists() and time.monotonic() < deadline:
                    os.sched_yield()
                self.assertFalse(workers[0].exists())
