"""Streams with tables of their own: from boto3 and Terraform to SQL, and exactly once under kill -9.

What a record becomes is told twice by readers that share no code with Sesame: `deltalake`, and DuckDB's `read_json` with
the same columns over the same records. SESAME_SEED repeats a run.
"""

import contextlib
import json
import os
import queue
import random
import shutil
import signal
import subprocess
import threading
import time
import unittest
from collections import Counter
from pathlib import Path

import boto3
import botocore.config
import botocore.exceptions
import deltalake
import duckdb

from ses_events import event
from sesame import FAILED, FORBIDDEN, NOT_FOUND, SesameTestCase

SEED = int(os.environ.get("SESAME_SEED", str(random.SystemRandom().randrange(1 << 32))))
# The table of S4, as its Terraform declares it.
S4 = "id string, userId string, format string, timestamp timestamp"


def conversion(table, **serde):
    return {
        "RoleARN": "arn:aws:iam::123456789012:role/r", "BucketARN": "arn:aws:s3:::events",
        "BufferingHints": {"SizeInMBs": 64, "IntervalInSeconds": 60},
        "DataFormatConversionConfiguration": {
            "Enabled": True,
            "SchemaConfiguration": {"DatabaseName": "video-analytics", "TableName": table, "RoleARN": "arn:aws:iam::123456789012:role/r"},
            "InputFormatConfiguration": {"Deserializer": {"OpenXJsonSerDe": serde}},
            "OutputFormatConfiguration": {"Serializer": {"ParquetSerDe": {}}},
        },
    }


def rows_of(home, table, *columns):
    return deltalake.DeltaTable(str(home.lake / "streams" / table)).to_pyarrow_table(columns=list(columns) or None).to_pylist()


def live(home, file, *options):
    """Takes the lines of a file the live way; one that begins with @NAME is a record of that stream."""
    with file.open() as lines:
        home.run("live-test", *options, stdin=lines)


class Served(SesameTestCase):
    """A server and a source whose key signs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.source = json.loads(
            cls.sesame.run("source", "add", "api", "--kind", "firehose-api", "--format", "json").out)[0]
        with (cls.folder / "serve.err").open("wb") as errors:
            cls.server = cls.sesame.start("serve", "--port", "0", stderr=errors, text=True)
        cls.addClassCleanup(cls.stop)
        lines = queue.Queue()
        threading.Thread(target=cls.read, args=(lines,), daemon=True).start()
        while line := lines.get(timeout=60):
            if line.startswith("listening on "):
                cls.url = line.split()[2]
                return
        raise AssertionError((cls.folder / "serve.err").read_text()[-2000:])

    @classmethod
    def read(cls, lines):
        for line in cls.server.stdout:
            lines.put(line)
        lines.put("")
        cls.server.stdout.close()

    @classmethod
    def stop(cls):
        cls.server.send_signal(signal.SIGTERM)
        try:
            cls.server.wait(timeout=60)
        except subprocess.TimeoutExpired:
            cls.server.kill()
            raise

    @property
    def firehose(self):
        return boto3.client(
            "firehose", endpoint_url=self.url, region_name="eu-west-1", aws_access_key_id=self.source["access_key_id"],
            aws_secret_access_key=self.source["secret"], config=botocore.config.Config(retries={"total_max_attempts": 1}))

    def wait_for(self, statement, expected):
        deadline = time.monotonic() + 60
        found = None
        while time.monotonic() < deadline:
            found = self.sesame.values(statement)
            if found == expected:
                return
            time.sleep(0.2)
        self.assertEqual(found, expected)


class Streams(Served):
    def test_s4_puts_records_unchanged(self):
        self.sesame.run("stream", "schema", "events-stream-dev-video", S4, "--table", "events-dev-video")
        self.firehose.create_delivery_stream(
            DeliveryStreamName="events-stream-dev-video",
            ExtendedS3DestinationConfiguration=conversion("events-dev-video"))
        for user in "1234":
            self.firehose.put_record(
                DeliveryStreamName="events-stream-dev-video",
                Record={"Data": json.dumps({"id": "1", "userId": user}).encode()})
        self.wait_for(
            'SELECT id, userid, format, "timestamp" FROM "events-dev-video" ORDER BY userId',
            [("1", user, None, None) for user in "1234"])
        rows = rows_of(self.sesame, "events-dev-video", "id", "userId", "format", "timestamp", "extra")
        self.assertEqual(sorted(row["userId"] for row in rows), list("1234"))
        self.assertEqual({row["extra"] for row in rows}, {None})
        self.sesame.verify()

    def test_a_wrong_type_is_refused_and_the_others_of_the_batch_go_in(self):
        self.sesame.run("stream", "add", "clicks", "--schema", "id bigint, at timestamp")
        records = [b'{"id":1,"at":"2026-08-01T12:00:00Z"}', b'{"id":"one"}', b'{"id":2}\n{"id":3}', b"hello", b'{"id":4,"x":5}']
        answer = self.firehose.put_record_batch(
            DeliveryStreamName="clicks", Records=[{"Data": record} for record in records])
        self.assertEqual((answer["FailedPutCount"], len(answer["RequestResponses"])), (0, 5))
        self.wait_for("SELECT id, extra FROM clicks ORDER BY id", [(1, None), (2, None), (3, None), (4, '{"x":5}')])
        refused = self.sesame.values(
            "SELECT source_name, reason, decode(body) FROM refused WHERE reason LIKE '%clicks%' ORDER BY byte_offset")
        self.assertEqual(refused, [
            ("api", "stream 'clicks': id is \"one\", which is no bigint", '{"id":"one"}'),
            ("api", "stream 'clicks': text that is not a JSON object", "hello")])
        # Two equal records are two rows.
        for _ in range(2):
            self.firehose.put_record(DeliveryStreamName="clicks", Record={"Data": b'{"id":9}'})
        self.wait_for("SELECT count(*) FROM clicks WHERE id = 9", [(2,)])

    def test_a_stream_without_columns_carries_events(self):
        self.firehose.create_delivery_stream(
            DeliveryStreamName="mail", ExtendedS3DestinationConfiguration=conversion("ses_events"))
        self.firehose.put_record(
            DeliveryStreamName="mail", Record={"Data": json.dumps(event("Send", "stream-mail-1")).encode()})
        self.wait_for("SELECT count(*) FROM events WHERE message_id = 'stream-mail-1'", [(1,)])

    def test_columns_that_nobody_declared_are_asked_for(self):
        with self.assertRaises(self.firehose.exceptions.InvalidArgumentException) as raised:
            self.firehose.create_delivery_stream(
                DeliveryStreamName="unknown", ExtendedS3DestinationConfiguration=conversion("nobody"))
        self.assertIn("sesame stream schema nobody", str(raised.exception))
        self.assertNotIn("unknown", self.firehose.list_delivery_streams(Limit=100)["DeliveryStreamNames"])

    def test_options_of_the_serde(self):
        self.sesame.run("stream", "schema", "strict", "ts bigint, a_b int, Name string")
        self.firehose.create_delivery_stream(
            DeliveryStreamName="strict", ExtendedS3DestinationConfiguration=conversion(
                "strict", CaseInsensitive=False, ConvertDotsInJsonKeysToUnderscores=True,
                ColumnToJsonKeyMappings={"ts": "timestamp"}))
        self.firehose.put_record(
            DeliveryStreamName="strict", Record={"Data": b'{"timestamp":1,"a.b":2,"Name":"x","name":"y","ts":3}'})
        self.wait_for("SELECT ts, a_b, Name, extra FROM strict", [(1, 2, "x", '{"name":"y","ts":3}')])

    def test_columns_are_added_while_records_come(self):
        self.sesame.run("stream", "add", "grows", "--schema", "id int")
        self.firehose.put_record(DeliveryStreamName="grows", Record={"Data": b'{"id":1,"colour":"red","n":1}'})
        self.wait_for("SELECT id, extra FROM grows", [(1, '{"colour":"red","n":1}')])
        shown = json.loads(self.sesame.run("stream", "show", "grows", "--format", "json").out)
        self.assertEqual(shown, [
            {"member": "colour", "rows": 1, "types": ["string"]}, {"member": "n", "rows": 1, "types": ["bigint"]}])
        self.sesame.run("stream", "schema", "grows", "--add", "colour:string")
        self.assertEqual(self.sesame.values("SELECT id, colour FROM grows"), [(1, None)])
        self.firehose.put_record(DeliveryStreamName="grows", Record={"Data": b'{"id":2,"colour":"blue"}'})
        self.wait_for("SELECT id, colour, extra FROM grows ORDER BY id", [(1, None, '{"colour":"red","n":1}'), (2, "blue", None)])
        found = sorted((row["id"], row["colour"]) for row in rows_of(self.sesame, "grows", "id", "colour"))
        self.assertEqual(found, [(1, None), (2, "blue")])
        self.assertIn("declared twice", self.sesame.run("stream", "schema", "grows", "--add", "ID:int", expect=FAILED).err)
        self.sesame.verify()


class Erased(Served):
    def test_a_person_is_erased_from_streams_and_does_not_come_back(self):
        """The rows stay, those that were there and those that come later; the address does not."""
        self.sesame.run("stream", "add", "views", "--schema", "id string, viewer string")
        put = lambda number, viewer: self.firehose.put_record(
            DeliveryStreamName="views", Record={"Data": json.dumps({"id": str(number), "viewer": viewer}).encode()})
        put(1, "zoe@example.com")
        put(2, "ann@example.com")
        self.wait_for("SELECT count(*) FROM views", [(2,)])
        self.sesame.run("erase", "--recipient", "Zoe@example.com", "--reason", "asked", "--yes")
        put(3, "Zoe <zoe@example.com>")
        self.wait_for(
            "SELECT id, viewer = 'ann@example.com', viewer LIKE '%erased-%@erased.invalid%' FROM views ORDER BY id",
            [("1", False, True), ("2", True, False), ("3", False, True)])
        self.assertEqual(self.sesame.values("SELECT count(*) FROM views WHERE viewer ILIKE '%zoe@%'"), [(0,)])


class Declarations(SesameTestCase):
    def test_a_glue_table_is_a_schema(self):
        glue = {"Table": {"Name": "x", "StorageDescriptor": {"Columns": [
            {"Name": "id", "Type": "string"}, {"Name": "o", "Type": "struct<a:int,b:array<decimal(10,2)>>"}]}}}
        self.sesame.run("stream", "add", "glue", "--schema", self.file("glue.json", json.dumps(glue)))
        self.assertIn("struct<a:int,b:array<decimal(10,2)>>", self.sesame.run("stream", "schema", "glue").out)
        self.assertIn("glue", self.sesame.run("lake", "info").out)

    def test_what_cannot_be_is_said(self):
        self.sesame.run("stream", "add", "once", "--schema", "id int")
        self.sesame.run("stream", "add", "once", expect=FORBIDDEN)
        self.sesame.run("stream", "schema", "once", "id int", expect=FORBIDDEN)
        self.sesame.run("stream", "add", "events", "--schema", "id int", expect=FAILED)
        for schema in ("id", "id uuid", "id int id2 int", "id array<int", "", "a int, A int", "{}", "[{}]", "m map<array<int>,int>"):
            with self.subTest(schema=schema):
                self.sesame.run("stream", "schema", "wrong", schema, expect=FAILED)
        self.sesame.run("stream", "show", "nobody", expect=NOT_FOUND)
        self.sesame.run("stream", "remove", "nobody", expect=NOT_FOUND)

    def test_a_removed_stream_leaves_its_rows_unless_told(self):
        home = self.new_home()
        home.run("stream", "add", "gone", "--schema", "id int")
        live(home, self.file("gone", '@gone {"id":1}\n'))
        home.run("stream", "remove", "gone")
        self.assertEqual(home.value("SELECT count(*) FROM gone"), 1)
        home.run("stream", "remove", "gone", "--data")
        self.assertNotIn("gone", home.run("lake", "info").out)
        # Made again it begins anew.
        home.run("stream", "add", "gone", "--schema", "id int")
        live(home, self.file("gone", '@gone {"id":2}\n'))
        self.assertEqual(home.values("SELECT id FROM gone"), [(2,)])

    def test_a_rebuild_leaves_streams_alone(self):
        home = self.new_home()
        home.run("stream", "add", "s", "--schema", "id int")
        lines = [json.dumps(event("Send", "rebuilt")), '@s {"id":1}', '@s {"id":2}']
        live(home, self.file("mixed", "\n".join(lines) + "\n"), "--segment", 1)
        lines = [json.dumps(event("Send", "no event of the lake"))]
        live(home, self.file("looks like one", f'@s {lines[0]}\n'), "--segment", 1)
        for _ in range(2):
            home.run("lake", "rebuild")
            counts = "SELECT (SELECT count(*) FROM events), (SELECT count(*) FROM s), (SELECT count(*) FROM refused)"
            self.assertEqual(home.values(counts), [(1, 3, 0)])
            # Also with somebody's address to be replaced on the way.
            home.run("erase", "--recipient", "grace@example.org", "--reason", "r", "--yes")


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


TERRAFORM = shutil.which("terraform")
# Where providers may lie, so that none is downloaded; SESAME_TERRAFORM_PLUGINS names another folder.
PLUGINS = next(
    (folder for folder in map(Path, (
        os.environ.get("SESAME_TERRAFORM_PLUGINS", "/usr/share/terraform/plugins"), "/usr/local/share/terraform/plugins",
        "/opt/tf-plugins")) if (folder / "registry.terraform.io/hashicorp/aws").is_dir()), None)


class Terraform(Served):
    """S4's stream by the AWS provider; left out, with a word, where Terraform and its provider are not installed."""

    CONFIGURATION = """
        terraform {
          required_providers { aws = { source = "hashicorp/aws" } }
        }
        provider "aws" {
          region = "eu-west-1"
          access_key = "%(key)s"
          secret_key = "%(secret)s"
          skip_credentials_validation = true
          skip_requesting_account_id = true
          skip_metadata_api_check = true
          endpoints { firehose = "%(url)s" }
        }
        resource "aws_kinesis_firehose_delivery_stream" "events" {
          name = "events-stream-dev-lab"
          destination = "extended_s3"
          extended_s3_configuration {
            role_arn = "arn:aws:iam::123456789012:role/firehose"
            bucket_arn = "arn:aws:s3:::events-dev-lab"
            buffering_size = 64
            buffering_interval = %(interval)d
            data_format_conversion_configuration {
              input_format_configuration {
                deserializer {
                  open_x_json_ser_de {}
                }
              }
              output_format_configuration {
                serializer {
                  parquet_ser_de {}
                }
              }
              schema_configuration {
                database_name = "video-analytics-dev-lab"
                table_name = "events-dev-lab"
                role_arn = "arn:aws:iam::123456789012:role/firehose"
                region = "eu-west-1"
              }
            }
          }
        }
        """

    @classmethod
    def setUpClass(cls):
        if not TERRAFORM or not PLUGINS:
            print("left out: Terraform and a folder with its AWS provider are not installed here")
            raise unittest.SkipTest("Terraform is not installed")
        super().setUpClass()

    def terraform(self, *arguments, expect=(0,)):
        environment = {**os.environ, "TF_CLI_CONFIG_FILE": str(self.folder / "terraform.rc"), "CHECKPOINT_DISABLE": "1",
                       "AWS_EC2_METADATA_DISABLED": "true"}
        done = subprocess.run(
            [TERRAFORM, *arguments], cwd=self.folder / "s4", env=environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600)
        self.assertIn(done.returncode, expect, done.stdout[-4000:])
        return done.stdout

    def configure(self, interval):
        self.file("s4/main.tf", self.CONFIGURATION % {
            "key": self.source["access_key_id"], "secret": self.source["secret"], "url": self.url, "interval": interval})

    def test_apply_plan_change_destroy(self):
        self.file("terraform.rc", f'provider_installation {{ filesystem_mirror {{ path = "{PLUGINS}" }} }}')
        self.configure(60)
        self.terraform("init", "-no-color")
        # Nothing is known of the table yet, and Terraform shows what to do.
        self.assertIn("sesame stream schema", " ".join(self.terraform("apply", "-auto-approve", "-no-color", expect=(1,)).split()))
        self.sesame.run("stream", "schema", "events-dev-lab", S4)
        self.terraform("apply", "-auto-approve", "-no-color")
        self.terraform("plan", "-detailed-exitcode", "-no-color")
        self.firehose.put_record(
            DeliveryStreamName="events-stream-dev-lab", Record={"Data": b'{"id":"1","userId":"1"}'})
        self.wait_for('SELECT id, userId FROM "events-dev-lab"', [("1", "1")])
        self.configure(120)
        self.terraform("apply", "-auto-approve", "-no-color")
        self.terraform("plan", "-detailed-exitcode", "-no-color")
        self.terraform("destroy", "-auto-approve", "-no-color")
        self.assertNotIn("events-stream-dev-lab", self.firehose.list_delivery_streams()["DeliveryStreamNames"])
        self.assertEqual(self.sesame.values('SELECT count(*) FROM "events-dev-lab"'), [(1,)])
