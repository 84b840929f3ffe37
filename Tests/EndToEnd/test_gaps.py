"""`sesame gaps` and the view behind it, against the simulator's truth and against a count of our own over its lines, before
and after known events are taken out; and which sources are silent for longer than is usual.
"""

import json
import random
import re
import time
import urllib.error
from collections import Counter, defaultdict
from datetime import datetime, timedelta, timezone

from ses_events import event
from sesame import USAGE, SesameTestCase, simulate
from server import Server

OUTCOMES = {"Delivery", "Bounce", "Reject", "Rendering Failure"}
ANSWERS = {"Open", "Click", "Complaint", "Subscription"}


def recipients(one):
    """Whose event it is, in lower case; nobody's where SES does not say."""
    kind, destination = one["eventType"], one["mail"]["destination"]
    detail = {"Bounce": ("bounce", "bouncedRecipients"), "DeliveryDelay": ("deliveryDelay", "delayedRecipients"),
              "Complaint": ("complaint", "complainedRecipients")}
    if kind == "Delivery":
        found = one["delivery"]["recipients"]
    elif kind in detail:
        found = [entry["emailAddress"] for entry in one[detail[kind][0]][detail[kind][1]]]
    elif kind in ("Open", "Click") and len(destination) > 1:
        return {None}
    else:
        found = destination
    return {address.split("<")[-1].rstrip(">").lower() for address in found}


def is_outcome(one):
    return one["eventType"] in OUTCOMES or (
        one["eventType"] == "Complaint" and "Suppress" in (one["complaint"].get("complaintSubType") or ""))


def expected(events):
    """The totals that the report must have, told in sets and loops."""
    kinds, outcomes = defaultdict(set), set()
    for one in events:
        for recipient in recipients(one):
            kinds[one["mail"]["messageId"], recipient].add(one["eventType"])
            if is_outcome(one):
                outcomes.add((one["mail"]["messageId"], recipient))
    sent = {message for message, _ in (key for key, found in kinds.items() if "Send" in found)}
    mails = {key: found for key, found in kinds.items() if "Send" in found}
    left = {key: found for key, found in mails.items() if key not in outcomes}
    unsent = {key[0] for key, found in kinds.items() if key[0] not in sent and found - {"Reject", "Rendering Failure"}}
    return {
        "messages": len(sent), "mails": len(mails), "with_outcome": len(mails) - len(left),
        "answered_only": sum(1 for found in left.values() if found & ANSWERS),
        "delayed_only": sum(1 for found in left.values() if not found & ANSWERS and "DeliveryDelay" in found),
        "silent": sum(1 for found in left.values() if not found & ANSWERS and "DeliveryDelay" not in found),
        "waiting": 0, "messages_without_send": len(unsent)}


def hash_of(one):
    """A number of the message's that does not change from run to run."""
    return sum(one["mail"]["messageId"].encode())


class Gaps(SesameTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        path, cls.truth = simulate(cls.folder, 4_000, "--duplicates", "0.03", "--out-of-order", "0.1", days=3)
        cls.lines = path.read_text().splitlines()
        cls.events = [json.loads(line) for line in cls.lines]
        cls.sesame.load(path)

    def totals(self, sesame, *options):
        rows = json.loads(sesame.run("gaps", "--since", "2020-01-01", "--format", "json", *options).out)
        found = Counter()
        for row in rows:
            found.update({key: value for key, value in row.items() if isinstance(value, int)})
        return {key: found[key] for key in expected([])}

    def without(self, gone):
        """A home with all lines but those for which `gone` is true; and the events it has."""
        sesame = self.new_home()
        kept = [(line, one) for line, one in zip(self.lines, self.events) if not gone(one)]
        sesame.load(self.file("part.ndjson", "\n".join(line for line, _ in kept) + "\n"))
        return sesame, [one for _, one in kept]

    def test_nothing_is_missing_where_nothing_was_taken(self):
        found = self.totals(self.sesame)
        self.assertEqual(found, expected(self.events))
        self.assertEqual(found["messages"], self.truth["by_type"]["Send"])
        self.assertEqual(found["messages_without_send"], 0)
        self.assertEqual(found["silent"], 0)
        text = self.sesame.run("gaps", "--since", "2020-01-01").out
        if expected(self.events)["answered_only"] + expected(self.events)["delayed_only"] == 0:
            self.assertIn("Every send has its outcome", text)

    def test_lost_outcomes_are_counted_where_they_were_lost(self):
        picked = random.Random(3)
        names = sorted({one["mail"]["messageId"] for one in self.events})
        lost = set(picked.sample(names, 300))
        # All that comes after the Send, or the outcome alone, or all but the delay.
        sesame, left = self.without(lambda one: one["mail"]["messageId"] in lost and (
            one["eventType"] != "Send" if hash_of(one) % 3 == 0 else one["eventType"] in OUTCOMES))
        wanted = expected(left)
        self.assertEqual(self.totals(sesame), wanted)
        self.assertGreater(min(wanted["silent"], wanted["answered_only"], wanted["delayed_only"]), 0)
        text = sesame.run("gaps", "--since", "2020-01-01").out
        share = f"{wanted['silent']:,} of {wanted['mails']:,} ("
        self.assertIn(f"Sends without an outcome for over 6 h: {share}", text)
        self.assertIn("from source import", text)
        # By hour, as the view has it.
        hours = Counter(dict(sesame.values(
            "SELECT strftime(hour AT TIME ZONE 'UTC', '%Y-%m-%dT%H'), sum(silent)::INT FROM intake_completeness GROUP BY 1")))
        by_hour = defaultdict(list)
        for one in left:
            by_hour[one["mail"]["timestamp"][:13]].append(one)
        self.assertEqual(+hours, +Counter({hour: expected(events)["silent"] for hour, events in by_hour.items()}))

    def test_lost_sends_are_counted(self):
        sesame, left = self.without(lambda one: one["eventType"] == "Send" and hash_of(one) % 20 == 0)
        wanted = expected(left)
        self.assertGreater(wanted["messages_without_send"], 50)
        self.assertEqual(self.totals(sesame), wanted)
        self.assertIn(f"Messages with events and without a Send: {wanted['messages_without_send']:,} of ",
                      sesame.run("gaps", "--since", "2020-01-01").out)

    def test_a_set_without_sends_or_outcomes_is_named(self):
        sets = sorted(self.truth["by_configuration_set"])
        name = lambda one: one["mail"]["tags"]["ses:configuration-set"][0]
        sesame, _ = self.without(lambda one: name(one) == sets[0] and one["eventType"] == "Send"
                                 or name(one) == sets[1] and one["eventType"] != "Send")
        text = sesame.run("gaps", "--since", "2020-01-01").out
        self.assertIn(f"Configuration set {sets[0]} has no Send at all", text)
        self.assertIn(f"Configuration set {sets[1]} has no outcome at all", text)

    def test_several_recipients_are_several_mails_and_an_address_has_no_case(self):
        sesame = self.new_home()
        to = ["Ada <Ada@Example.NET>", "bob@example.net", "eve@example.net"]
        sesame.load(self.file("three.ndjson", [
            event("Send", to=to),
            event("Delivery", to=to, at="2026-08-01T12:00:01Z", recipients=["ada@example.net"]),
            event("Bounce", to=to, at="2026-08-01T12:00:02Z", bounceType="Permanent", bounceSubType="General",
                  bouncedRecipients=[{"emailAddress": "BOB@example.net"}]),
            event("Open", to=to, at="2026-08-01T12:00:03Z", ipAddress="192.0.2.1")]))
        self.assertEqual(self.totals(sesame), {
            "messages": 1, "mails": 3, "with_outcome": 2, "answered_only": 0, "delayed_only": 0, "silent": 1, "waiting": 0,
            "messages_without_send": 0})
        # What comes late mends it.
        sesame.load(self.file("late.ndjson", [
            event("Delivery", to=to, at="2026-08-20T12:00:01Z", recipients=["eve@example.net"])]))
        self.assertEqual(self.totals(sesame)["silent"], 0)

    def test_young_sends_wait(self):
        sesame = self.new_home()
        now = datetime.now(timezone.utc)
        at = lambda hours: (now - timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        sesame.load(self.file("young.ndjson", [event("Send", message=f"y-{h}", sent=at(h)) for h in (1, 5, 7)]))
        self.assertEqual([self.totals(sesame)[key] for key in ("waiting", "silent")], [2, 1])
        self.assertEqual([self.totals(sesame, "--silent-hours", 3)[key] for key in ("waiting", "silent")], [1, 2])
        self.assertIn("younger than 6 h: 2", sesame.run("gaps").out)
        self.assertIn("younger than 6 h: 2", sesame.run("gaps", "--since", "6h").out)
        sesame.run("gaps", "--since", "soon", expect=USAGE)

    def test_source_health(self):
        sesame = self.new_home()
        sesame.load(self.file("one.ndjson", [event("Send"), event("Send", message="m-2")]))
        sesame.load(self.file("two.ndjson", "no json\n"), expect=65)
        (row,) = sesame.sql("SELECT * FROM source_health")
        self.assertEqual([row[key] for key in ("source_name", "events", "events_last_hour", "events_last_day", "refused")],
                         ["import", 2, 2, 2, 1])


class StaleSources(SesameTestCase):
    """A source with ten days of history, made with the markers of raw files, that has been silent for three hours."""

    def history(self, sesame, name, last):
        """Something every minute until `last`."""
        lines = []
        for number in range(10 * 1_440):
            at = last - timedelta(minutes=10 * 1_440 - 1 - number)
            text = at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
            marker = {"origin": "x", "received_at": text, "source_name": name}
            lines.append(json.dumps({"sesame:raw": marker}))
            lines.append(json.dumps(event("Send", message=f"{name}-{number}", sent=text)))
        sesame.load(self.file(f"{name}.ndjson", "\n".join(lines) + "\n"))

    def listed(self, sesame):
        return {row["name"]: row for row in json.loads(sesame.run("source", "list", "--format", "json").out)}

    def until(self, condition, what):
        deadline = time.monotonic() + 60
        while not condition():
            self.assertLess(time.monotonic(), deadline, what)

    def test_a_silent_source_is_shown_everywhere_and_a_word_from_it_ends_that(self):
        sesame = self.new_home()
        now = datetime.now(timezone.utc)
        self.history(sesame, "shop", now - timedelta(hours=3))
        self.history(sesame, "steady", now - timedelta(seconds=30))
        tokens = {}
        for name in ("shop", "steady", "unused"):
            added = json.loads(sesame.run("source", "add", name, "--kind", "http", "--format", "json").out)
            tokens[name] = added[0]["secret"]
        rows = self.listed(sesame)
        self.assertEqual({name: row["is_stale"] for name, row in rows.items()},
                         {"shop": True, "steady": False, "unused": False})
        self.assertAlmostEqual(rows["shop"]["silent_seconds"], 3 * 3600, delta=300)
        self.assertEqual(rows["shop"]["usual_silence_seconds"], 900)
        text = sesame.run("source", "list")
        self.assertRegex(text.out, r"shop +http +default +stale")
        self.assertIn("shop is stale: nothing came for 3 h", text.err)

        server = Server(sesame)
        self.addCleanup(server.end)

        def health():
            return json.loads(server.get("/health"))

        self.until(lambda: health()["reasons"], "the server never told of the stale source")
        self.assertEqual(health(), {"live": True, "ready": True, "reasons": [
            "1 source is silent for longer than is usual; see: sesame source list"]})
        metrics = server.get("/metrics")
        self.assertIn('sesame_source_stale{source="shop"} 1\n', metrics)
        self.assertIn('sesame_source_stale{source="steady"} 0\n', metrics)
        self.assertNotIn('source="unused"', metrics)
        age = float(re.search(r'sesame_source_last_event_seconds\{source="shop"\} (\S+)', metrics)[1])
        self.assertAlmostEqual(age, 3 * 3600, delta=300)

        body = "".join(json.dumps(event("Send", message=f"new-{n}")) + "\n" for n in range(5)).encode()
        server.post(body, tokens["shop"], "/ingest/http/shop")
        with self.assertRaises(urllib.error.HTTPError) as refused:
            server.post(b"no json", tokens["shop"], "/ingest/http/shop")
        refused.exception.close()
        self.until(lambda: not health()["reasons"], "the source stayed stale")
        self.assertEqual(server.stop()[0], 0)
        row = self.listed(sesame)["shop"]
        self.assertEqual((row["is_stale"], row["events"], row["refused"]), (False, 5, 1))
        self.assertEqual(row["refused_by_reason"], ["not-json: 1"])
