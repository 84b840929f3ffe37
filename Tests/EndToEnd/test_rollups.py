"""Facts made beforehand change how fast an answer comes and nothing else: whatever happens to the events, a query gives what it gives
where there are none. SESAME_SEED repeats a run."""

import json
import os
import random
import shutil
import signal
import subprocess
import time

from ses_events import event
from sesame import SesameTestCase, simulate
from server import Server

SEED = int(os.environ.get("SESAME_SEED", str(random.SystemRandom().randrange(1 << 32))))
METRICS = [
    "sends", "deliveries", "events", "mails", "messages", "senders", "reach", "bounce_rate", "complaint_rate", "opens",
    "human_opens", "machine_clicks", "unique_opens", "unique_human_opens", "unique_clicks", "delayed_mails", "open_rate", "click_rate", "delay_rate", "unsubscribes",
    "open_delays", "intake_completeness", "representative_bounce_rate", "representative_complaint_rate",
    "time_to_deliver_p90", "suppressed",
]
DIMENSIONS = [
    "day", "hour_of_day", "event_type", "isp", "campaign", "subject", "configuration_set", "bounce_subtype",
    "diagnostic_class", "smtp_code", "client", "is_machine", "machine_rule", "was_clicked", "was_opened_by_person", "link",
    "tag:campaign", "header:Subject", "recipient_domain",
]


class Rollups(SesameTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.random = random.Random(SEED)
        # Nothing comes after the last day: each day that has events has its files made again and again here.
        events, _ = simulate(cls.folder, 900, "--out-of-order", "0.1", "--stop-at-end", days=12)
        cls.lines = events.read_bytes().splitlines(keepends=True)
        print(f"SESAME_SEED={SEED}", flush=True)

    def questions(self, count):
        for _ in range(count):
            query = {"metrics": self.random.sample(METRICS, 6), "date_range": "all", "limit": 2000,
                     "dimensions": self.random.sample(DIMENSIONS, self.random.randint(0, 2)),
                     "time_basis": self.random.choice(["event", "event", "sent"])}
            if self.random.random() < 0.3:
                query["filters"] = [{"field": "isp", "op": "is", "values": ["Gmail", "Outlook"]}]
            yield json.dumps(query)

    @staticmethod
    def answer(home, query):
        answer = json.loads(home.run("query", "--format", "json", query).out)
        return answer["rows"], answer["totals"]

    def files(self, home, table):
        return sorted(path.name for path in (home.lake / "rollups" / table).glob("*.parquet"))

    def facts(self, home):
        return self.files(home, "facts")

    def counts(self, home):
        return self.files(home, "counts")

    def repeats(self, home):
        return self.files(home, "repeats")

    def litter(self, home):
        return [path.name for path in home.lake.glob("rollups/**/.*")]

    def assert_same_numbers(self, home, count=4):
        """Numbers with facts and without, from the same lake."""
        queries = list(self.questions(count))
        found = [self.answer(home, query) for query in queries]
        hidden = home.lake / ".rollups-hidden"
        (home.lake / "rollups").rename(hidden)
        try:
            for query, answer in zip(queries, found):
                self.assertEqual(json.dumps(answer), json.dumps(self.answer(home, query)), query)
        finally:
            hidden.rename(home.lake / "rollups")

    def test_numbers_stay_whatever_happens_to_the_events(self):
        home = self.new_home()
        late = {self.random.random() < 0.4 and number for number in range(len(self.lines))} - {False}
        home.run("import", self.file("one.ndjson", b"".join(line for n, line in enumerate(self.lines) if n not in late)))
        first = self.facts(home)
        self.assertGreater(len(first), 3)
        home.verify()
        self.assert_same_numbers(home)
        # Late events, and a rollup that was stopped half way.
        rest = self.file("two.ndjson", b"".join(line for n, line in enumerate(self.lines) if n in late))
        died = subprocess.run(
            home.command("import", rest), capture_output=True,
            env={**home.environment, "SESAME_FAILPOINT": "rollup.written", "SESAME_FAILPOINT_HIT": "3"})
        self.assertEqual(died.returncode, -signal.SIGKILL)
        self.assertTrue(self.litter(home))
        self.assert_same_numbers(home)
        self.assertIn("rolled up", home.run("lake", "rollup").out)
        self.assertEqual(self.litter(home), [])
        self.assertIn("nothing to roll up", home.run("lake", "rollup").out)
        self.assert_same_numbers(home)
        after = self.facts(home)
        self.assertFalse(set(first) & set(after), "what no snapshot wants is still there")
        self.assertEqual(len(first), len(after))
        # A merge takes nothing away.
        home.run("lake", "compact")
        self.assertEqual(self.facts(home), after)
        self.assertIn("nothing to roll up", home.run("lake", "rollup").out)
        self.assert_same_numbers(home)
        home.run("lake", "rollup", "--rebuild")
        self.assertEqual(self.facts(home), after)
        self.assert_same_numbers(home, 2)
        home.verify()
        for table in ("facts", "repeats"):
            self.assertIn(f"rollups/{table}  {len(after)} of {len(after)} days", home.run("lake", "info").out)

    def test_a_kill_at_any_place_leaves_right_numbers_and_no_litter(self):
        home = self.new_home()
        home.run("import", self.file("all.ndjson", b"".join(self.lines)))
        whole, repeats = self.facts(home), self.repeats(home)
        self.assertEqual(len(repeats), len(whole))
        # The counts of a day get their name before its facts do, and those of all days before the first repeats.
        for place, hit, made in (("rollup.written", 2, 1), ("rollup.beforeName", 2, 0), ("rollup.beforeName", 3, 1),
                                 ("rollup.written", len(whole) + 2, len(whole))):
            shutil.rmtree(home.lake / "rollups")
            died = subprocess.run(
                home.command("lake", "rollup"), capture_output=True,
                env={**home.environment, "SESAME_FAILPOINT": place, "SESAME_FAILPOINT_HIT": str(hit)})
            self.assertEqual(died.returncode, -signal.SIGKILL)
            self.assertEqual(len(self.facts(home)), made)
            self.assert_same_numbers(home, 3)
            home.run("lake", "rollup")
            self.assertEqual((self.facts(home), self.litter(home)), (whole, []))
            self.assertEqual((self.counts(home), self.repeats(home)), (whole, repeats))

    def test_days_without_repeats_give_the_same_numbers(self):
        home = self.new_home()
        home.run("import", self.file("all.ndjson", b"".join(self.lines)))
        whole = self.repeats(home)
        for part in (whole[::2], whole[-1:]):
            for name in part:
                (home.lake / "rollups/repeats" / name).unlink()
            self.assert_same_numbers(home)
            home.run("lake", "rollup")
            self.assertEqual(self.repeats(home), whole)

    def test_facts_without_their_counts_are_not_looked_at(self):
        home = self.new_home()
        home.run("import", self.file("all.ndjson", b"".join(self.lines)))
        whole = self.counts(home)
        for name in whole[::2]:
            (home.lake / "rollups/counts" / name).unlink()
        self.assert_same_numbers(home)
        home.run("lake", "rollup")
        self.assertEqual(self.counts(home), whole)
        self.assert_same_numbers(home)

    def test_a_file_that_is_not_as_it_should_be_is_found_and_made_anew(self):
        import pyarrow.parquet

        home = self.new_home()
        home.run("import", self.file("all.ndjson", b"".join(self.lines)))
        for table in ("facts", "counts", "repeats"):
            path = home.lake / "rollups" / table / self.files(home, table)[2]
            table = pyarrow.parquet.ParquetFile(path).read()
            pyarrow.parquet.write_table(table.filter([row % 3 != 0 for row in range(len(table))]), path)
            self.assertIn("sesame lake rollup --rebuild", home.run("lake", "verify", expect=1).out)
            path.write_bytes(b"PAR1 is no Parquet")
            self.assertIn("cannot be read", home.run("lake", "verify", expect=1).out)
            home.run("lake", "rollup", "--rebuild")
            home.verify()

    def test_a_person_who_was_erased_is_in_no_file(self):
        import pyarrow.parquet

        home = self.new_home()
        home.run("import", self.file("all.ndjson", b"".join(self.lines)))
        person = home.value("SELECT recipient FROM events WHERE recipient IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC LIMIT 1")
        needle = person.encode()

        def finds():
            tables = [pyarrow.parquet.ParquetFile(path).read() for path in (home.lake / "rollups").rglob("*.parquet")]
            return sum(person in str(table.to_pydict()) for table in tables), len(self.facts(home))

        found, before = finds()
        self.assertGreater(found, 0)
        home.run("erase", "--recipient", person, "--reason", "a test", "--yes")
        found, left = finds()
        self.assertEqual(found, 0)
        self.assertLess(left, before)
        self.assertFalse([path for path in home.lake.rglob("*") if path.is_file() and needle in path.read_bytes()])
        self.assert_same_numbers(home)
        home.run("lake", "rollup")
        self.assertEqual((finds()[0], len(self.facts(home))), (0, before))
        self.assert_same_numbers(home)

    def test_a_server_counts_an_event_of_a_day_that_has_its_facts_at_once(self):
        home = self.new_home()
        home.run("import", self.file("all.ndjson", b"".join(self.lines)))
        token = json.loads(home.run("token", "add", "t", "--scope", "ingest", "--format", "json").out)[0]["token"]
        query = json.dumps({"metrics": ["sends", "opens"], "date_range": "all", "dimensions": ["campaign"]})
        before, at = self.answer(home, query)[1]["sends"], json.loads(self.lines[0])["mail"]["timestamp"]
        late = event("Send", message="late")
        late["mail"]["timestamp"] = at
        server = Server(home)
        try:
            server.post(json.dumps(late).encode(), token)
            deadline = time.monotonic() + 30
            while self.answer(home, query)[1]["sends"] == before and time.monotonic() < deadline:
                pass
            self.assertEqual(self.answer(home, query)[1]["sends"], before + 1)
            self.assert_same_numbers(home, 2)
        finally:
            server.stop()

    def test_the_statement_that_is_shown_runs_where_facts_are_not_known(self):
        home = self.new_home()
        home.run("import", self.file("all.ndjson", b"".join(self.lines)))
        sql = home.run("query", "--sql", "--metrics", "sends", "--since", "all").out
        self.assertNotIn("_facts", sql)
        self.assertGreater(home.sql(sql)[0]["sends"], 0)


if __name__ == "__main__":
    import unittest

    unittest.main()
