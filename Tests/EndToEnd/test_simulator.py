"""The simulator's own count of what it made, against what Sesame finds in it."""

from sesame import SesameTestCase, simulate


class Truth(SesameTestCase):
    """Duplicated and shuffled on purpose: the truth counts each event once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        path, cls.truth = simulate(cls.folder, 20_000, "--duplicates", "0.03", "--out-of-order", "0.1", days=10)
        cls.report = cls.sesame.load(path)

    def assert_counts(self, key, expression, where="true"):
        """`key` of the truth is a table of counts by dimension and event type."""
        found = {}
        for dimension, kind, count in self.sesame.values(
                f"SELECT {expression} AS d, event_type, count(*) FROM events WHERE {where} GROUP BY ALL"):
            found.setdefault(dimension, {})[kind] = count
        self.assertEqual(found, self.truth[key])

    def test_report(self):
        found = [self.report[key] for key in ("records", "events", "duplicates", "refused")]
        self.assertEqual(found, [self.truth["lines"], self.truth["events"], self.truth["duplicates"], 0])

    def test_by_type(self):
        self.assertEqual(self.sesame.counts("event_type"), self.truth["by_type"])

    def test_by_day(self):
        self.assert_counts("by_day", "strftime(event_at AT TIME ZONE 'UTC', '%Y-%m-%d')")

    def test_by_configuration_set(self):
        self.assert_counts("by_configuration_set", "configuration_set")

    def test_by_campaign_tag(self):
        self.assert_counts("by_campaign", "tags['campaign'][1]")

    def test_by_recipient_domain(self):
        self.assert_counts("by_recipient_domain", "recipient_domain", "recipient IS NOT NULL")

    def test_bounces_complaints_and_delays(self):
        for key, expression, kind in (
                ("bounces", "bounce_type || '/' || bounce_subtype", "Bounce"),
                ("complaints", "coalesce(complaint_feedback_type, 'none')", "Complaint"),
                ("complaint_subtypes", "coalesce(complaint_subtype, 'none')", "Complaint"),
                ("delays", "delay_type", "DeliveryDelay")):
            with self.subTest(key):
                self.assertEqual(self.sesame.counts(expression, f"event_type = '{kind}'"), self.truth[key])

    def test_messages(self):
        (found,) = self.sesame.sql("""
            SELECT count(*) AS messages, count(*) FILTER (opens > 0) AS opened_messages,
                   count(*) FILTER (clicks > 0) AS clicked_messages,
                   count(*) FILTER (opens > 0 AND clicks = 0) AS opened_not_clicked_messages
            FROM (SELECT message_id, sum(open_count) AS opens, sum(click_count) AS clicks FROM messages GROUP BY 1)""")
        self.assertEqual(found, {key: self.truth[key] for key in found})

    def test_machines_in_disguise(self):
        """Scanners that call themselves browsers are found by what they do; people are seldom taken for them."""
        found = dict(self.sesame.values("""
            SELECT event_type, count(*) FILTER (is_machine) FROM engagements GROUP BY 1"""))
        rows = self.sesame.values("SELECT event_type, count(*) FROM engagements GROUP BY 1")
        self.assertEqual(dict(rows), {kind: self.truth["by_type"][kind] for kind in ("Open", "Click")})
        for kind, truth in ("Open", "machine_opens"), ("Click", "machine_clicks"):
            self.assertAlmostEqual(found[kind] / self.truth[truth], 1, delta=0.02, msg=(found, self.truth[truth]))
        named = self.sesame.values("SELECT count(*) FILTER (is_machine) FROM events WHERE event_type = 'Click'")
        self.assertLess(named[0][0], 0.7 * self.truth["machine_clicks"], "one event alone does not tell")


class Repeatability(SesameTestCase):
    def simulated(self, *options):
        return self.sesame.run("simulate", "--messages", 300, *options).out

    def test_the_same_seed_gives_the_same_bytes(self):
        self.assertEqual(self.simulated("--seed", 5), self.simulated("--seed", 5))
        self.assertNotEqual(self.simulated("--seed", 5), self.simulated("--seed", 6))

    def test_all_ten_types_occur(self):
        _, truth = simulate(self.folder, 20_000, seed=3)
        self.assertEqual(len(truth["by_type"]), 10, truth["by_type"])
