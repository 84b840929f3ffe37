"""The command line as a citizen of the shell: signals, pipes, formats, help."""

import contextlib
import csv
import io
import json
import os
import pty
import signal
import time

import ses_events
from sesame import FAILED, INTERRUPTED, LIMIT, NOT_FOUND, OK, USAGE, SesameTestCase


class CommandLine(SesameTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        path = cls.folder / "events.json"
        path.write_text("\n".join(map(json.dumps, ses_events.s1_events())))
        cls.sesame.load(path)

    def test_ctrl_c_stops_a_query_at_once(self):
        # The first row proves that the query runs; the interrupt comes while rows stream.
        query = self.sesame.start("sql", "--format", "csv", "SELECT * FROM range(100000000000)")
        self.assertEqual(query.stdout.readline().strip(), b"range")
        start = time.monotonic()
        query.send_signal(signal.SIGINT)
        query.communicate(timeout=20)
        self.assertEqual(query.returncode, INTERRUPTED)
        self.assertLess(time.monotonic() - start, 5)

    def test_a_reader_that_leaves_early_ends_the_query_quietly(self):
        query = self.sesame.start("sql", "--format", "csv", "SELECT * FROM range(100000000000)")
        query.stdout.readline()
        query.stdout.close()
        self.assertEqual(query.stderr.read(), b"")
        query.stderr.close()
        self.assertIn(query.wait(timeout=20), (OK, -signal.SIGPIPE, 128 + signal.SIGPIPE))

    def test_formats_agree(self):
        statement = "SELECT event_type, count(*) AS n FROM events GROUP BY 1 ORDER BY 1"
        expected = self.sesame.sql(statement)
        text = self.sesame.run("sql", "--format", "csv", statement).out
        self.assertEqual([{**row, "n": int(row["n"])} for row in csv.DictReader(io.StringIO(text))], expected)
        table = self.sesame.run("sql", "--format", "table", statement).out
        for row in expected:
            self.assertRegex(table, rf"{row['event_type']}\W+{row['n']}\b")
        self.assertEqual(self.sesame.table(f"({statement})", self.folder / "out.parquet").to_pylist(), expected)

    def test_no_rows_is_an_answer(self):
        statement = "SELECT event_type FROM events WHERE false"
        self.assertEqual(self.sesame.sql(statement), [])
        self.assertEqual(self.sesame.run("sql", "--format", "csv", statement).out.strip(), "event_type")

    def test_output_into_a_file(self):
        path = self.folder / "out.csv"
        result = self.sesame.run("sql", "--format", "csv", "-o", path, "SELECT 42 AS answer")
        self.assertEqual((path.read_text().splitlines(), result.out), (["answer", "42"], ""))

    def test_a_sum_comes_back_as_a_dataset_with_all_its_digits(self):
        path = self.folder / "sums.parquet"
        self.sesame.run("sql", "-o", path, "SELECT sum(i) AS total FROM (VALUES (9007199254740993), (0)) t(i)")
        self.sesame.run("dataset", "add", "sums", path)
        statement = "SELECT typeof(total) AS type, total::VARCHAR AS total FROM sums"
        self.assertEqual(self.sesame.sql(statement), [{"type": "DECIMAL(38,0)", "total": "9007199254740993"}])

    def test_a_long_query_shows_a_person_how_far_it_is_and_takes_that_away(self):
        slow = "SELECT count(*) FROM range(1000000000000) t(i) WHERE i % 7 = 3"
        master, terminal = pty.openpty()
        query = self.sesame.start("sql", "--timeout", "3", slow, stderr=terminal)
        os.close(terminal)
        shown = b""
        # A terminal whose last writer has gone says so with an error.
        with contextlib.suppress(OSError):
            while piece := os.read(master, 1024):
                shown += piece
        os.close(master)
        query.communicate()
        lines = shown.decode().split("\r\x1b[K")
        self.assertRegex(lines[1], r"^… (\d+ % · )?\d+\.\d s$")
        self.assertIn("deadline", lines[-1])
        self.assertNotIn("…", lines[-1])
        self.assertNotIn("…", self.sesame.run("sql", "--timeout", "2", slow, expect=LIMIT).err)

    def test_statements_of_one_session_see_what_was_imported_between_them(self):
        home = self.new_home()
        home.load(self.file("first.json", [ses_events.event("Send")]))
        session = home.start("sql", "--format", "csv", stdin=(terminal := pty.openpty())[1])
        os.close(terminal[1])
        ask = b"SELECT count(*) AS rows FROM events;\n"
        os.write(terminal[0], ask)
        while session.stdout.readline().strip() != b"1":
            pass
        home.load(self.file("second.json", [ses_events.event("Delivery")]))
        os.write(terminal[0], ask)
        while session.stdout.readline().strip() != b"2":
            pass
        os.write(terminal[0], b".quit\n")
        session.communicate(timeout=20)
        os.close(terminal[0])

    def test_a_failed_query_leaves_no_file(self):
        path = self.folder / "never.csv"
        self.sesame.run("sql", "--format", "csv", "-o", path, "SELECT error('no')", expect=FAILED)
        self.assertFalse(path.exists())

    def test_status_and_journey(self):
        status = json.loads(self.sesame.run("status", "ada@example.net", "--format", "json").out)
        self.assertEqual([row["subject"] for row in status], ["Subject3", "Subject2"])
        journey = json.loads(self.sesame.run("journey", ses_events.s1_message_id(3), "--format", "json").out)
        self.assertEqual([step["event_type"] for step in journey], ["Send", "Bounce"])
        self.assertIn("550 5.1.1 user unknown", journey[1]["says"])

    def test_what_is_not_there_is_said(self):
        self.assertIn("nobody@example.net", self.sesame.run("status", "nobody@example.net", expect=NOT_FOUND).err)
        self.assertIn("no-such-id", self.sesame.run("journey", "no-such-id", expect=NOT_FOUND).err)
        self.assertIn("no_such_set", self.sesame.run("dataset", "drop", "no_such_set", expect=NOT_FOUND).err)

    def test_misuse_is_told_apart(self):
        for arguments in (["no-such-command"], ["sql", "--format", "xml", "SELECT 1"], ["import", "--no-such-flag", "x"]):
            with self.subTest(arguments):
                self.sesame.run(*arguments, expect=USAGE)

    def test_help_and_version(self):
        for command in ("import", "sql", "status", "journey", "simulate", "lake", "dataset", "doctor"):
            with self.subTest(command):
                self.assertIn("USAGE", self.sesame.run(command, "--help").out)
        self.assertRegex(self.sesame.run("--version").out, r"^\d+\.\d+")

    def test_doctor_finds_nothing_wrong(self):
        self.assertTrue(self.sesame.run("doctor").out.strip())

    def test_home_as_an_option(self):
        other = self.new_home()
        self.sesame.run("import", "--home", other.home, self.file("one.json", [ses_events.event("Send")]))
        self.assertEqual(other.value("SELECT count(*) FROM events"), 1)

    def test_lake_info_counts_rows(self):
        self.assertIn(str(len(ses_events.s1_events())), self.sesame.run("lake", "info").out)
