"""What makes an event itself: not the order of its keys, and not the road it took."""

import json
import random

import ses_events
from sesame import SesameTestCase, simulate

EVERY_COLUMN = "SELECT * EXCLUDE (received_at, origin) FROM events ORDER BY event_id"


class KeyOrder(SesameTestCase):
    """Permuting the JSON keys of any event changes no column."""

    def assert_order_does_not_matter(self, events):
        rng = random.Random(5)
        plain, permuted = self.new_home(), self.new_home()
        plain.load(self.file("plain.json", events))
        permuted.load(self.file("permuted.json", [ses_events.shuffled(event, rng) for event in events]))
        self.assert_same_rows(permuted.sql(EVERY_COLUMN), plain.sql(EVERY_COLUMN))

    def test_real_events(self):
        self.assert_order_does_not_matter([event for events in ses_events.real_set().values() for event in events])

    def test_simulated_events(self):
        path, _ = simulate(self.folder, 1500)
        self.assert_order_does_not_matter([json.loads(line) for line in path.read_text().splitlines()])

    def test_unknown_fields_and_types(self):
        strange = ses_events.event("Sniffed", at="2026-08-01T12:00:05Z", scent={"b": [1, {"d": 2, "c": None}], "a": "x"})
        strange["mail"]["weather"] = {"z": 1.5, "y": True}
        self.assert_order_does_not_matter([strange])


class Twins(SesameTestCase):
    """An identity notification and its event-publishing twin are one event, whichever comes first."""

    bounce = ses_events.event(
        "Bounce", at="2026-08-01T12:00:02.000Z", bounceType="Permanent", bounceSubType="NoEmail", feedbackId="f-1",
        bouncedRecipients=[{"emailAddress": "ada@example.net", "action": "failed", "status": "5.1.1"}])

    def notification(self):
        twin = json.loads(json.dumps(self.bounce))
        twin["notificationType"] = twin.pop("eventType")
        del twin["mail"]["tags"]
        twin["mail"] |= {"sourceIp": "192.0.2.10", "callerIdentity": "shop-backend"}
        return twin

    def test_twins_in_either_order(self):
        for name, events in (("notification last", [self.bounce, self.notification()]),
                             ("notification first", [self.notification(), self.bounce])):
            with self.subTest(name):
                home = self.new_home()
                report = home.load(self.file("twins.json", events))
                self.assertEqual((report["events"], report["duplicates"]), (1, 1))
                self.assertEqual(home.value("SELECT count(*) FROM events"), 1)

    def test_a_shared_feedback_id_is_no_identity(self):
        other = json.loads(json.dumps(self.bounce).replace("ada@", "bob@").replace("m-1", "m-2"))
        report = self.new_home().load(self.file("shared.json", [self.bounce, other]))
        self.assertEqual(report["events"], 2)

    def test_set_up_messages_are_no_events(self):
        greeting = {"notificationType": "AmazonSnsSubscriptionSucceeded", "message": "You have successfully subscribed"}
        report = self.new_home().load(self.file("greeting.json", [greeting, self.bounce]))
        self.assertEqual((report["events"], report["not_events"], report["refused"]), (1, 1, 0))
