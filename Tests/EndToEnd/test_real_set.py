"""The real set of S3 and the example of S1: what went in comes out, once, whatever road it took."""

import gzip
import json
import random
import shutil
import subprocess
import unittest
from collections import Counter

import ses_events
from sesame import SesameTestCase, instant

OPENED_NOT_CLICKED = 365


class RealSetTestCase(SesameTestCase):
    """A lake with the whole set in it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.by_class = ses_events.real_set()
        cls.events = [event for events in cls.by_class.values() for event in events]
        cls.input = cls.folder / "input"
        for name, events in cls.by_class.items():
            (cls.input / name).mkdir(parents=True)
            (cls.input / name / f"{name}.json").write_text("".join(json.dumps(event) + "\n" for event in events))
        cls.first_report = cls.sesame.load(cls.input)


class WhatIsInIt(RealSetTestCase):
    def test_the_report_counts_what_came(self):
        expected = {"files": 7, "records": 3056, "events": 3056, "duplicates": 0, "refused": 0, "not_events": 0}
        self.assertEqual({key: self.first_report[key] for key in expected}, expected)
        self.assertGreater(self.first_report["bytes"], 0)

    def test_events_class_by_class(self):
        self.assertEqual(self.sesame.counts("event_type"), {
            "Send": 892, "Delivery": 809, "Open": 729, "Click": 364, "Reject": 99, "Bounce": 83, "Complaint": 80})

    def test_events_by_recipient_domain(self):
        self.assertEqual(self.sesame.counts("recipient_domain"), ses_events.DOMAINS)

    def test_messages_and_their_journeys(self):
        stages = ("send", "delivery", "open", "click", "bounce", "complaint", "reject")
        rows = self.sesame.values(f"SELECT {', '.join(f'{stage}_count' for stage in stages)} FROM messages")
        journeys = Counter(frozenset(stage for stage, count in zip(stages, row) if count) for row in rows)
        self.assertEqual(len(rows), 991)
        self.assertEqual(journeys, {frozenset(journey): count for journey, count in ses_events.JOURNEYS.items()})

    def test_opened_but_never_clicked(self):
        messages = self.sesame.value("SELECT count(*) FROM messages WHERE open_count > 0 AND click_count = 0")
        self.assertEqual(messages, OPENED_NOT_CLICKED)

    def test_bounces_with_the_abbreviated_subtype_read_as_suppression(self):
        self.assertEqual(self.sesame.counts("bounce_type || '/' || bounce_subtype", "event_type = 'Bounce'"), {
            "Transient/MailboxFull": 37, "Permanent/OnAccountSuppressionList": 24, "Permanent/General": 22})

    def test_zoneless_times_are_utc_and_keep_their_milliseconds(self):
        event = self.by_class["delivery"][0]
        (row,) = self.sesame.sql(f"""
            SELECT event_at, sent_at FROM events
            WHERE event_type = 'Delivery' AND message_id = '{event["mail"]["messageId"]}'""")
        self.assertEqual(instant(row["event_at"]), instant(event["delivery"]["timestamp"].ljust(23, "0")))
        self.assertEqual(instant(row["sent_at"]), instant(event["mail"]["timestamp"].ljust(23, "0")))

    def test_status_and_journey_of_one_recipient(self):
        event = self.by_class["open"][0]
        address, message = event["mail"]["destination"][0], event["mail"]["messageId"]
        status = json.loads(self.sesame.run("status", address, "--format", "json").out)
        self.assertIn(message, json.dumps(status))
        journey = json.loads(self.sesame.run("journey", message, "--format", "json").out)
        expected = sum(one["mail"]["messageId"] == message for one in self.events)
        self.assertEqual(len(journey), expected)


class TheSameAgain(RealSetTestCase):
    """Every further import of the same events, by any road, changes no count."""

    def setUp(self):
        self.before = self.snapshot()

    def snapshot(self):
        return (self.sesame.counts("event_type"), self.sesame.value("SELECT count(DISTINCT event_id) FROM events"),
                self.sesame.sql("SELECT count(*) AS rows, sum(event_count) AS events FROM messages"))

    def assert_only_duplicates(self, *paths):
        report = self.sesame.load(*paths)
        self.assertEqual((report["events"], report["duplicates"], report["refused"]), (0, 3056, 0))
        self.assertEqual(self.snapshot(), self.before)

    def test_as_a_whole(self):
        self.assert_only_duplicates(self.input)

    def test_by_a_glob(self):
        self.assert_only_duplicates(self.input / "*/*.json")

    def test_file_by_file_in_another_order(self):
        for path in sorted(self.input.glob("*/*.json"), reverse=True):
            self.assertEqual(self.sesame.load(path)["events"], 0)
        self.assertEqual(self.snapshot(), self.before)

    def test_line_by_line_in_another_order(self):
        mixed = random.Random(7).sample(self.events, len(self.events))
        self.assert_only_duplicates(self.file("mixed.json", mixed))

    def test_gzipped(self):
        content = b"".join(path.read_bytes() for path in self.input.glob("*/*.json"))
        self.assert_only_duplicates(self.file("all.json.gz", gzip.compress(content)))

    def test_gzip_without_the_suffix_in_firehose_folders(self):
        for name, events in self.by_class.items():
            content = gzip.compress("".join(json.dumps(event) for event in events).encode())
            self.file(f"raw/2021/08/23/06/ses-1-2021-08-23-06-56-{name}", content)
        self.assert_only_duplicates(self.folder / "raw")

    @unittest.skipUnless(shutil.which("zstd"), "the zstd command is not here")
    def test_zstd(self):
        path = self.file("all.ndjson", self.events)
        subprocess.run(["zstd", "-q", "-f", path], check=True)
        self.assert_only_duplicates(f"{path}.zst")

    def test_concatenated_without_newlines(self):
        self.assert_only_duplicates(self.file("concatenated", "".join(map(json.dumps, self.events))))

    def test_pretty_printed_array(self):
        self.assert_only_duplicates(self.file("array.json", json.dumps(self.events, indent=4)))

    def test_from_standard_input(self):
        path = self.file("piped", self.events)
        with path.open() as stream:
            report = self.sesame.load("-", stdin=stream)
        self.assertEqual((report["events"], report["duplicates"]), (0, 3056))

    def test_in_sns_envelopes(self):
        self.assert_only_duplicates(self.file("sns.json", list(map(ses_events.sns_envelope, self.events))))

    def test_in_eventbridge_envelopes(self):
        self.assert_only_duplicates(self.file("bus.json", list(map(ses_events.eventbridge_envelope, self.events))))

    def test_in_firehose_failure_documents(self):
        self.assert_only_duplicates(self.file("errors.json", list(map(ses_events.firehose_failure, self.events))))


class ByAnotherRoadFirst(RealSetTestCase):
    """An envelope changes nothing either when it is what brings the event first."""

    def test_every_envelope_gives_the_same_events(self):
        everything = "SELECT * EXCLUDE (received_at, origin, region) FROM events ORDER BY event_id"
        expected = self.sesame.sql(everything)
        for wrap in (ses_events.sns_envelope, ses_events.eventbridge_envelope, ses_events.firehose_failure):
            with self.subTest(wrap.__name__):
                home = self.new_home()
                home.load(self.file(f"{wrap.__name__}.json", list(map(wrap, self.events))))
                self.assert_same_rows(home.sql(everything), expected)


# S3's five questions (reference §6) in its own column names, over its own record `ses_mail`.
PIVOT_BASE = """
    SELECT message_id, "to" AS recipient, coalesce(completion_time, CAST("timestamp" AS TIMESTAMPTZ)) AS completion_time,
           CASE WHEN event_class = 'reject' THEN 1 ELSE 0 END AS rejected,
           CASE WHEN event_class = 'send' THEN 1 ELSE 0 END AS sent,
           CASE WHEN event_class = 'delivery' THEN 1 ELSE 0 END AS delivered,
           CASE WHEN event_class = 'bounce' THEN 1 ELSE 0 END AS bounced,
           CASE WHEN event_class = 'open' THEN 1 ELSE 0 END AS opened,
           CASE WHEN event_class = 'complaint' THEN 1 ELSE 0 END AS complained,
           CASE WHEN event_class = 'click' THEN 1 ELSE 0 END AS clicked
    FROM ses_mail"""
COUNTS = ("rejected", "sent", "bounced", "delivered", "complained", "opened", "clicked")
PIVOT = f"""
    SELECT message_id, max(recipient) AS recipient, max(completion_time) AS completion_time,
           {", ".join(f"sum({name}) AS {name}" for name in COUNTS)}
    FROM ({PIVOT_BASE}) GROUP BY message_id"""


class JoinedWithTheUsersOwnTable(RealSetTestCase):
    """S3's answers over a dataset of send requests, one row per message where the old one had one per event."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        regions = ("LATAM", "APAC", "EU", "NA")
        messages = {event["mail"]["messageId"]: event["mail"]["destination"][0] for event in cls.events}
        cls.region = {message: regions[place % 4] for place, message in enumerate(messages)}
        requests = cls.folder / "ses_requests.csv"
        lines = [f"{message},{messages[message]},2021-08-23T06:56:28Z,{region}" for message, region in cls.region.items()]
        requests.write_text("\n".join(["message_id,recipient,request_time,region", *lines]) + "\n")
        cls.sesame.run("dataset", "add", "ses_requests", requests)

    def test_requests_one_row_a_message(self):
        self.assertIn("ses_requests", self.sesame.run("dataset", "list").out)
        self.assertEqual(self.sesame.value("SELECT count(*) FROM ses_requests"), 991)

    def test_pivot_base_one_row_an_event(self):
        self.assertEqual(self.sesame.value(f"SELECT count(*) FROM ({PIVOT_BASE}) WHERE completion_time IS NOT NULL"), 3056)

    def test_pivot_one_row_a_message(self):
        (totals,) = self.sesame.sql(f"SELECT count(*) AS messages, {self.sums()} FROM ({PIVOT})")
        self.assertEqual({name: int(value) for name, value in totals.items()}, {
            "messages": 991, "rejected": 99, "sent": 892, "bounced": 83, "delivered": 809, "complained": 80,
            "opened": 729, "clicked": 364})

    def test_summary_by_region(self):
        rows = self.sesame.values(f"""
            SELECT region, {self.sums()} FROM ses_requests R LEFT JOIN ({PIVOT}) ses ON R.message_id = ses.message_id
            GROUP BY region""")
        expected = Counter((self.region[event["mail"]["messageId"]], event["eventType"]) for event in self.events)
        types = ("Reject", "Send", "Bounce", "Delivery", "Complaint", "Open", "Click")
        for region, *counts in rows:
            self.assertEqual(list(map(int, counts)), [expected[region, kind] for kind in types], region)
        self.assertEqual(len(rows), 4)

    def test_opened_but_not_clicked(self):
        rows = self.sesame.sql(f"""
            SELECT * FROM (ses_requests R LEFT JOIN ({PIVOT}) ses ON (R.message_id = ses.message_id))
            WHERE opened > 0 AND clicked = 0""")
        self.assertEqual(len(rows), OPENED_NOT_CLICKED)

    def test_replace_append_and_drop(self):
        small = self.file("small.csv", "id,name\n1,Ada\n2,Bob\n")
        self.sesame.run("dataset", "add", "customers", small)
        self.sesame.run("dataset", "add", "customers", small, "--append")
        self.assertEqual(self.sesame.value("SELECT count(*) FROM customers"), 4)
        self.sesame.run("dataset", "add", "customers", small, "--replace")
        self.assertEqual(self.sesame.value("SELECT count(*) FROM customers"), 2)
        self.sesame.run("dataset", "drop", "customers")
        self.assertNotIn("customers", self.sesame.run("dataset", "list").out)
        self.sesame.verify()

    @staticmethod
    def sums():
        return ", ".join(f"sum({name}) AS {name}" for name in COUNTS)


class PublishedExampleOfS1(SesameTestCase):
    """The five messages of reference §1.5 in the views under the names their users know."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.events = ses_events.s1_events()
        path = cls.folder / "s1.json"
        path.write_text("".join(map(json.dumps, cls.events)))
        cls.sesame.load(path)

    def test_email_status_rows(self):
        rows = {row["message_id"]: row for row in self.sesame.sql("SELECT * FROM email_status")}
        self.assertEqual(len(rows), len(ses_events.S1_MESSAGES))
        for number, (subject, address, sent, times) in enumerate(ses_events.S1_MESSAGES):
            row = rows[ses_events.s1_message_id(number)]
            self.assertEqual((row["subject"], row["destination"]), (subject, [address]))
            self.assertEqual(instant(row["time_sent"]), instant(sent), subject)
            for column, kind in (("time_delivered", "Delivery"), ("time_opened", "Open"), ("time_clicked", "Click"),
                                 ("time_bounced", "Bounce"), ("time_complained", "Complaint")):
                self.assertEqual(instant(row[column]), instant(times.get(kind)), f"{subject} {column}")
            bounce = ("Permanent", "General") if "Bounce" in times else (None, None)
            self.assertEqual((row["bounce_type"], row["bounce_subtype"]), bounce)
            self.assertEqual(row["complaint_feedbacktype"], "abuse" if "Complaint" in times else None)

    def test_email_status_begins_with_its_twelve_columns(self):
        (row, *_) = self.sesame.sql("SELECT * FROM email_status LIMIT 1")
        self.assertEqual(list(row)[:12], [
            "message_id", "subject", "destination", "time_sent", "time_delivered", "time_opened", "time_clicked",
            "time_bounced", "bounce_type", "bounce_subtype", "time_complained", "complaint_feedbacktype"])

    def test_the_published_look_up_of_an_address_runs_unchanged(self):
        rows = self.sesame.sql("""
            SELECT message_id, subject, email FROM "ses_event_db"."email_status"
            CROSS JOIN UNNEST(destination) AS t(email) WHERE email = 'ada@example.net' ORDER BY time_sent DESC""")
        self.assertEqual([row["subject"] for row in rows], ["Subject3", "Subject2"])

    def test_nested_columns_in_any_case(self):
        rows = self.sesame.values("""
            SELECT eventtype, MAIL.commonHeaders.subject, bounce.bouncedRecipients[1].diagnosticCode,
                   mail.tags.ses_configuration_set[1]
            FROM "ses_event_db"."ses_events" WHERE eventType = 'Bounce'""")
        self.assertEqual(rows, [("Bounce", "Bounce1", "smtp; 550 5.1.1 user unknown", "transactional")])

    def test_flat_columns_of_s0(self):
        rows = self.sesame.values("""
            SELECT eventtype, recipientmail, mailrecipientdomain, recipientevent, bouncetype FROM partitioned
            WHERE eventtype = 'Bounce'""")
        address = "bounce@simulator.amazonses.com"
        self.assertEqual(rows, [("Bounce", address, "simulator.amazonses.com", address, "Permanent")])
