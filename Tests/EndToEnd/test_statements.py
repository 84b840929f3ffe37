"""SQL by the API, `/api/v1/sql`: handed in, asked after, read page by page, cancelled; and a server that takes events in meanwhile."""

import json
import time

import ses_events
from sesame import OK, SesameTestCase, simulate
from server import Api


class Statements(SesameTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        lines, cls.truth = simulate(cls.folder, 1000)
        cls.sesame.load(lines)
        cls.api = Api(cls, cls.sesame)

    def submit(self, sql, **options):
        return self.api.json("POST", "/api/v1/sql", {"sql": sql, **options}, expect=202)["id"]

    def until(self, statement, *states):
        """The statement once it is in one of the states."""
        deadline = time.monotonic() + 60
        while True:
            status = self.api.json("GET", f"/api/v1/sql/{statement}")
            if status["state"] in states:
                return status
            self.assertLess(time.monotonic(), deadline, status)
            time.sleep(0.05)

    def rows(self, statement, limit):
        rows, after = [], "0"
        while after is not None:
            page = self.api.json("GET", f"/api/v1/sql/{statement}/rows?limit={limit}&after={after}")
            rows += page["rows"]
            after = page.get("next")
        return rows

    ENDLESS = "SELECT count(*) FROM range(1000000000000) a(x) WHERE hash(x) = 1"

    def test_rows_come_page_by_page(self):
        sql = "SELECT event_id, event_type, event_at FROM events ORDER BY event_id"
        statement = self.submit(sql)
        status = self.until(statement, "succeeded", "failed")
        self.assertEqual((status["state"], status["rows"]), ("succeeded", self.truth["events"]))
        self.assert_same_rows(self.rows(statement, 997), self.sesame.sql(sql))
        self.assertIn(statement, [one["id"] for one in self.api.json("GET", "/api/v1/sql")["statements"]])

    def test_what_goes_wrong_is_said(self):
        for sql, code in (("SELECT nothing FROM events", "bad-statement"), ("DELETE FROM events", "refused"),
                          ("SELECT lpad('', 2147483647, 'x')", "query-limit")):
            status = self.until(self.submit(sql), "failed")
            self.assertEqual(status["error"]["code"], code, status)
        status = self.until(self.submit(self.ENDLESS, timeout_seconds=1), "failed")
        self.assertEqual(status["error"]["code"], "query-limit")

    def test_a_running_statement_is_cancelled_and_keeps_no_page_waiting(self):
        running = self.submit(self.ENDLESS, timeout_seconds=600)
        self.until(running, "running")
        waiting = self.submit("SELECT 1 AS one")
        self.assertEqual(self.api.json("GET", f"/api/v1/sql/{waiting}")["state"], "queued")
        self.assertEqual(self.api.query(metrics=["events"], date_range="all")["totals"]["events"], self.truth["events"])
        self.assertEqual(self.api.json("POST", f"/api/v1/sql/{running}/cancel", {})["state"], "cancelled")
        self.until(waiting, "succeeded")
        self.assertEqual(self.rows(waiting, 10), [{"one": 1}])
        self.assertEqual(self.api.json("GET", f"/api/v1/sql/{running}")["state"], "cancelled")

    def test_too_many_are_refused(self):
        ids = [self.submit(self.ENDLESS, timeout_seconds=600) for _ in range(17)]
        status, _, body = self.api.call("POST", "/api/v1/sql", {"sql": "SELECT 1"})
        self.assertEqual((status, json.loads(body)["code"]), (429, "too-many-queries"))
        for statement in ids:
            self.api.json("POST", f"/api/v1/sql/{statement}/cancel", {})


class Live(SesameTestCase):
    """A server that takes events in answers with them."""

    def test_new_events_are_counted_within_two_seconds_and_a_stop_ends_statements(self):
        sesame = self.new_home()
        api = Api(type(self), sesame)
        ingest = json.loads(sesame.run("token", "add", "in", "--scope", "ingest", "--format", "json").out)[0]["token"]
        before = api.query(metrics=["events"], date_range="all")
        self.assertEqual((before["totals"]["events"], before["freshness"]["last_event_at"]), (0, None))
        body = "".join(json.dumps(ses_events.event("Send", message=f"m-{n}")) + "\n" for n in range(50)).encode()
        api.server.post(body, ingest)
        deadline = time.monotonic() + 20
        while (answer := api.query(metrics=["events"], date_range="all"))["totals"]["events"] < 50:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
        self.assertEqual(answer["totals"]["events"], 50)
        self.assertGreater(answer["freshness"]["snapshot_version"], before["freshness"]["snapshot_version"])
        self.assertIsNotNone(answer["freshness"]["last_event_at"])
        api.json("POST", "/api/v1/sql", {"sql": Statements.ENDLESS, "timeout_seconds": 600}, expect=202)
        self.assertEqual(api.server.stop()[0], OK)
        self.assertEqual(list((sesame.home / "workspaces/default/results").rglob("*.ndjson")), [])

    def test_results_do_not_outlive_an_erasure(self):
        sesame = self.new_home()
        sesame.load(self.file("person.json", [ses_events.event("Send", message="m-1")]))
        api = Api(type(self), sesame)
        statement = api.json("POST", "/api/v1/sql", {"sql": "SELECT * FROM events"}, expect=202)["id"]
        deadline = time.monotonic() + 30
        while api.json("GET", f"/api/v1/sql/{statement}")["state"] != "succeeded":
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
        address = sesame.value("SELECT recipient FROM events")
        sesame.run("erase", "--recipient", address, "--reason", "test", "--yes")
        while api.call("GET", f"/api/v1/sql/{statement}")[0] != 404:
            self.assertLess(time.monotonic(), deadline + 60)
            time.sleep(0.1)
