"""Metrics: the same number by the API, in CSV, in Parquet, on the command line and in SQL, and the number that counting by hand gives."""

import csv
import io
import json
from collections import Counter, defaultdict

import ses_events
from sesame import FAILED, NOT_FOUND, USAGE, SesameTestCase, simulate
from server import Api

STAGES = {
    "rejects": "reject", "sends": "send", "bounces": "bounce", "deliveries": "delivery", "complaints": "complaint", "opens": "open",
    "clicks": "click"}


class AnalyticsTestCase(SesameTestCase):
    """A server over a lake, and the same questions by every road."""

    def assert_agree(self, **query):
        """Asks by the API in JSON, CSV and Parquet and on the command line; returns the answer that all of them give."""
        import pyarrow.parquet

        answer = self.api.query(**query)
        shown = self.sesame.run("query", "--format", "json", json.dumps(query)).out
        command = json.loads(shown)
        for part in ("columns", "rows", "totals", "row_count"):
            self.assertEqual(command[part], answer[part])
        status, kind, text = self.api.call("POST", "/api/v1/query", query, accept="text/csv")
        self.assertEqual((status, kind), (200, "text/csv; charset=utf-8"))
        self.assertEqual(self.sesame.run("query", "--format", "csv", json.dumps(query)).out, text.decode())
        names = [column["name"] for column in answer["columns"]]
        rows = list(csv.reader(io.StringIO(text.decode())))
        self.assertEqual(rows[0], names)
        written = [["" if row[name] is None else self.plain(row[name]) for name in names] for row in answer["rows"]]
        self.assert_same_rows(rows[1:], written)
        status, kind, data = self.api.call("POST", "/api/v1/query", query, accept="application/vnd.apache.parquet")
        self.assertEqual((status, kind), (200, "application/vnd.apache.parquet"))
        table = pyarrow.parquet.read_table(io.BytesIO(data))
        self.assertEqual(table.column_names, names)
        for column in (column["name"] for column in answer["columns"] if column["kind"] != "dimension"):
            self.assertEqual(table.column(column).to_pylist(), [row[column] for row in answer["rows"]])
        return answer

    @staticmethod
    def plain(value):
        return json.dumps(value) if isinstance(value, (bool, int, float)) else value


class TheRealSet(AnalyticsTestCase):
    """S3's published answers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.by_class = ses_events.real_set()
        cls.events = [(name, event) for name, events in cls.by_class.items() for event in events]
        path = cls.folder / "real.ndjson"
        path.write_text("".join(json.dumps(event) + "\n" for _, event in cls.events))
        cls.sesame.load(path)
        cls.messages = sorted({event["mail"]["messageId"] for _, event in cls.events})
        cls.region = {message: ("LATAM", "APAC", "EU", "NA")[number % 4] for number, message in enumerate(cls.messages)}
        # As S3 made them: a request for each event of a message, and not for each message.
        requests = cls.folder / "ses_requests.csv"
        with requests.open("w", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(["message_id", "region"])
            writer.writerows((event["mail"]["messageId"], cls.region[event["mail"]["messageId"]]) for _, event in cls.events)
        cls.sesame.run("dataset", "add", "ses_requests", requests)
        cls.api = Api(cls, cls.sesame)

    def counted(self, key):
        """Events by a key, and within it by the metric that counts their class."""
        counts = defaultdict(Counter)
        for name, event in self.events:
            counts[key(event)][next(metric for metric, stage in STAGES.items() if stage == name)] += 1
        return counts

    def test_events_by_type(self):
        answer = self.assert_agree(metrics=["events"], dimensions=["event_type"], date_range="all")
        self.assertEqual({row["event_type"]: row["events"] for row in answer["rows"]}, {
            "Send": 892, "Delivery": 809, "Open": 729, "Click": 364, "Reject": 99, "Bounce": 83, "Complaint": 80})
        self.assertEqual(answer["totals"]["events"], 3056)

    def test_opened_but_never_clicked(self):
        answer = self.assert_agree(
            metrics=["unique_opens"], date_range="all", filters=[{"field": "was_clicked", "value": False}])
        flags = self.sesame.run(
            "query", "--metrics", "unique_opens", "--since", "all", "--where", "was_clicked=false", "--format", "csv").out
        in_sql = self.sesame.value("SELECT count(*) FROM messages WHERE open_count > 0 AND click_count = 0")
        self.assertEqual(
            [answer["totals"]["unique_opens"], int(flags.splitlines()[1]), in_sql], [365, 365, 365])

    def test_journeys(self):
        stages = ["sent", "delivered", "opened", "clicked", "bounced", "complained", "rejected"]
        answer = self.assert_agree(
            metrics=["mails"], dimensions=[f"was_{stage}" for stage in stages], date_range="all")
        names = dict(zip(stages, ("send", "delivery", "open", "click", "bounce", "complaint", "reject")))
        journeys = {
            frozenset(name for stage, name in names.items() if row[f"was_{stage}"]): row["mails"] for row in answer["rows"]}
        self.assertEqual(journeys, {frozenset(journey): count for journey, count in ses_events.JOURNEYS.items()})

    def test_the_pivot_of_messages(self):
        answer = self.assert_agree(metrics=list(STAGES), dimensions=["message"], date_range="all", limit=10000)
        expected = self.counted(lambda event: event["mail"]["messageId"])
        self.assertEqual(answer["row_count"], 991)
        self.assertEqual({row["message"]: {name: row[name] for name in STAGES} for row in answer["rows"]}, {
            message: {name: counts[name] for name in STAGES} for message, counts in expected.items()})
        self.assertEqual({name: answer["totals"][name] for name in STAGES}, {
            "rejects": 99, "sends": 892, "bounces": 83, "deliveries": 809, "complaints": 80, "opens": 729, "clicks": 364})

    def test_the_summary_by_region_counts_each_event_once(self):
        answer = self.assert_agree(
            metrics=[*STAGES, "delivery_rate"], dimensions=["ses_requests.region"], date_range="all",
            join={"ses_requests": {"message": "message_id"}}, order=["ses_requests.region"])
        expected = self.counted(lambda event: self.region[event["mail"]["messageId"]])
        self.assertEqual([row["ses_requests.region"] for row in answer["rows"]], sorted(expected))
        for row in answer["rows"]:
            counts = expected[row["ses_requests.region"]]
            self.assertEqual({name: row[name] for name in STAGES}, {name: counts[name] for name in STAGES})
            self.assertAlmostEqual(row["delivery_rate"], counts["deliveries"] / counts["sends"])

    def test_domains_providers_and_suppression(self):
        answer = self.assert_agree(metrics=["events"], dimensions=["recipient_domain"], date_range="all")
        self.assertEqual({row["recipient_domain"]: row["events"] for row in answer["rows"]}, ses_events.DOMAINS)
        answer = self.assert_agree(
            metrics=["bounces", "counted_bounces", "list_suppressed", "eligible_sends", "bounce_rate"], date_range="all")
        self.assertEqual(answer["totals"], {
            "bounces": 83, "counted_bounces": 22, "list_suppressed": 24, "eligible_sends": 868, "bounce_rate": 22 / 868,
            "sample_too_small": []})

    def test_a_template_of_sql_gives_the_same(self):
        """The statement that is run, run by the user."""
        query = json.dumps({"metrics": ["bounce_rate", "unique_opens"], "dimensions": ["isp"], "date_range": "all"})
        statement = self.sesame.run("query", "--sql", query).out
        rows = [row for row in self.sesame.sql(statement) if not row["is_total"]]
        answer = self.api.json("POST", "/api/v1/query", json.loads(query))
        self.assertEqual(
            [(row["isp"], row["bounce_rate"], row["unique_opens"]) for row in rows],
            [(row["isp"], row["bounce_rate"], row["unique_opens"]) for row in answer["rows"]])


class TheTruth(AnalyticsTestCase):
    """Simulated traffic: the simulator's own counts, and counts of its lines by plain Python."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        lines, cls.truth = simulate(cls.folder, 4000, days=12, seed=5)
        cls.sesame.load(lines, rollups=True)
        cls.events = list({line: json.loads(line) for line in lines.read_text().splitlines()}.values())
        cls.api = Api(cls, cls.sesame)

    # What the recipients of an event are, by type.
    LISTS = {
        "Delivery": lambda event: event["delivery"]["recipients"],
        "Bounce": lambda event: [one["emailAddress"] for one in event["bounce"]["bouncedRecipients"]],
        "DeliveryDelay": lambda event: [one["emailAddress"] for one in event["deliveryDelay"]["delayedRecipients"]],
    }

    def mails(self, kind, key, where=lambda event, address: True):
        """Mails of a type by a key of event and address."""
        counts = Counter()
        for event in self.events:
            if event["eventType"] == kind:
                addresses = self.LISTS.get(kind, lambda event: event["mail"]["destination"])(event)
                for address in {one.lower() for one in addresses}:
                    if where(event, address):
                        counts[key(event, address)] += 1
        return counts

    def rows(self, answer, *names):
        return {tuple(row[name] for name in names[:-1]): row[names[-1]] for row in answer["rows"] if row[names[-1]]}

    def nested(self, truth):
        return {(outer, inner): count for outer, counts in truth.items() for inner, count in counts.items()}

    def test_events_by_day_campaign_and_configuration_set(self):
        for dimension, truth in (
                ("day", self.truth["by_day"]), ("campaign", self.truth["by_campaign"]),
                ("tag:ses:configuration-set", self.truth["by_configuration_set"])):
            with self.subTest(dimension):
                answer = self.assert_agree(
                    metrics=["events"], dimensions=[dimension, "event_type"], date_range="all", limit=10000)
                self.assertEqual(self.rows(answer, dimension, "event_type", "events"), self.nested(truth))
                self.assertEqual(answer["totals"]["events"], self.truth["events"])

    def test_bounces_complaints_and_delays_by_their_kinds(self):
        answer = self.assert_agree(
            metrics=["events"], dimensions=["bounce_type", "bounce_subtype"], date_range="all",
            filters=[{"field": "event_type", "value": "Bounce"}])
        found = {"/".join(key): count for key, count in self.rows(answer, "bounce_type", "bounce_subtype", "events").items()}
        self.assertEqual(found, self.truth["bounces"])
        for dimension, kind, name in (("complaint_type", "Complaint", "complaints"), ("delay_type", "DeliveryDelay", "delays")):
            answer = self.assert_agree(
                metrics=["events"], dimensions=[dimension], date_range="all", filters=[{"field": "event_type", "value": kind}])
            self.assertEqual(
                {row[dimension] or "none": row["events"] for row in answer["rows"]}, self.truth[name])

    def test_opened_but_not_clicked_messages(self):
        answer = self.assert_agree(
            metrics=["messages"], date_range="all",
            filters=[{"field": "event_type", "value": "Open"}, {"field": "was_clicked", "value": False}])
        self.assertEqual(answer["totals"]["messages"], self.truth["opened_not_clicked_messages"])
        answer = self.api.query(metrics=["messages"], dimensions=["event_type"], date_range="all")
        found = {row["event_type"]: row["messages"] for row in answer["rows"]}
        self.assertEqual((found["Open"], found["Click"]), (self.truth["opened_messages"], self.truth["clicked_messages"]))
        self.assertEqual(answer["totals"]["messages"], self.truth["messages"])

    def test_mails_by_recipient_domain(self):
        answer = self.assert_agree(
            metrics=["sends", "deliveries", "bounces", "delays"], dimensions=["recipient_domain"], date_range="all", limit=10000)
        for metric, kind in (("sends", "Send"), ("deliveries", "Delivery"), ("bounces", "Bounce"), ("delays", "DeliveryDelay")):
            expected = self.mails(kind, lambda _, address: address.split("@")[1])
            self.assertEqual(
                {row["recipient_domain"]: row[metric] for row in answer["rows"] if row[metric]}, dict(expected), metric)
            self.assertEqual(answer["totals"][metric], sum(expected.values()))

    def test_bounce_rate_by_configuration_set(self):
        def stream(event, _):
            return event["mail"]["tags"]["ses:configuration-set"][0]

        def is_real(_, address):
            return not address.endswith("@simulator.amazonses.com")

        def is_listed(event):
            return event["bounce"]["bounceSubType"].startswith(("OnAccountSuppress", "OnTenantSuppress"))

        sends = self.mails("Send", stream, is_real)
        listed = self.mails("Bounce", stream, lambda event, address: is_real(event, address) and is_listed(event))
        hard = self.mails("Bounce", stream, lambda event, address: (
            is_real(event, address) and not is_listed(event) and event["bounce"]["bounceType"] == "Permanent"))
        answer = self.assert_agree(metrics=["bounce_rate"], dimensions=["configuration_set"], date_range="all")
        self.assertEqual(
            {row["configuration_set"]: row["bounce_rate"] for row in answer["rows"]},
            {name: hard[name] / (sends[name] - listed[name]) for name in sends})

    def test_days_of_another_time_zone_and_the_week_before(self):
        last = max(day for day in self.truth["by_day"] if "Send" in self.truth["by_day"][day])
        query = dict(
            metrics=["sends"], dimensions=["hour"], time_zone="Asia/Kolkata", limit=10000,
            date_range={"from": last, "to": last}, compare="weekday")
        answer = self.assert_agree(**query)
        in_sql = self.sesame.value(f"""
            SELECT sum(len(destination)) FROM events WHERE event_type = 'Send'
            AND CAST(event_at AT TIME ZONE 'Asia/Kolkata' AS DATE) = DATE '{last}' - 7""")
        self.assertEqual(answer["totals"]["compare:sends"], in_sql)
        self.assertEqual(sum(row["compare:sends"] for row in answer["rows"]), in_sql)
        self.assertTrue(all(row["hour"].endswith(":30:00.000Z") for row in answer["rows"]))

    def test_the_representative_volume_is_of_the_newest_mails(self):
        answer = self.assert_agree(
            metrics=["representative_volume", "representative_bounce_rate", "bounce_rate"], date_range="all",
            representative_volume=500)
        self.assertEqual(answer["totals"]["representative_volume"], 0)
        # The simulator's days lie where its clock says; 90 days before their end all are in.
        end = self.truth["last_event"]
        answer = self.assert_agree(
            metrics=["representative_volume", "eligible_sends"], date_range={"from": "2000-01-01", "to": end},
            representative_volume=100000)
        self.assertLess(abs(answer["totals"]["representative_volume"] - answer["totals"]["eligible_sends"]), 5)

    def test_intake_is_complete_and_reach_is_counted_once(self):
        answer = self.assert_agree(metrics=["intake_completeness", "reach", "frequency", "deliveries"], date_range="all")
        addresses = {one.lower() for event in self.events if event["eventType"] == "Delivery" for one in event["delivery"]["recipients"]}
        self.assertEqual(answer["totals"]["reach"], len(addresses))
        self.assertAlmostEqual(answer["totals"]["frequency"], answer["totals"]["deliveries"] / len(addresses))
        mails, outcomes = self.sesame.values("SELECT sum(mails - waiting), sum(with_outcome) FROM intake_completeness")[0]
        self.assertAlmostEqual(answer["totals"]["intake_completeness"], outcomes / mails, places=6)

    def test_pages_of_rows_are_all_rows(self):
        query = dict(metrics=["sends"], dimensions=["recipient_domain", "day"], date_range="all", order=["-sends"])
        whole = self.api.query(**query, limit=10000)["rows"]
        pages = [row for offset in range(0, len(whole), 100) for row in self.api.query(**query, limit=100, offset=offset)["rows"]]
        self.assert_same_rows(pages, whole)


class Mistakes(AnalyticsTestCase):
    """What is wrong with a question is said, with its place."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sesame.load(cls.write())
        cls.api = Api(cls, cls.sesame)

    @classmethod
    def write(cls):
        path = cls.folder / "one.json"
        path.write_text(json.dumps(ses_events.event("Send", message="m-1")))
        return path

    def test_problems_have_codes_places_and_hints(self):
        for query, code, pointer in (
                ({"metrics": ["bounce_rat"]}, "unknown-metric", "/metrics/0"),
                ({"metrics": ["sends"], "dimensions": ["gone.region"], "join": {"gone": {"message": "id"}}}, "bad-dataset", "/join/gone"),
                ({"metrics": ["sends"], "filters": [{"field": "subject", "op": "matches", "value": "("}]}, "refused-by-engine", "")):
            problem = self.api.json("POST", "/api/v1/query", query, expect=400)
            self.assertEqual((problem["code"], problem["pointer"]), (code, pointer))
            self.assertTrue(problem["hint"])
            refused = self.sesame.run("query", json.dumps(query), expect=FAILED)
            self.assertIn(problem["hint"], refused.err)

    def test_a_text_of_sql_in_a_value_is_a_text(self):
        for text in ("'; DROP TABLE events; --", "x'\u0301 OR true --", "checkpoint()", "query('SELECT 1')", "\\'", "$$"):
            answer = self.assert_agree(
                metrics=["sends"], date_range="all",
                filters=[{"or": [{"field": "subject", "value": text}, {"field": f"tag:{text}", "op": "contains", "value": text}]}])
            self.assertEqual(answer["totals"]["sends"], 0)
            answer = self.api.query(metrics=["sends"], dimensions=[f"tag:{text}"], date_range="all")
            self.assertEqual([row[f"tag:{text}"] for row in answer["rows"]], [None])

    def test_the_dictionary(self):
        metrics = {metric["name"]: metric for metric in self.api.json("GET", "/api/v1/metrics")["metrics"]}
        self.assertEqual(metrics["bounce_rate"]["denominator"], "eligible_sends")
        self.assertEqual(json.loads(self.sesame.run("metrics", "--json").out)["metrics"], list(metrics.values()))
        dimensions = self.api.json("GET", "/api/v1/dimensions")["dimensions"]
        self.assertEqual(json.loads(self.sesame.run("metrics", "--json", "--dimensions").out)["dimensions"], dimensions)
        self.assertIn("isp", {dimension["name"] for dimension in dimensions})
        self.assertIn("left out", self.sesame.run("metrics", "bounce_rate").out)
        self.sesame.run("metrics", "nothing", expect=USAGE)

    def test_files(self):
        path = self.folder / "answer.csv"
        self.sesame.run("query", "--metrics", "sends", "--since", "all", "-o", path)
        self.assertEqual(path.read_text(), "sends\n1\n")
        path = self.folder / "answer.parquet"
        self.sesame.run("query", "--metrics", "sends", "--since", "all", "-o", path)
        self.assertEqual(self.parquet(path), [{"sends": 1}])

    def parquet(self, path):
        import pyarrow.parquet

        return pyarrow.parquet.read_table(path).to_pylist()

    def test_a_home_without_a_lake(self):
        self.new_home().run("query", "--metrics", "sends", expect=NOT_FOUND)
