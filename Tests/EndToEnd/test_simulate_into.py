"""`sesame simulate --into`: every road, retries, duplicates, Ctrl-C; and a short soak. The long one is `make soak`."""

import json
import os
import signal
import subprocess
import unittest

from sesame import FAILED, INTERRUPTED, REFUSED_INPUT, USAGE, SesameTestCase
from soak import TOPIC, Soak, free_port, key, wait_for

KILLS = int(os.environ.get("SESAME_KILLS", "8"))
SEED = int(os.environ.get("SESAME_SEED", "20261121"))


class SimulateInto(SesameTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.soak = Soak(cls.folder, 0, SEED)
        cls.addClassCleanup(cls.soak.end_everything)
        cls.soak.add_sources()
        cls.sesame = cls.soak.sesame
        # Beside the sources whose events are counted.
        made = cls.sesame.run("source", "add", "soak-aside", "--kind", "http", "--format", "json").out
        cls.soak.secrets["aside"] = json.loads(made)[0]["secret"]
        # The first run of SNS makes the keys that the server is told to trust; nobody listens yet, so nothing is taken.
        cls.simulate("sns", "--messages", 1, "--retry-for", 0, expect=REFUSED_INPUT)
        cls.soak.start_server()
        cls.soak.server.stdout.readline()

    @classmethod
    def simulate(cls, road, *options, expect=0, at_rate=False):
        options = ["--into", f"soak-{road}", "--server", cls.soak.url, "--days", 2, "--json", *options]
        if not at_rate:
            options.append("--max")
        if road == "sns":
            options += ["--sns-keys", cls.folder / "sns", "--sns-port", cls.soak.sns_port]
        environment = {**cls.sesame.environment, "SESAME_SECRET": cls.soak.secrets[road]}
        process = subprocess.run(
            cls.sesame.command("simulate", *options), env=environment, capture_output=True, timeout=300)
        if process.returncode != expect:
            raise AssertionError(f"{road}: exit {process.returncode}: {process.stdout} {process.stderr}")
        return json.loads(process.stdout) if process.stdout else process.stderr.decode()

    def arrived(self, road):
        return self.sesame.value(f"SELECT count(*) FROM events WHERE source_name = 'soak-{road}'")

    def test_every_road_brings_every_event_once(self):
        for number, road in enumerate(self.soak.roads):
            with self.subTest(road):
                truth, taken = self.folder / f"truth-{road}.json", self.folder / f"taken-{road}.ndjson"
                report = self.simulate(road, "--messages", 150, "--seed", number, "--duplicates", 0.1, "--redeliver", 0.3,
                                       "--truth", truth, "--acknowledged", taken)
                truth = json.loads(truth.read_text())
                keys = {key(json.loads(line)) for line in taken.read_text().splitlines()}
                self.assertEqual(report["answers"], {"200": report["requests"] + report["redelivered"]})
                self.assertEqual(report["lost_events"], 0)
                self.assertEqual(truth["events"], len(keys))
                self.assertGreater(report["acknowledged_events"], truth["events"], "nothing was sent twice")
                wait_for(lambda: self.arrived(road) == truth["events"], f"{truth['events']} events by {road}")
                types = self.sesame.counts("event_type", f"source_name = 'soak-{road}'")
                self.assertEqual(types, truth["by_type"])

    def test_what_is_refused_is_told(self):
        environment = {**self.sesame.environment, "SESAME_SECRET": "ses_in_wrong"}
        for road, status in (("firehose", "403"), ("eventbridge", "403"), ("generic", "401")):
            done = subprocess.run(
                self.sesame.command("simulate", "--into", f"soak-{road}", "--server", self.soak.url, "--messages", 1,
                                    "--batch", 1, "--retry-for", 0, "--connections", 1, "--json", "--max"),
                env=environment, capture_output=True, timeout=60)
            self.assertEqual(done.returncode, REFUSED_INPUT, done.stderr)
            report = json.loads(done.stdout)
            self.assertEqual(set(report["answers"]), {status})
            self.assertEqual(report["acknowledged_events"], 0)

    def test_the_rate_is_kept_and_the_duration_ends_it(self):
        report = self.simulate("aside", "--rate", "200/s", "--batch", 10, "--duration", 2, "--seed", 99, at_rate=True)
        # Whatever the machine does meanwhile: so many requests were due, and no more were begun.
        self.assertEqual(report["events"], 400)

    def test_ctrl_c_ends_it_with_the_report(self):
        taken = self.folder / "ctrl-c.ndjson"
        process = subprocess.Popen(
            self.sesame.command("simulate", "--into", "soak-aside", "--server", self.soak.url, "--duration", 600, "--seed", 5,
                                "--json", "--acknowledged", taken),
            env={**self.sesame.environment, "SESAME_SECRET": self.soak.secrets["aside"]}, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        self.addCleanup(process.kill)
        wait_for(lambda: taken.exists() and taken.stat().st_size > 0, "the first acknowledgement")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, INTERRUPTED, err)
        self.assertGreater(json.loads(out)["acknowledged_events"], 0)

    def test_what_cannot_be_is_said_at_once(self):
        for options, words in (
                (("--into", "nobody"), "there is no source 'nobody'"),
                (("--into", "soak-firehose"), "--secret-file"),
                (("--into", "soak-sns", "--batch", "2", "--sns-port", str(free_port()), "--sns-keys", str(self.folder / "k")), "1 to 1"),
                (("--into", self.soak.url, "--road", "sns"), "name the source"),
                (("--into", "soak-sns", "--topic-arn", TOPIC[:10]), "no ARN")):
            result = self.sesame.run("simulate", *options, expect=None)
            self.assertIn(result.status, (FAILED, 66), result)
            self.assertIn(words, result.err)
        self.sesame.run("simulate", "--into", "x", "--rate", "fast", expect=USAGE)
        self.sesame.run("simulate", "--into", "x", "-o", "file", expect=USAGE)


class ShortSoak(SesameTestCase):
    def test_nothing_acknowledged_is_lost_or_doubled(self):
        (self.folder / "soak").mkdir()
        result = Soak(self.folder / "soak", KILLS, SEED).run()
        self.assertGreaterEqual(result["kills"], KILLS)
        self.assertGreater(result["acknowledged"], 0)


if __name__ == "__main__":
    unittest.main()
