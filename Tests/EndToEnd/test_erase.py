"""A person is erased, and a reader that shares no code with Sesame finds nothing of them.

SESAME_SEED repeats a run.
"""

import base64
import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import time
import urllib.error
import urllib.request

from sesame import FAILED, FORBIDDEN, NOT_FOUND, OK, REFUSED_INPUT, USAGE, SesameTestCase, simulate
from traces import Home

SEED = int(os.environ.get("SESAME_SEED", str(random.SystemRandom().randrange(1 << 32))))
PERSON = "Zoe.Quist+news@persona.example"
NAME = "Zoe Quist"
TRACES = [b"quist"]
FAIL_POINTS = [
    "erase.afterJournal", "erase.afterLog", "erase.beforeRawFile", "erase.afterRaw", "erase.beforeCommit",
    "erase.afterCommit", "erase.beforePurge", "erase.midPurge", "erase.beforeFinish", "erase.afterFinish",
]


def mail(number, to, sender="Shop <shop@sender.example>", **extra):
    return {
        "timestamp": f"2026-08-0{number % 3 + 1}T10:00:{number % 60:02}.000Z", "messageId": f"0100019{number:08x}-erase",
        "source": sender, "sourceArn": "arn:aws:ses:eu-west-1:123456789012:identity/sender.example",
        "sendingAccountId": "123456789012", "destination": to,
        "headers": [{"name": "To", "value": ", ".join(to)}, {"name": "Subject", "value": "Hello"}],
        "commonHeaders": {"from": [sender], "to": to, "subject": "Hello"},
        "tags": {"ses:configuration-set": ["main"], "campaign": ["summer"]}, **extra,
    }


def history():
    """Events in which a person stands in every place that SES has for one, among others."""
    other, person, shown = "bob@persona.example", PERSON, f'"{NAME}" <{PERSON}>'
    events = []

    def add(kind, to, number, **details):
        events.append({"eventType": kind, "mail": mail(number, to), **details})

    for number in range(12):
        to = [[person], [shown], [other], [other, person.lower()]][number % 4]
        at = f"2026-08-0{number % 3 + 1}T10:00:{number + 1:02}.000Z"
        add("Send", to, number, send={})
        add("Delivery", to, number, delivery={
            "timestamp": at, "processingTimeMillis": 900, "recipients": to, "reportingMTA": "a1.smtp-out.amazonses.com",
            "smtpResponse": f"250 2.0.0 OK <{PERSON.upper()}> queued"})
        add("Click", to, number, click={
            "timestamp": at, "ipAddress": "192.0.2.7", "userAgent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0",
            "link": f"https://shop.example/?e={PERSON.replace('@', '%40').replace('+', '%2B')}&n={number}"})
    add("Bounce", [person], 20, bounce={
        "timestamp": "2026-08-02T11:00:00.000Z", "bounceType": "Permanent", "bounceSubType": "General", "feedbackId": "f-20",
        "bouncedRecipients": [{"emailAddress": person, "action": "failed", "status": "5.1.1",
                               "diagnosticCode": f"smtp; 550 5.1.1 <{person}>: Recipient\nunknown:\n{person}"}]})
    add("Complaint", [person, other], 21, complaint={
        "timestamp": "2026-08-02T12:00:00.000Z", "feedbackId": "f-21",
        "complainedRecipients": [{"emailAddress": person}, {"emailAddress": other}], "unheardOf": f"about {person}."})
    return events


class Erase(SesameTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.random = random.Random(SEED)
        simulated, _ = simulate(cls.folder, 300)
        events = history()
        envelope = {"requestId": "r", "timestamp": 1, "records": [
            {"data": base64.b64encode(json.dumps(event).encode()).decode()} for event in events[:9]]}
        sns = [{"Type": "Notification", "MessageId": "m", "TopicArn": "arn:aws:sns:eu-west-1:123456789012:t",
                "Message": json.dumps(event), "Timestamp": "2026-08-01T00:00:00.000Z"} for event in events[9:20]]
        broken = json.dumps({"eventType": "Send", "mail": {"timestamp": f"at {PERSON}", "messageId": "x", "destination": [PERSON]}})
        cls.inputs = [
            simulated,
            cls.write(f"{PERSON}.ndjson", "".join(json.dumps(e) + "\n" for e in events[20:] + sns) + broken + "\n" + f"a line about {PERSON}\n"),
            cls.write("envelope.json", json.dumps(envelope)),
        ]
        cls.sesame.load(*cls.inputs, expect=REFUSED_INPUT)
        cls.later = cls.write("later.ndjson", json.dumps(
            {"eventType": "Open", "mail": mail(20, [PERSON]), "open": {
                "timestamp": "2026-08-02T13:00:00.000Z", "ipAddress": "192.0.2.7", "userAgent": "Mozilla/5.0"}}) + "\n")
        cls.orders = cls.write("orders.csv", f"who,total\n{PERSON},12\nbob@persona.example,7\n")
        cls.sesame.run("dataset", "add", "orders", cls.orders)
        # Copies of the home share its key, and so have the same token.
        cls.sesame.run("erase", "--recipient", PERSON, "--dry-run")

    @classmethod
    def write(cls, name, text):
        path = cls.folder / name
        path.write_text(text)
        return path

    COUNTS = {
        "events": "event_type, CAST(event_at AS DATE), configuration_set, message_id",
        "messages": "furthest_state, CAST(sent_at AS DATE), message_id, event_count, recipient IS NULL",
        "refused": "reason LIKE 'mail%'",
    }

    def counts(self, home):
        return {
            name: sorted(map(str, home.values(f"SELECT {keys}, count(*) FROM {name} GROUP BY ALL")))
            for name, keys in self.COUNTS.items()
        } | {"people": home.values(
            "SELECT count(DISTINCT lower(recipient)) FROM events UNION ALL SELECT count(DISTINCT recipient) FROM messages")}

    def outside(self, home):
        """Rows as deltalake reads them."""
        import deltalake

        return {name: deltalake.DeltaTable(str(home.lake / name)).to_pyarrow_table().num_rows for name in self.COUNTS}

    def erase(self, home, *options, **named):
        return home.run("erase", "--recipient", PERSON.swapcase(), "--reason", f"request of {PERSON}", "--yes", *options, **named)

    def assert_gone(self, home, but=()):
        self.assertEqual([path for path in Home(home.home).traces(TRACES) if not any(word in path for word in but)], [])

    def ids(self, home):
        return sorted(home.values("SELECT event_id, event_at, recipient, destination, link, extra FROM events"))

    # MARK: The server stopped

    def test_everything(self):
        home = self.new_home(copy_of=self.sesame)
        before, rows = self.counts(home), self.outside(home)
        self.assertTrue(Home(home.home).traces(TRACES))
        result = self.erase(home, "--include-datasets")
        self.assertRegex(result.out, r"erased-[0-9a-f]{8}@erased\.invalid stands for the person now")
        self.assert_gone(home)
        self.assertEqual(self.counts(home), before)
        self.assertEqual(self.outside(home), rows)
        home.verify()
        self.assertEqual(home.value("SELECT count(*) FROM orders WHERE who LIKE 'erased-%'"), 1)
        # Others keep their facts.
        self.assertEqual(home.value("SELECT count(*) FROM events WHERE list_contains(destination, 'bob@persona.example')"),
                         self.sesame.value("SELECT count(*) FROM events WHERE list_contains(destination, 'bob@persona.example')"))

        erased = self.ids(home)
        with self.subTest("a rebuild from raw bytes gives the same rows"):
            home.run("lake", "rebuild")
            self.assertEqual(self.ids(home), erased)
            self.assertEqual(self.counts(home), before)
            self.assert_gone(home)
        with self.subTest("the same files again bring nothing"):
            report = home.load(*self.inputs, expect=REFUSED_INPUT)
            self.assertEqual(report["events"], 0)
            self.assertEqual(self.counts(home), before)
            self.assert_gone(home)
        with self.subTest("what comes later comes in without the person"):
            self.assertEqual(home.load(self.later)["events"], 1)
            self.assertEqual(home.value("SELECT count(DISTINCT recipient) FROM messages WHERE recipient LIKE 'erased-%'"), 1)
            home.run("lake", "compact")
            self.assert_gone(home)
            home.verify()
        with self.subTest("once more changes nothing"):
            version = home.value("SELECT count(*) FROM events")
            self.assertIn("nothing named the person", self.erase(home, "--include-datasets").out)
            self.assertEqual(home.value("SELECT count(*) FROM events"), version)

    def test_datasets_are_listed(self):
        home = self.new_home(copy_of=self.sesame)
        result = self.erase(home)
        self.assertIn("datasets/orders  1 row names the person", result.out)
        self.assert_gone(home, but=["datasets/orders"])

    def test_dry_run_changes_nothing(self):
        home = self.new_home(copy_of=self.sesame)
        state = {path: path.read_bytes() for path in home.lake.rglob("*") if path.is_file()}
        report = json.loads(home.run("erase", "--recipient", PERSON, "--dry-run", "--json").out)
        self.assertEqual({change["place"] for change in report["changes"]}, {"events", "messages", "refused", "raw"})
        self.assertEqual({path: path.read_bytes() for path in home.lake.rglob("*") if path.is_file()}, state)

    def test_audit(self):
        home = self.new_home(copy_of=self.sesame)
        self.erase(home)
        rows = sqlite3.connect(home.home / "sesame.db").execute(
            "SELECT actor, action, details FROM audit_log WHERE action LIKE 'erasure%'").fetchall()
        (actor, action, details), = rows
        self.assertTrue(actor.startswith("cli:"))
        details = json.loads(details)
        self.assertRegex(details["recipient_hash"], "^[0-9a-f]{32}$")
        self.assertEqual(details["reason"], f"request of {details['token']}")

    def test_misuse(self):
        home = self.new_home(copy_of=self.sesame)
        self.assertIn("--yes", home.run("erase", "--recipient", PERSON, "--reason", "r", expect=FAILED).err)
        self.assertIn("no mail address", home.run("erase", "--recipient", "zoe", "--reason", "r", "--yes", expect=FAILED).err)
        home.run("erase", "--recipient", PERSON, "--yes", expect=USAGE)
        self.assertIn("nobody to erase", self.new_home().run("erase", "--recipient", PERSON, "--reason", "r", "--yes", expect=NOT_FOUND).err)
        self.assertEqual(self.outside(home), self.outside(self.sesame))

    # MARK: Kills

    def test_fail_points(self):
        before, clean = self.counts(self.sesame), None
        for place in FAIL_POINTS:
            with self.subTest(place=place):
                home = self.new_home(copy_of=self.sesame)
                process = subprocess.run(
                    home.command("erase", "--recipient", PERSON, "--reason", "r", "--yes", "--include-datasets"),
                    env={**home.environment, "SESAME_FAILPOINT": place}, capture_output=True)
                self.assertEqual(process.returncode, -signal.SIGKILL)
                if place != "erase.afterFinish":
                    doctor = home.run("doctor", expect=None)
                    self.assertIn("unfinished", doctor.out)
                    self.assertEqual(doctor.status, FAILED)
                    self.assertIn("sesame erase --resume", home.run("import", self.later, expect=FORBIDDEN).err)
                # Readers are never led to a file that is gone.
                self.assertEqual(self.counts(home)["events"], before["events"])
                home.run("erase", "--resume")
                self.assert_gone(home)
                self.assertEqual(self.counts(home), before)
                home.verify()
                clean = clean or self.ids(home)
                self.assertEqual(self.ids(home), clean)
                audited = sqlite3.connect(home.home / "sesame.db").execute("SELECT count(*) FROM audit_log WHERE action = 'erasure.finish'").fetchone()
                self.assertEqual(audited, (1,))

    def test_random_instants(self):
        before = self.counts(self.sesame)
        for kill in range(int(os.environ.get("SESAME_ERASE_KILLS", "4"))):
            home = self.new_home(copy_of=self.sesame)
            process = home.start("erase", "--recipient", PERSON, "--reason", "r", "--yes", "--include-datasets")
            try:
                process.communicate(timeout=self.random.uniform(0.05, 3))
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
            with self.subTest(seed=SEED, kill=kill):
                self.erase(home, "--include-datasets")
                self.assert_gone(home)
                self.assertEqual(self.counts(home), before)
                home.verify()


class EraseWhileServing(SesameTestCase):
    """A server takes events in, and erases beside."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        events, _ = simulate(cls.folder, 300)
        cls.lines = [json.dumps(event).encode() + b"\n" for event in history()]
        cls.others = events.read_bytes().splitlines(keepends=True)

    def serve(self, home):
        process = home.start("serve", "--port", "0", stderr=subprocess.DEVNULL)
        self.addCleanup(lambda: (process.kill(), process.wait(), process.stdout.close()))
        return process, process.stdout.readline().decode().split()[-1]

    def token(self, home, scope):
        text = home.run("token", "add", scope, "--scope", scope, "--format", "json").out
        return re.search(r"ses_tk_[0-9A-Za-z]+", text).group()

    def call(self, url, token, body=None):
        request = urllib.request.Request(
            url, data=body if body is None or isinstance(body, bytes) else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.loads(answer.read())

    def until(self, check, what, seconds=60):
        deadline = time.monotonic() + seconds
        while not (found := check()):
            self.assertLess(time.monotonic(), deadline, what)
            time.sleep(0.05)
        return found

    def stop(self, process):
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(60), 0)

    def erase_beside(self, ask):
        """Events come in all the time while `ask` has the person erased; afterwards all are there, and the person is not."""
        home = self.new_home()
        ingest, admin = self.token(home, "ingest"), self.token(home, "admin")
        process, url = self.serve(home)
        send = lambda lines: self.call(f"{url}/v1/events", ingest, b"".join(lines))
        half = len(self.others) // 2
        send(self.lines + self.others[:half])
        self.until(lambda: home.lake.exists() and (home.lake / "refused/_delta_log").exists() and home.value(
            "SELECT count(*) FROM events WHERE recipient ILIKE '%quist%'"), "the person is not in the lake")
        asked = ask(home, url, admin)
        for start in range(half, len(self.others), 40):
            send(self.others[start:start + 40])
        asked()
        # A sender's repetition brings nobody back, and counts once.
        send(self.lines)
        self.stop(process)
        everything = self.new_home()
        everything.load(self.file("all.ndjson", b"".join(self.lines + self.others)))
        for column in ("event_type, configuration_set", "message_id"):
            statement = f"SELECT {column}, count(*) FROM events GROUP BY ALL ORDER BY ALL"
            self.assertEqual(home.values(statement), everything.values(statement))
        home.run("erase", "--resume")
        self.assertEqual(home.value("SELECT count(*) FROM events WHERE events::VARCHAR ILIKE '%quist%'"), 0)
        self.assertEqual(home.value("SELECT count(*) FROM messages WHERE messages::VARCHAR ILIKE '%quist%'"), 0)
        home.verify()
        return home

    def test_by_http(self):
        def ask(home, url, admin):
            status, erasure = self.call(f"{url}/api/v1/erasures", admin, {"recipient": PERSON, "reason": "r"})
            self.assertEqual(status, 202)
            path = f"{url}/api/v1/erasures/{erasure['id']}"
            self.assertNotIn("uist", json.dumps(erasure))
            return lambda: self.until(lambda: self.call(path, admin)[1]["state"] == "finished", "the erasure does not end")

        home = self.erase_beside(ask)
        # What came after the erasure lay in the log as it was, and goes with the segment.
        self.assertEqual([path for path in Home(home.home).traces(TRACES) if not path.endswith(".log")], [])
        actor, = sqlite3.connect(home.home / "sesame.db").execute("SELECT actor FROM audit_log WHERE action = 'erasure.finish'").fetchone()
        self.assertTrue(actor.startswith("token:"))

    def test_by_the_command_line(self):
        def ask(home, url, admin):
            process = home.start("erase", "--recipient", PERSON, "--reason", "r", "--yes")

            def wait():
                out, err = process.communicate(timeout=60)
                self.assertEqual(process.returncode, OK, err)
                self.assertIn(b"stands for the person now", out)

            return wait

        self.erase_beside(ask)

    def test_nobody_else_may(self):
        home = self.new_home()
        tokens = [self.token(home, scope) for scope in ("ingest", "read")]
        process, url = self.serve(home)
        for token in [*tokens, "ses_tk_" + "0" * 49]:
            with self.assertRaises(urllib.error.HTTPError) as raised:
                self.call(f"{url}/api/v1/erasures", token, {"recipient": PERSON, "reason": "r"})
            self.assertIn(raised.exception.code, (401, 403))
            raised.exception.close()
        admin = self.token(home, "admin")
        for body in ({"recipient": PERSON}, {"recipient": "zoe", "reason": "r"}, {"reason": "r"}, b"no"):
            with self.assertRaises(urllib.error.HTTPError) as raised:
                self.call(f"{url}/api/v1/erasures", admin, body)
            self.assertEqual(raised.exception.code, 400)
            raised.exception.close()
        self.assertFalse((home.home / "workspaces/default/erasures").exists())
        self.stop(process)

    def test_the_next_start_finishes(self):
        for place in ("erase.afterJournal", "erase.afterCommit", "erase.midPurge", "erase.beforeFinish"):
            with self.subTest(place=place):
                home = self.new_home()
                home.load(self.file("history.ndjson", b"".join(self.lines)))
                process = subprocess.run(
                    home.command("erase", "--recipient", PERSON, "--reason", "r", "--yes"),
                    env={**home.environment, "SESAME_FAILPOINT": place}, capture_output=True)
                self.assertEqual(process.returncode, -signal.SIGKILL)
                process, _ = self.serve(home)
                self.until(lambda: "all finished" in home.run("doctor", expect=None).out, "the erasure does not end")
                self.stop(process)
                self.assertEqual(Home(home.home).traces(TRACES), [])
                home.verify()
