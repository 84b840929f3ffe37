"""Streams with tables of their own, from boto3 to SQL."""

import json

from ses_events import event
from sesame import FAILED, FORBIDDEN, NOT_FOUND, SesameTestCase
from streams import S4, Served, conversion, live, rows_of


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
