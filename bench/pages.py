"""The pages suite: what cards of the dashboard ask, by HTTP from `sesame serve`, beside ClickHouse and DuckDB in process.

The peers are given the rows that Sesame makes for itself: a row for each event and recipient, opens and clicks already told to
be a person's or a machine's. They have neither to compare periods by hand nor to mark small samples; they answer SQL.
"""

import concurrent.futures
import http.client
import json
import re
import signal
import subprocess
import sys
import time
from datetime import date, datetime, timedelta
from pathlib import Path

import queries
import traffic
from imports import fresh
from measure import ProcessFailed, markdown, measured, python_peer, reported, timed
from peers import sesame_peer

FACTS = """
    SELECT event_type, event_at, sent_at, message_id, recipient, recipient_domain, configuration_set, source_arn, from_domain,
        coalesce(tags['campaign'][1], '') AS campaign, bounce_type, bounce_subtype, complaint_feedback_type,
        delivery_processing_ms, delivery_smtp_response, link, is_machine, mail
    FROM read_parquet('{files}') ORDER BY event_at"""
COUNTED = "bounce_type = 'Permanent' AND bounce_subtype NOT LIKE 'On%Suppress%' AND recipient_domain <> 'simulator.amazonses.com'"
TILES = {
    "sends": "count(*) FILTER (WHERE event_type = 'Send')",
    "deliveries": "count(*) FILTER (WHERE event_type = 'Delivery')",
    "counted_bounces": f"count(*) FILTER (WHERE event_type = 'Bounce' AND {COUNTED})",
    "complaints": "count(*) FILTER (WHERE event_type = 'Complaint' AND complaint_feedback_type IS DISTINCT FROM 'not-spam')",
    "unique_human_opens": "count(DISTINCT mail) FILTER (WHERE event_type = 'Open' AND NOT is_machine)",
    "unique_human_clicks": "count(DISTINCT mail) FILTER (WHERE event_type = 'Click' AND NOT is_machine)",
}
# What pages ask when they are opened, with their own period; a test of pages keeps the file true.
PAGES = json.loads((Path(__file__).parent / "page-questions.json").read_text())
EXPLANATION = """Milliseconds. Sesame's are of HTTP requests to `sesame serve`, each run in a sandboxed worker; p50 and p95 of {repeat}. Peers' are medians
inside one warm process. A page is all that it asks, six at once as a browser would, until the last answer. No answer that Sesame keeps is taken for these; *again* is
the page with them."""


def run(folder, options):
    home = traffic.lake(folder, options.messages)
    measured(sesame_peer.command(home, "lake", "rollup"))
    period = last_half(home)
    cards = read_cards(period, traffic.something(home))
    repeat = 4 * options.repeat
    print("pages: sesame", file=sys.stderr)
    with Server(home) as server:
        ours = [timed(lambda card=card: server.rows(card), repeat) for card in cards]
        pages = [[f"page {name}", *server.page([of_period(query, period) for query in asked], repeat)] for name, asked in PAGES.items()]
    answers, notes = {"sesame": ours}, []
    for name in [name for name in queries.LABELS if name in options.peers]:
        print(f"pages: {name}", file=sys.stderr)
        try:
            answers[name] = peer_answers(folder, home, name, cards, options.repeat)
        except ProcessFailed as failure:
            notes.append(f"{queries.LABELS[name]} failed: {failure}")
    return "\n\n".join([queries.table(["card", "Sesame p50", "p95"], cards, answers, "p95"),
                        markdown(["whole pages", "p50", "p95", "again"], pages),
                        *queries.disagreements(cards, answers), *notes, EXPLANATION.format(repeat=repeat)])


def last_half(home):
    """The newer half of the time that has mail, to be compared with the older half."""
    row, = json.loads(measured(sesame_peer.command(
        home, "sql", "--format", "json", "SELECT min(event_at) AS first, max(sent_at) AS last FROM events")).output)
    first, last = (datetime.fromisoformat(row[key].replace("Z", "").split(".")[0]).date() for key in ("first", "last"))
    days = ((last - first).days + 1) // 2
    return {"from": str(last - timedelta(days=days - 1)), "to": str(last), "next": str(last + timedelta(days=1)),
            "before": str(last - timedelta(days=2 * days - 1))}


def of_period(query, period):
    """A page's question of its own time, asked of the period: `14d` is the 14 days at its end, what it has by default all of it."""
    days = {"14d": 14}.get(query["date_range"])
    start = str(date.fromisoformat(period["to"]) - timedelta(days=days - 1)) if days else period["from"]
    return {**query, "date_range": {"from": start, "to": period["to"]}}


def read_cards(period, values):
    """What is asked: of Sesame as a query or a path, of its peers as SQL over the same facts."""
    inside = f"event_at >= '{period['from']} 00:00:00' AND event_at < '{period['next']} 00:00:00'"
    both = f"event_at >= '{period['before']} 00:00:00' AND event_at < '{period['next']} 00:00:00'"
    now = f"CAST(event_at >= '{period['from']} 00:00:00' AS INTEGER)"
    tiles = ", ".join(f"{sql} AS {name}" for name, sql in TILES.items())
    half = {"from": period["from"], "to": period["to"]}

    def card(title, sql, metrics, dimensions=(), **more):
        query = {"metrics": list(metrics), "dimensions": list(dimensions), "date_range": half, "limit": 10_000, **more}
        # Sesame's percentiles are those of values with three significant digits.
        rounded = {"tolerance": 0.005} if "quantile" in sql else {}
        return {"title": title, "query": query, "sql": sql, "clickhouse": in_clickhouse(sql), **rounded}

    return [
        card("tiles, and those of the time before", f"SELECT {now} AS now, {tiles} FROM facts WHERE {both} GROUP BY 1 ORDER BY 1 DESC",
             TILES, compare="previous"),
        card("tiles by day", f"SELECT date_trunc('day', event_at) AS day, {tiles} FROM facts WHERE {inside} GROUP BY 1 ORDER BY 1",
             TILES, ["day"]),
        card("bounces that count by domain",
             f"SELECT recipient_domain, {TILES['counted_bounces']} AS n, {TILES['sends']} AS s FROM facts WHERE {inside} "
             "AND event_type IN ('Send', 'Bounce') GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 100",
             ["counted_bounces", "sends"], ["recipient_domain"], order=["-counted_bounces", "recipient_domain"], limit=100),
        card("outcomes by configuration set",
             f"SELECT configuration_set, {', '.join(TILES[name] for name in list(TILES)[:4])} FROM facts WHERE {inside} "
             "GROUP BY 1 ORDER BY 1", list(TILES)[:4], ["configuration_set"], order=["configuration_set"]),
        card("bounces by type and subtype",
             f"SELECT bounce_type, bounce_subtype, count(*) FROM facts WHERE event_type = 'Bounce' AND {inside} "
             "GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2", ["bounces"], ["bounce_type", "bounce_subtype"],
             order=["-bounces", "bounce_type", "bounce_subtype"]),
        card("time to deliver by day",
             "SELECT date_trunc('day', event_at) AS day, quantile_cont(delivery_processing_ms, 0.5), "
             "quantile_cont(delivery_processing_ms, 0.9), quantile_cont(delivery_processing_ms, 0.99) "
             f"FROM facts WHERE event_type = 'Delivery' AND {inside} GROUP BY 1 ORDER BY 1",
             ["time_to_deliver_p50", "time_to_deliver_p90", "time_to_deliver_p99"], ["day"]),
        card("clicks by link",
             f"SELECT link, count(*) FROM facts WHERE event_type = 'Click' AND {inside} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 25",
             ["clicks"], ["link"], order=["-clicks", "link"], limit=25),
        card("opens by weekday and hour",
             "SELECT extract(isodow FROM event_at) AS weekday, extract(hour FROM event_at) AS hour, count(*) FROM facts "
             f"WHERE event_type = 'Open' AND NOT is_machine AND {inside} GROUP BY 1, 2 ORDER BY 1, 2",
             ["human_opens"], ["weekday", "hour_of_day"], order=["weekday", "hour_of_day"]),
        card("campaigns", f"SELECT campaign, {tiles} FROM facts WHERE {inside} GROUP BY 1 ORDER BY 2 DESC, 1", TILES, ["campaign"],
             order=["-sends", "campaign"]),
        {"title": "journey of a message", "path": f"/api/v1/messages/{values['message_id']}",
         "sql": "SELECT event_type, event_at, recipient, delivery_smtp_response FROM facts "
                f"WHERE message_id = '{values['message_id']}' ORDER BY 2, 1"},
        {"title": "life of a recipient", "path": f"/api/v1/recipients?address={values['recipient']}",
         "sql": f"SELECT message_id, min(sent_at), count(*) FROM facts WHERE recipient = '{values['recipient']}' GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 50"},
    ]


def in_clickhouse(sql):
    """DuckDB's SQL in ClickHouse's words."""
    sql = re.sub(r"quantile_cont\((\w+), ([0-9.]+)\)", r"quantileExactInclusive(\2)(\1)", sql)
    return sql.replace("extract(isodow FROM event_at)", "toDayOfWeek(event_at)").replace("extract(hour FROM event_at)", "toHour(event_at)")


def peer_answers(folder, home, name, cards, repeat):
    parquet = folder / "pages-facts.parquet"
    if not parquet.exists():
        python_peer("duckdb", "copy", FACTS.format(files=home / "workspaces/default/lake/rollups/facts/*.parquet"), parquet)
    source = parquet
    if name == "clickhouse":
        source = fresh(folder / "pages-clickhouse")
        python_peer(name, "prepare", parquet, source, "facts")
    asked = folder / f"cards-{name}.json"
    asked.write_text(json.dumps([card.get(name, card["sql"]) for card in cards]))
    return reported(python_peer(name, "ask", source, asked, repeat, "facts"))["answers"]


class Server:
    """`sesame serve` over a lake, and requests to it as a page sends them."""

    def __init__(self, home):
        self.home = home

    def __enter__(self):
        made = measured(sesame_peer.command(self.home, "token", "add", f"bench-{time.time_ns()}", "--scope", "read", "--format", "json"))
        self.headers = {"Authorization": f"Bearer {json.loads(made.output)[0]['token']}", "Content-Type": "application/json",
                        "Cache-Control": "no-cache"}
        self.process = subprocess.Popen(
            sesame_peer.command(self.home, "serve", "--port", 0, "--log-level", "warning"), stdout=subprocess.PIPE, text=True)
        self.address = self.process.stdout.readline().split("//")[1].strip()
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=120)
        self.process.stdout.close()

    def ask(self, path, body=None, again=False):
        headers = {name: value for name, value in self.headers.items() if not again or name != "Cache-Control"}
        connection = http.client.HTTPConnection(self.address, timeout=600)
        connection.request("POST" if body else "GET", path, json.dumps(body) if body else None, headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        if answer.status != 200:
            raise ProcessFailed(f"{path}: {answer.status} {text[:300]}")
        return json.loads(text)

    def rows(self, card):
        """A card's answer as rows; None for one that is not a table."""
        if "path" in card:
            self.ask(card["path"])
            return None
        answer = self.ask("/api/v1/query", card["query"])
        if card["query"].get("compare"):
            return [[when, *(answer["totals"][prefix + name] for name in TILES)] for when, prefix in ((1, ""), (0, "compare:"))]
        names = card["query"]["dimensions"] + card["query"]["metrics"]
        return [["" if row[name] is None and name == "campaign" else row[name] for name in names] for row in answer["rows"]]

    def page(self, asked, repeat):
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            def opened(again=False):
                return list(pool.map(lambda query: self.ask("/api/v1/query", query, again), asked))

            done, again = timed(opened, repeat), timed(lambda: opened(True), repeat)
        return [queries.milliseconds(seconds) for seconds in (done["seconds"], done["p95"], again["seconds"])]
