"""Data goes when it is old enough, and names nobody before that; a reader that shares no code with Sesame finds nothing older.

Events are of the last nine days; each day has people of its own, so that a name tells the age of what names it. SESAME_SEED
repeats a run.
"""

import base64
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import time
import urllib.error
import urllib.request
from collections import Counter
from datetime import datetime, timedelta, timezone

from sesame import FAILED, FORBIDDEN, NOT_FOUND, REFUSED_INPUT, USAGE, Sesame, SesameTestCase
from traces import Home

SEED = int(os.environ.get("SESAME_SEED", str(random.SystemRandom().randrange(1 << 32))))
ANONYMISE, DELETE, DAYS = 3, 6, 9
FAIL_POINTS = [
    "retention.midDelete", "retention.afterBegin", "retention.beforeMessages", "retention.afterMessages",
    "retention.beforeRawFile", "erase.midPurge", "retention.beforeFinish",
]
PSEUDONYM = re.compile(r"h:[0-9a-f]{16}@[a-z.]+")


def instant(now, age, second=0):
    """A time so many days ago, in the middle of the day."""
    day = (now - timedelta(days=age)).replace(hour=0, minute=0, second=0, microsecond=0)
    return (day + timedelta(seconds=3600 * 10 + second)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def person(age, number=0):
    return f"Person{age:02}x{number}@{'persona' if number % 2 else 'other'}.example"


def history(now, ages):
    """Sends, deliveries, opens and bounces of each day; a message to two people among them."""
    for age in ages:
        for number in range(4):
            to = [person(age, number)] if number < 3 else [person(age, 3), f"P <{person(age, 0).lower()}>"]
            mail = {
                "timestamp": instant(now, age, number * 60), "messageId": f"m-{age:02}-{number}", "source": "Shop <shop@sender.example>",
                "sendingAccountId": "123456789012", "destination": to,
                "headers": [{"name": "To", "value": ", ".join(to)}, {"name": "Subject", "value": f"Hello {to[0]}"}],
                "commonHeaders": {"from": ["Shop <shop@sender.example>"], "to": to, "subject": f"Hello {to[0]}"},
                "tags": {"ses:configuration-set": [f"set{number % 2}"]},
            }
            yield {"eventType": "Send", "mail": mail, "send": {}}
            if number == 2:
                yield {"eventType": "Bounce", "mail": mail, "bounce": {
                    "timestamp": instant(now, age, number * 60 + 9), "bounceType": "Permanent", "bounceSubType": "General",
                    "feedbackId": "f", "bouncedRecipients": [{"emailAddress": to[0], "status": "5.1.1",
                                                              "diagnosticCode": f"smtp; 550 5.1.1 <{to[0]}>: unknown"}]}}
                continue
            yield {"eventType": "Delivery", "mail": mail, "delivery": {
                "timestamp": instant(now, age, number * 60 + 2), "processingTimeMillis": 900, "recipients": to,
                "smtpResponse": f"250 2.0.0 OK <{to[0]}> queued"}}
            yield {"eventType": "Click", "mail": mail, "click": {
                "timestamp": instant(now, age, number * 60 + 30), "ipAddress": f"203.0.113.{age}", "userAgent": "Mozilla/5.0",
                "link": f"https://shop.example/?e={to[0].replace('@', '%40')}"}}


class Retention(SesameTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.random = random.Random(SEED)
        cls.now = datetime.now(timezone.utc)
        cls.events = list(history(cls.now, range(DAYS)))
        # Envelopes hold events of all ages.
        firehose = {"requestId": "r", "timestamp": 1, "records": [
            {"data": base64.b64encode(json.dumps(event).encode()).decode()} for event in cls.events[0::3]]}
        sns = [{"Type": "Notification", "MessageId": "m", "TopicArn": "arn:aws:sns:eu-west-1:123456789012:t",
                "Message": json.dumps(event), "Timestamp": "2026-08-01T00:00:00.000Z"} for event in cls.events[1::3]]
        cls.inputs = [cls.write(name, lines) for name, lines in [
            ("firehose.json", [firehose]), ("sns.ndjson", sns), ("plain.ndjson", cls.events[2::3])]]
        cls.broken = cls.write("broken.ndjson", [{"eventType": "Send", "mail": {"messageId": "x", "destination": ["fresh@persona.example"]}}])
        cls.sesame.load(*cls.inputs, cls.broken, expect=REFUSED_INPUT)
        # Copies of the home share its key, and so have the same pseudonyms.
        cls.sesame.run("erase", "--recipient", "nobody@persona.example", "--dry-run")
        cls.limited = Sesame(cls.folder / "limited")
        shutil.copytree(cls.sesame.home, cls.limited.home)
        cls.limit(cls.limited)

    @classmethod
    def write(cls, name, lines):
        path = cls.folder / name
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
        return path

    def old(self, limit):
        """The names of the people of days that are old enough, with lower case as traces are looked for."""
        return [f"person{age:02}x".encode() for age in range(limit + 1, DAYS)]

    @staticmethod
    def limit(home, *tables):
        home.run("retention", "set", "refused", "--delete-after", f"{ANONYMISE}d")
        home.run("retention", "set", "events", "--delete-after", f"{DELETE}d", "--anonymise-after", str(ANONYMISE))
        for table in tables:
            home.run("retention", "set", table, "--delete-after", f"{DELETE}d")

    def outside(self, home, name="events"):
        """Rows as deltalake reads them."""
        import deltalake

        return deltalake.DeltaTable(str(home.lake / name)).to_pyarrow_table().to_pylist()

    def horizon(self, days):
        return (self.now - timedelta(days=days)).date()

    def counts(self, rows, at="event_at"):
        """What must stay, of rows that are not to be deleted."""
        people = {}
        for row in rows:
            if row[at].date() >= self.horizon(DELETE):
                key = row[at].date(), row.get("event_type"), row["configuration_set"], row["recipient_domain"]
                people.setdefault(key, []).append((row["recipient"] or "").lower())
        return {key: (len(names), len(set(names))) for key, names in people.items()}

    def assert_limited(self, home):
        self.assertEqual(Home(home.home).traces(self.old(ANONYMISE)), [])
        for name, at in ("events", "event_at"), ("messages", "sent_at"):
            rows = self.outside(home, name)
            self.assertGreaterEqual(min(row[at].date() for row in rows), self.horizon(DELETE))
            for row in rows:
                is_old = row[at].date() < self.horizon(ANONYMISE)
                if row["recipient"]:
                    self.assertEqual(bool(PSEUDONYM.fullmatch(row["recipient"])), is_old, row)
                if row.get("ip_address"):
                    self.assertEqual(row["ip_address"] == "203.0.113.0", is_old or row["event_at"].date() == self.now.date(), row)
        home.verify()

    def ids(self, home):
        return sorted((row["event_id"], row["recipient"], str(row["destination"])) for row in self.outside(home))

    def audited(self, home, action):
        return sqlite3.connect(home.home / "sesame.db").execute(
            "SELECT actor, details FROM audit_log WHERE action = ? ORDER BY id", (action,)).fetchall()

    # MARK: The server stopped

    def test_everything(self):
        home = self.new_home(copy_of=self.sesame)
        before = {name: self.counts(self.outside(home, name), at) for name, at in (("events", "event_at"), ("messages", "sent_at"))}
        subjects = Counter(re.sub(r"\S+@\S+", "", row["subject"]) for row in self.outside(home) if row["event_at"].date() >= self.horizon(DELETE))
        self.assertIn("everything is kept", home.run("retention", "apply").out)
        self.limit(home)
        with self.subTest("a dry run changes nothing and tells the same"):
            state = {path: path.read_bytes() for path in home.lake.rglob("*") if path.is_file()}
            told = json.loads(home.run("retention", "apply", "--dry-run", "--format", "json").out)
            self.assertEqual({path: path.read_bytes() for path in home.lake.rglob("*") if path.is_file()}, state)
        done = json.loads(home.run("retention", "apply", "--format", "json").out)
        self.assertEqual([(c["table"], c["action"], c["days"]) for c in done], [(c["table"], c["action"], c["days"]) for c in told])
        self.assertEqual({(c["table"], c["action"]): c["days"] for c in done if c["table"] == "events"},
                         {("events", "delete"): DAYS - 1 - DELETE, ("events", "anonymise"): DELETE - ANONYMISE})
        self.assert_limited(home)
        self.assertEqual({name: self.counts(self.outside(home, name), at) for name, at in (("events", "event_at"), ("messages", "sent_at"))}, before)
        self.assertEqual(Counter(re.sub(r"\S+@\S+", "", row["subject"]) for row in self.outside(home)), subjects)
        self.assertEqual({row["user_agent"] for row in self.outside(home)}, {None, "Mozilla/5.0"})
        kept = self.ids(home)
        with self.subTest("what comes again is known, also after a rebuild from raw"):
            young = self.write("again.ndjson", [event for event in self.events if int(event["mail"]["messageId"][2:4]) < DELETE])
            self.assertEqual(home.load(young)["events"], 0)
            home.run("lake", "rebuild")
            home.run("retention", "apply")
            self.assertEqual(self.ids(home), kept)
            self.assertEqual(home.load(young)["events"], 0)
            home.run("retention", "apply")
            self.assert_limited(home)
        with self.subTest("once more changes nothing"):
            self.assertEqual(home.run("retention", "apply").out, "nothing is old enough\n")
        with self.subTest("it is said who did it"):
            shown = json.loads(home.run("retention", "show", "--format", "json").out)
            self.assertEqual(shown["policy"]["events"], {"anonymise_after_days": ANONYMISE, "delete_after_days": DELETE})
            self.assertEqual(shown["due"]["messages"], {"anonymise_before": str(self.horizon(ANONYMISE)), "delete_before": str(self.horizon(DELETE))})
            self.assertIn("finished_at", shown["last_run"])
            self.assertIn("retention: the limits were last applied", home.run("doctor", expect=None).out)
            self.assertEqual(len(self.audited(home, "retention.set")), 2)
            actor, details = self.audited(home, "retention.apply")[0]
            self.assertTrue(actor.startswith("cli:"))
            self.assertRegex(json.loads(details)["delete events"], r"^\d+ days, \d+ rows, \d+ bytes$")

    def test_misuse(self):
        home = self.new_home(copy_of=self.sesame)
        state = {path: path.read_bytes() for path in home.lake.rglob("*") if path.is_file()}
        for arguments, words in [
            (["events", "--anonymise-after", "3"], "set refused --delete-after 3d"),
            (["raw", "--anonymise-after", "5"], "set events --anonymise-after"),
            (["events", "--delete-after", "0"], "1 to 36500"),
        ]:
            self.assertIn(words, home.run("retention", "set", *arguments, expect=FAILED).err)
        self.limit(home)
        for arguments, words in [
            (["refused", "--keep"], "set refused --delete-after"), (["messages", "--delete-after", "7d"], "no longer"),
            (["events", "--delete-after", "3d"], "keep them longer"),
        ]:
            self.assertIn(words, home.run("retention", "set", *arguments, expect=FAILED).err)
        home.run("retention", "set", "orders", "--keep", expect=USAGE)
        home.run("retention", "set", "events", expect=USAGE)
        home.run("retention", "set", "events", "--delete-after", "soon", expect=USAGE)
        for command in ("show", "apply"):
            home.run("retention", command, "--home", self.folder / "none", expect=NOT_FOUND)
        self.assertFalse((self.folder / "none").exists())
        home.run("retention", "set", "events", "--keep")
        home.run("retention", "set", "refused", "--keep")
        self.assertEqual(json.loads(home.run("retention", "show", "--format", "json").out)["policy"], {})
        self.assertEqual({path: path.read_bytes() for path in home.lake.rglob("*") if path.is_file()}, state)

    def test_clock(self):
        """A clock that nothing bears out is not believed."""
        home = self.new_home()
        home.load(self.write("old.ndjson", [event for event in self.events if int(event["mail"]["messageId"][2:4]) > 3]))
        self.limit(home)
        database = sqlite3.connect(home.home / "sesame.db")
        clock = json.loads(database.execute("SELECT value FROM settings WHERE key = 'clock'").fetchone()[0])
        clock["wall"] -= 30 * 86_400_000_000
        database.execute("UPDATE settings SET value = ? WHERE key = 'clock'", (json.dumps(clock),))
        database.commit()
        before = self.ids(home)
        result = home.run("retention", "apply", expect=FORBIDDEN)
        self.assertRegex(result.err, r"the clock says .* no event of the last day bears it out; nothing was deleted .* --clock-is-right")
        self.assertEqual(self.ids(home), before)
        home.run("retention", "apply", "--clock-is-right")
        self.assert_limited(home)
        home.run("retention", "apply")

    # MARK: Kills

    def test_fail_points(self):
        clean, counts = None, self.counts(self.outside(self.limited))
        for place in FAIL_POINTS:
            with self.subTest(place=place):
                home = self.new_home(copy_of=self.limited)
                process = subprocess.run(
                    home.command("retention", "apply"), env={**home.environment, "SESAME_FAILPOINT": place}, capture_output=True)
                self.assertEqual(process.returncode, -signal.SIGKILL, process.stderr)
                # Readers are never led to a file that is gone.
                self.assertEqual(self.counts(self.outside(home)), counts)
                if place in ("retention.afterBegin", "retention.afterMessages"):
                    self.assertIn("not finished", home.run("doctor", expect=FAILED).out)
                    self.assertIn("sesame retention apply", home.run("import", self.inputs[0], expect=FORBIDDEN).err)
                home.run("retention", "apply")
                self.assertEqual(self.counts(self.outside(home)), counts)
                self.assert_limited(home)
                ids = self.ids(home)
                clean = clean or ids
                self.assertEqual(ids, clean)

    def test_random_instants(self):
        for kill in range(int(os.environ.get("SESAME_RETENTION_KILLS", "2"))):
            home = self.new_home(copy_of=self.limited)
            process = home.start("retention", "apply")
            try:
                process.communicate(timeout=self.random.uniform(0.05, 2))
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
            with self.subTest(seed=SEED, kill=kill):
                home.run("retention", "apply")
                self.assert_limited(home)

    # MARK: The server running

    def serve(self, home):
        process = home.start("serve", "--port", "0", stderr=subprocess.DEVNULL)
        self.addCleanup(lambda: (process.kill(), process.wait(), process.stdout.close()))
        return process, process.stdout.readline().decode().split()[-1]

    def stop(self, process):
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(60), 0)

    def call(self, url, token, body=None, method=None):
        request = urllib.request.Request(
            url, data=body if body is None or isinstance(body, bytes) else json.dumps(body).encode(), method=method,
            headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read())

    def token(self, home, scope):
        text = home.run("token", "add", scope, "--scope", scope, "--format", "json").out
        return re.search(r"ses_tk_[0-9A-Za-z]+", text).group()

    def until(self, check, what, seconds=60):
        deadline = time.monotonic() + seconds
        while not (found := check()):
            self.assertLess(time.monotonic(), deadline, what)
            time.sleep(0.05)
        return found

    def test_beside_a_server(self):
        home = self.new_home(copy_of=self.sesame)
        admin, ingest = self.token(home, "admin"), self.token(home, "ingest")
        before = self.counts(self.outside(home))
        process, url = self.serve(home)
        address = f"{url}/api/v1/retention"
        with self.subTest("the API refuses what contradicts itself, and strangers"):
            for body in (b"no", {"events": {"anonymise_after_days": 5}}, {"orders": {}}, {"events": {"delete_after": 5}}):
                with self.assertRaises(urllib.error.HTTPError) as raised:
                    self.call(address, admin, body, "PUT")
                self.assertEqual(raised.exception.code, 400)
                raised.exception.close()
            for method in ("GET", "PUT"):
                with self.assertRaises(urllib.error.HTTPError) as raised:
                    self.call(address, ingest, b"{}" if method == "PUT" else None, method)
                self.assertEqual(raised.exception.code, 403)
                raised.exception.close()
        policy = {"events": {"anonymise_after_days": ANONYMISE, "delete_after_days": DELETE}, "refused": {"delete_after_days": ANONYMISE}}
        self.assertEqual(self.call(address, admin, policy, "PUT")["policy"], policy)
        # Late and repeated events come in meanwhile.
        young = [event for event in self.events if int(event["mail"]["messageId"][2:4]) < DELETE]
        self.call(f"{url}/v1/events", ingest, "\n".join(map(json.dumps, young)).encode())
        with self.subTest("a command hands the work over, and waits"):
            self.assertIn("waiting", home.run("retention", "apply").err)
            self.assert_limited_but_log(home)
        self.assertTrue(self.call(address, admin)["last_run"]["finished_at"])
        self.call(f"{url}/v1/events", ingest, "\n".join(map(json.dumps, young)).encode())
        self.stop(process)
        self.assertEqual(self.counts(self.outside(home)), before)
        actor, _ = self.audited(home, "retention.set")[0]
        self.assertTrue(actor.startswith("token:"))
        home.run("retention", "apply")
        self.assert_limited(home)

    def assert_limited_but_log(self, home):
        found = [path for path in Home(home.home).traces(self.old(ANONYMISE)) if not path.endswith(".log")]
        self.assertEqual(found, [])

    def test_a_server_does_it_daily(self):
        home = self.new_home(copy_of=self.sesame)
        self.limit(home, "raw", "streams")
        # Killed in the middle of a day, the next start finishes it before anything comes in.
        process = subprocess.run(
            home.command("retention", "apply"), env={**home.environment, "SESAME_FAILPOINT": "retention.afterBegin"}, capture_output=True)
        self.assertEqual(process.returncode, -signal.SIGKILL)
        # Limits that were just set can be set right again for an hour.
        with sqlite3.connect(home.home / "sesame.db") as database:
            database.execute("UPDATE settings SET updated_at = updated_at - 3600000000 WHERE key = 'retention'")
        process, _ = self.serve(home)
        shown = self.until(
            lambda: json.loads(home.run("retention", "show", "--format", "json").out).get("last_run"), "the server does not apply the limits")
        self.assertIn("finished_at", shown)
        rows = self.outside(home)
        self.assertGreaterEqual(min(row["event_at"].date() for row in rows), self.horizon(DELETE))
        for row in rows:
            if row["recipient"] and row["event_at"].date() < self.horizon(ANONYMISE):
                self.assertRegex(row["recipient"], PSEUDONYM)
        self.stop(process)
        self.assertEqual({actor for actor, _ in self.audited(home, "retention.apply")}, {"system"})
        home.verify()
