"""Sources, tokens and users by the command line, looked at from outside with SQLite, a linter and the file system."""

import json
import shutil
import sqlite3
import stat
import subprocess
import sys
import unittest
from pathlib import Path

from sesame import FAILED, FORBIDDEN, NOT_FOUND, USAGE, SesameTestCase

TOPIC = "arn:aws:sns:eu-west-1:123456789012:ses-events"
QUEUE = "https://sqs.eu-west-1.amazonaws.com/123456789012/ses-queue"
KINDS = {
    "signed": ["--kind", "sns", "--topic-arn", TOPIC],
    "raw": ["--kind", "sns", "--topic-arn", TOPIC, "--raw"],
    "stream": ["--kind", "firehose"],
    "bridge": ["--kind", "eventbridge"],
    "basic": ["--kind", "eventbridge", "--authentication", "basic"],
    "queue": ["--kind", "sqs", "--queue-url", QUEUE, "--region", "eu-west-1"],
    "bucket": ["--kind", "s3", "--bucket", "my-events", "--prefix", "ses/", "--region", "eu-west-1"],
    "told": ["--kind", "s3", "--bucket", "my-events", "--region", "eu-west-1", "--queue-url", QUEUE],
    "a_long-name-of-a-source-" + "x" * 39: ["--kind", "firehose"],
}


class Control(SesameTestCase):
    def test_a_secret_is_shown_once_and_lies_nowhere_in_the_clear(self):
        sesame = self.new_home()
        secrets = []
        for kind in ("http", "firehose", "eventbridge"):
            added = json.loads(sesame.run("source", "add", kind, "--kind", kind, "--format", "json").out)
            secrets.append(added[0]["secret"])
        rotated = json.loads(sesame.run("source", "rotate", "http", "--format", "json").out)
        token = json.loads(sesame.run("token", "add", "ci", "--scope", "read", "--format", "json").out)
        secrets += [rotated[0]["secret"], token[0]["token"]]
        self.assertEqual(len(set(secrets)), 5)
        shown = sesame.run("source", "list", "--format", "json").out + sesame.run("token", "list").out
        files = [path for path in sesame.home.rglob("*") if path.is_file()]
        self.assertIn(sesame.home / "sesame.db", files)
        for secret in secrets:
            self.assertNotIn(secret, shown)
            for path in files:
                self.assertNotIn(secret.encode(), path.read_bytes(), path)

    def test_files_are_for_their_owner_only(self):
        sesame = self.new_home()
        sesame.run("source", "add", "api", "--kind", "firehose-api")
        for path in [sesame.home, *sesame.home.rglob("*")]:
            self.assertEqual(stat.S_IMODE(path.stat().st_mode) & 0o077, 0, path)
        self.assertEqual(len(list((sesame.home / "secrets").iterdir())), 1)
        sesame.run("source", "remove", "api")
        self.assertEqual(list((sesame.home / "secrets").iterdir()), [])

    def test_the_audit_log_withstands_sqlite_itself(self):
        sesame = self.new_home()
        sesame.run("source", "add", "shop", "--kind", "http")
        with sqlite3.connect(sesame.home / "sesame.db") as database:
            self.assertEqual(database.execute("PRAGMA integrity_check").fetchone(), ("ok",))
            rows = database.execute("SELECT action, object FROM audit_log").fetchall()
            self.assertEqual(rows, [("source.add", "source:shop")])
            for statement in ("DELETE FROM audit_log", "UPDATE audit_log SET actor = 'nobody'"):
                with self.assertRaisesRegex(sqlite3.Error, "append-only"):
                    database.execute(statement)
        database.close()

    def test_names_cannot_lead_elsewhere(self):
        sesame = self.new_home()
        for name in ("../x", "a/b", "%2e%2e", "A", "a.b", ""):
            sesame.run("source", "add", name, "--kind", "http", expect=FAILED)
        sesame.run("source", "add", "shop", "--kind", "http", "--bucket", "b", expect=USAGE)
        sesame.run("source", "show", "shop", expect=NOT_FOUND)

    def test_looking_makes_no_home(self):
        sesame = self.new_home()
        for what in ("source", "token", "user"):
            sesame.run(what, "list", expect=NOT_FOUND)
        self.assertFalse(sesame.home.exists())

    def test_users(self):
        sesame = self.new_home()
        password = self.file("password", "correct horse battery\n")
        sesame.run("user", "add", "ada@example.com", "--role", "owner", expect=FAILED)
        sesame.run("user", "add", "Ada@example.com", "--role", "owner", "--password-file", password)
        sesame.run("user", "disable", "ada@example.com", expect=FORBIDDEN)
        sesame.run("user", "add", "bob@example.com", "--password-file", password)
        sesame.run("user", "disable", "bob@example.com")
        users = json.loads(sesame.run("user", "list", "--format", "json").out)
        self.assertEqual([(u["email"], u["role"], u["state"]) for u in users],
                         [("ada@example.com", "owner", "active"), ("bob@example.com", "viewer", "disabled")])

    def test_templates_pass_the_linter(self):
        linter = shutil.which("cfn-lint", path=str(Path(sys.executable).parent)) or shutil.which("cfn-lint")
        if linter is None:
            raise unittest.SkipTest("cfn-lint is not installed; run: scripts/setup --tests")
        sesame = self.new_home()
        templates = []
        for name, options in KINDS.items():
            sesame.run("source", "add", name, *options)
            text = sesame.run("source", "setup", name, "--as", "cloudformation", "--url", "https://sesame.example.com").out
            templates.append(self.file(f"{name}.yaml", text))
        linted = subprocess.run([linter, "--regions", "eu-west-1", "-t", *templates], capture_output=True, text=True)
        self.assertEqual(linted.returncode, 0, linted.stdout + linted.stderr)
