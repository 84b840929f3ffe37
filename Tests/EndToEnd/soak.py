#!/usr/bin/env python3
"""Kills `sesame serve` again and again while senders come down every road at once, and looks afterwards.

    SESAME_SOAK_KILLS=300 SESAME_SEED=7 Tests/EndToEnd/soak.py        (make soak)

Senders are `sesame simulate --into`: each tries again what was not acknowledged, and writes down what was. At the end every
acknowledged event is in the lake once, nothing is there that was not sent, and `sesame lake verify` finds no fault. The
tables are read with deltalake, which shares no code with Sesame.
"""

import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from pathlib import Path

from sesame import Sesame

TOPIC = "arn:aws:sns:eu-west-1:123456789012:ses-events"
ROADS = {"generic": "http", "sns": "sns", "firehose": "firehose", "firehose-api": "firehose-api",
         "eventbridge": "eventbridge"}
# Places in the way of an event; a kill comes at one of them now and then instead of at a random instant.
FAIL_POINTS = {"log.afterAppend": 40, "log.beforeSync": 40, "log.afterSync": 40, "lake.midParquet": 4,
               "lake.beforeCommit": 4, "lake.afterCommit": 4, "compaction.beforeCommit": 1, "log.beforeTrim": 1}
DETAILS = {"Rendering Failure": "failure", "DeliveryDelay": "deliveryDelay"}


def key(event):
    """An event in words of its own; the simulator makes no two that agree in these."""
    kind = event["eventType"]
    detail = event.get(DETAILS.get(kind, kind.lower())) or {}
    return kind, event["mail"]["messageId"], json.dumps(detail, sort_keys=True)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(condition, what, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} took longer than {seconds} s")
        time.sleep(0.02)


class Soak:
    """One home, one server that dies and comes back, and a sender for each road."""

    def __init__(self, folder, kills, seed, roads=None, rate=120, say=lambda line: None):
        self.folder, self.kills, self.seed, self.say = Path(folder), kills, seed, say
        self.roads = {road: ROADS[road] for road in roads or ROADS}
        self.rate = rate
        self.random = random.Random(seed)
        self.sesame = Sesame(self.folder / "home")
        self.port, self.sns_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.server, self.senders, self.log = None, {}, (self.folder / "serve.log").open("wb")

    def run(self):
        """Everything, and what was found; an AssertionError says what is wrong."""
        self.add_sources()
        # Long enough for all kills; the senders are told to stop when those are over.
        for number, road in enumerate(self.roads):
            self.start_sender(road, self.seed % 100_000 + 1000 * number)
        if "sns" in self.roads:
            wait_for((self.folder / "sns/roots.pem").exists, "making the keys of SNS")
        killed = Counter()
        try:
            while sum(killed.values()) < self.kills:
                killed[self.live_once()] += 1
                if sum(killed.values()) % 20 == 0:
                    self.say(f"{sum(killed.values())} kills")
            self.start_server()
            reports = self.end_senders()
            self.stop_server()
            return {"kills": sum(killed.values()), "at": dict(killed), "senders": reports, **self.check()}
        finally:
            self.end_everything()

    def add_sources(self):
        self.secrets = {}
        for road, kind in self.roads.items():
            options = ["--topic-arn", TOPIC] if kind == "sns" else []
            made = json.loads(self.sesame.run("source", "add", f"soak-{road}", "--kind", kind, *options, "--format", "json").out)[0]
            self.secrets[road] = made.get("secret") or made.get("token") or ""

    def start_sender(self, road, seed):
        options = ["--into", f"soak-{road}", "--server", self.url, "--seed", seed, "--messages", 1_000_000, "--days", 3,
                   "--rate", self.rate if self.roads[road] not in ("sns", "eventbridge") else self.rate / 3,
                   "--connections", 8, "--retry-for", 3_600, "--retry-pause", 0.1, "--redeliver", 0.05, "--json",
                   "--duplicates", 0.02, "--out-of-order", 0.05, "--acknowledged", self.folder / f"{road}.ndjson"]
        if road == "sns":
            options += ["--sns-keys", self.folder / "sns", "--sns-port", self.sns_port]
        elif road != "eventbridge":
            options += ["--batch", 20]
        environment = {**self.sesame.environment, "SESAME_SECRET": self.secrets[road]}
        with (self.folder / f"{road}.err").open("wb") as errors:
            self.senders[road] = subprocess.Popen(
                self.sesame.command("simulate", *options), env=environment, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=errors)

    def start_server(self, fail_point=None):
        environment = dict(self.sesame.environment)
        if fail_point:
            environment |= {"SESAME_FAILPOINT": fail_point, "SESAME_FAILPOINT_HIT": str(self.random.randint(1, FAIL_POINTS[fail_point]))}
        options = ["--port", self.port, "--log-level", "warning"]
        if "sns" in self.roads:
            options += ["--sns-roots", self.folder / "sns/roots.pem", "--sns-endpoint", f"http://127.0.0.1:{self.sns_port}"]
        self.server = subprocess.Popen(self.sesame.command("serve", *options), env=environment, stdin=subprocess.DEVNULL,
                                       stdout=subprocess.PIPE, stderr=self.log)

    def live_once(self):
        """Starts the server and lets it die; says where."""
        place = self.random.choice(list(FAIL_POINTS)) if self.random.random() < 0.4 else None
        self.start_server(place)
        try:
            # A fail point that is not reached ends as a kill at a random instant: also while it starts.
            self.server.wait(timeout=self.random.uniform(3, 5) if place else self.random.uniform(0.05, 4))
        except subprocess.TimeoutExpired:
            self.server.send_signal(signal.SIGKILL)
            place = None
        self.server.stdout.close()
        status = self.server.wait()
        assert status == -signal.SIGKILL, f"the server ended by itself with {status}: {self.errors()}"
        return place or "random instant"

    def end_senders(self):
        """Lets each sender be heard once more, then ends them as Ctrl-C does."""
        heard = {road: self.size(road) for road in self.senders}
        for road in self.senders:
            wait_for(lambda: self.size(road) > heard[road], f"an acknowledgement by {road}", 120)
        reports = {}
        for road, sender in self.senders.items():
            sender.send_signal(signal.SIGINT)
        for road, sender in self.senders.items():
            out, _ = sender.communicate(timeout=60)
            report = json.loads(out)
            assert report["lost_events"] == 0, f"{road} gave events up: {report}"
            reports[road] = {name: report[name] for name in ("acknowledged_events", "redelivered", "answers")}
        return reports

    def size(self, road):
        path = self.folder / f"{road}.ndjson"
        return path.stat().st_size if path.exists() else 0

    def lag(self):
        """Records of the log that are not in the lake yet."""
        with urllib.request.urlopen(self.url + "/metrics", timeout=60) as answer:
            return int(float(re.search(r"^sesame_drain_lag_records ([0-9.]+)$", answer.read().decode(), re.MULTILINE)[1]))

    def stop_server(self):
        # A stop takes what is in the log into the lake for half a minute, and leaves the rest to the next start.
        wait_for(lambda: self.lag() == 0, "taking the log into the lake", 900)
        self.server.send_signal(signal.SIGTERM)
        status = self.server.wait(timeout=300)
        assert status == 0, f"the server stopped with {status}: {self.errors()}"

    def check(self):
        """Acknowledged ⊆ lake, lake ⊆ sent, each once, and the tables sound."""
        import deltalake

        acknowledged = set()
        for road in self.roads:
            with (self.folder / f"{road}.ndjson").open() as lines:
                acknowledged.update(key(json.loads(line)) for line in lines)
        columns = ["event_id", "event_type", "message_id", "source_name"]
        table = deltalake.DeltaTable(str(self.sesame.lake / "events")).to_pyarrow_table(columns=columns)
        ids = table.column("event_id").to_pylist()
        assert len(ids) == len(set(ids)), f"{len(ids) - len(set(ids))} events are there twice"
        found = Counter(zip(table.column("event_type").to_pylist(), table.column("message_id").to_pylist()))
        expected = Counter(one[:2] for one in acknowledged)
        missing = expected - found
        assert not missing, f"{sum(missing.values())} acknowledged events are not there: {list(missing)[:5]}"
        surplus = sum((found - expected).values())
        # What was sent and whose answer the kill cut off may be there: a request in flight on each connection, no more.
        sent = self.sent_keys(found, expected)
        assert not found - sent, f"{list(found - sent)[:5]} are there and were never sent"
        assert self.sesame.value("SELECT count(*) FROM refused") == 0, "something was refused"
        assert self.sesame.value("SELECT count(*) FROM events") == len(ids), "Sesame counts otherwise than deltalake"
        self.sesame.verify()
        return {"acknowledged": len(acknowledged), "in the lake": len(ids), "sent, their answers cut off": surplus}

    def sent_keys(self, found, expected):
        """All that the senders could have sent: the beginnings of their histories, generated again."""
        if not found - expected:
            return expected
        sent = Counter()
        for number, road in enumerate(self.roads):
            lines = (self.folder / f"{road}.ndjson").read_bytes().count(b"\n")
            process = self.sesame.start("simulate", "--seed", self.seed % 100_000 + 1000 * number, "--messages", 1_000_000,
                                        "--days", 3, "--duplicates", 0.02, "--out-of-order", 0.05, stderr=subprocess.DEVNULL)
            keys = {key(json.loads(line)) for _, line in zip(range(lines + 3_000), process.stdout)}
            process.kill()
            process.communicate()
            sent += Counter(one[:2] for one in keys)
        return sent

    def errors(self):
        return (self.folder / "serve.log").read_text(errors="replace")[-2000:]

    def end_everything(self):
        for process in [self.server, *self.senders.values()]:
            if process and process.poll() is None:
                process.kill()
                process.wait()
            if process and process.stdout:
                process.stdout.close()
        self.log.close()


def main():
    kills = int(os.environ.get("SESAME_SOAK_KILLS", "300"))
    seed = int(os.environ.get("SESAME_SEED", str(random.SystemRandom().randrange(1 << 32))))
    folder = tempfile.mkdtemp(prefix="sesame-soak-")
    print(f"{kills} kills, SESAME_SEED={seed}, in {folder}", flush=True)
    start = time.monotonic()
    result = Soak(folder, kills, seed, say=lambda line: print(f"{time.monotonic() - start:5.0f} s  {line}", flush=True)).run()
    print(json.dumps(result, indent=1))
    shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
