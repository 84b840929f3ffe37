"""`sesame refused`: what could not be read is listed, shown as it is, and replayed — alone, beside a running server and
through its API, and across kill -9.

What "can be read now" is made as an upgrade would make it: rows are put into the table `refused`, by a writer that shares
no code with Sesame, whose bytes are good today and whose reason is that of a version which could not read them.
"""

import datetime
import hashlib
import json
import signal
import subprocess
import time
import urllib.error
import urllib.request

from ses_events import event
from sesame import FORBIDDEN, NOT_FOUND, OK, REFUSED_INPUT, USAGE, SesameTestCase
from server import Server

OLD_REASON = "of a version that could not read it"


def as_refused_before(sesame, bodies, source="shop", reason=OLD_REASON, kept=None):
    """Puts rows into `refused` as an older version would have left them; gives their ids."""
    import deltalake
    import pyarrow

    at = datetime.datetime(2026, 8, 1, 12, tzinfo=datetime.timezone.utc)
    ids = [hashlib.md5(body + reason.encode() + str(number).encode()).hexdigest() for number, body in enumerate(bodies)]
    texts, numbers = pyarrow.string(), pyarrow.int64()
    columns = {
        "refused_id": (ids, texts), "refused_at": ([at] * len(bodies), pyarrow.timestamp("us", "UTC")),
        "source_name": ([source] * len(bodies), texts), "origin": ([f"old-{n}.json" for n in range(len(bodies))], texts),
        "byte_offset": ([100] * len(bodies), numbers), "line": ([7] * len(bodies), numbers),
        "reason": ([reason] * len(bodies), texts), "byte_count": ([len(body) for body in bodies], numbers),
        "body": ([body[:kept] for body in bodies], pyarrow.binary())}
    table = pyarrow.table({name: pyarrow.array(values, kind) for name, (values, kind) in columns.items()})
    deltalake.write_deltalake(str(sesame.lake / "refused"), table, mode="append")
    return ids


class Refused(SesameTestCase):
    def lines(self, count, prefix="m"):
        return [json.dumps(event("Send", message=f"{prefix}-{number}")).encode() for number in range(count)]

    def home(self, *content):
        """A home with a lake, into which this was imported."""
        sesame = self.new_home()
        path = self.file(f"first-{len(content)}.json", b"\n".join([self.lines(1, "first")[0], *content]) + b"\n")
        sesame.load(path, expect=REFUSED_INPUT if content else OK)
        return sesame

    def listed(self, sesame, *options):
        return json.loads(sesame.run("refused", "list", "--format", "json", *options).out)

    def replay(self, sesame, *options, expect=OK):
        return json.loads(sesame.run("refused", "replay", "--json", *options, expect=expect).out)

    def messages(self, sesame):
        return sorted(id for id, in sesame.values("SELECT message_id FROM events"))

    def serve(self, sesame, *options):
        server = Server(sesame, *options)
        self.addCleanup(server.end)
        return server

    def token(self, sesame, scope):
        return json.loads(sesame.run("token", "add", "t", "--scope", scope, "--format", "json").out)[0]["token"]

    def call(self, server, path, token, body=None):
        request = urllib.request.Request(
            server.url + path, data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def test_list_filters_and_counts(self):
        sesame = self.home(b"no json at all", b'{"eventType":"Send"}', b'{"eventType":"Open"}')
        as_refused_before(sesame, self.lines(2))
        rows = self.listed(sesame)
        self.assertEqual(len(rows), 5)
        self.assertEqual([row["refused_at"] for row in rows], sorted((row["refused_at"] for row in rows), reverse=True))
        self.assertEqual(len(self.listed(sesame, "--source", "shop")), 2)
        self.assertEqual(len(self.listed(sesame, "--reason", "MAIL IS missing")), 2)
        self.assertEqual(len(self.listed(sesame, "--since", "1h")), 3)
        self.assertEqual(len(self.listed(sesame, "--since", "2026-08-01")), 5)
        self.assertEqual(len(self.listed(sesame, "--limit", 1)), 1)
        table = sesame.run("refused")
        self.assertIn("5 of 5 records", table.err)
        counts = json.loads(sesame.run("refused", "summary", "--format", "json").out)
        self.assertEqual(sum(row["count"] for row in counts), 5)
        self.assertIn({"source": "shop", "reason": OLD_REASON, "count": 2, "newest": "2026-08-01T12:00:00.000Z"}, counts)
        self.assertIn("nothing that was refused", sesame.run("refused", "list", "--source", "none").out)
        sesame.run("refused", "list", "--since", "yesterday", expect=USAGE)

    def test_show_gives_the_bytes_and_no_harm(self):
        attack = b'<script>alert(1)</script> \x1b[2J\x1b]0;gone\x07 \xe2\x80\xaegnp.exe'
        binary = bytes(range(256)) * 3
        page = b'<img src=x onerror="alert(1)">'
        sesame = self.home()
        for name, body in (("attack", attack), ("page", page), ("binary", binary.replace(b"\n", b"").replace(b"\r", b""))):
            sesame.load(self.file(name + ".txt", body), expect=REFUSED_INPUT)
        rows = self.listed(sesame)
        self.assertGreaterEqual(len(rows), 3)
        seen = b""
        for row in rows:
            shown = sesame.run("refused", "show", row["refused_id"])
            self.assertNotIn("\x1b", shown.out)
            self.assertNotIn("\x07", shown.out)
            self.assertNotIn("\u202e", shown.out)
            process = sesame.start("refused", "show", "--raw", row["refused_id"])
            out, _ = process.communicate(timeout=60)
            self.assertEqual(len(out), row["byte_count"])
            seen += out
            one, = json.loads(sesame.run("refused", "show", row["refused_id"], "--format", "json").out)
            self.assertTrue(one["body"] is not None or one["body_base64"] is not None)
        for body in (attack, page):
            self.assertIn(body, seen)
        dump = [sesame.run("refused", "show", row["refused_id"]).out for row in rows if row["origin"].endswith("attack.txt")]
        self.assertIn("00000000  3c 73 63 72 69 70 74 3e", dump[0])
        sesame.run("refused", "show", "000000", expect=NOT_FOUND)
        sesame.run("refused", "show", "x' OR 1=1", expect=1)
        sesame.run("refused", "show", "ab", expect=1)

    def test_replay_takes_in_what_can_be_read_now(self):
        sesame = self.home(b'{"eventType":"Send"}')
        lines = self.lines(3)
        ids = as_refused_before(sesame, [*lines, lines[0] + b"\n" + self.lines(1, "n")[0], b"still no json"])
        dry = self.replay(sesame, "--source", "shop", "--dry-run")
        self.assertEqual(dry, {"records": 5, "read": 4, "events": 4, "duplicates": 1, "refused": 1, "incomplete": 0})
        self.assertEqual(self.messages(sesame), ["first-0"])
        self.assertEqual(self.replay(sesame, ids[1][:8])["events"], 1)
        self.assertEqual(self.messages(sesame), ["first-0", "m-1"])
        report = self.replay(sesame, "--reason", "OF A VERSION", expect=REFUSED_INPUT)
        self.assertEqual(report, {"records": 4, "read": 3, "events": 3, "duplicates": 1, "refused": 1, "incomplete": 0})
        self.assertEqual(self.messages(sesame), ["first-0", "m-0", "m-1", "m-2", "n-0"])
        # The one that still cannot be read has the reason of today, once, and its old place.
        left = {row["reason"]: row for row in self.listed(sesame)}
        self.assertEqual(set(left), {"text that is not a JSON object", "mail is missing"})
        self.assertEqual(left["text that is not a JSON object"]["origin"], "old-4.json")
        self.assertEqual(left["text that is not a JSON object"]["byte_offset"], 100)
        for _ in range(2):
            self.assertEqual(self.replay(sesame, "--all", expect=REFUSED_INPUT)["refused"], 2)
            self.assertEqual(len(self.listed(sesame)), 2)
        (origin, source, received), = sesame.values(
            "SELECT origin, source_name, received_at = TIMESTAMPTZ '2026-08-01 12:00:00Z' FROM events WHERE message_id = 'm-1'")
        self.assertEqual((origin, source, received), ("old-1.json", "shop", True))
        self.assertEqual(sesame.value("SELECT count(*) FROM messages"), 5)
        # Another reader agrees, and a rebuild, which knows only raw and the log, loses nothing.
        import deltalake
        self.assertEqual(deltalake.DeltaTable(str(sesame.lake / "refused")).to_pyarrow_table().num_rows, 2)
        sesame.verify()
        sesame.run("lake", "rebuild")
        self.assertEqual(self.messages(sesame), ["first-0", "m-0", "m-1", "m-2", "n-0"])
        self.assertIn("nothing to replay", sesame.run("refused", "replay", "--source", "shop", "--reason", "zzz").out)
        sesame.run("refused", "replay", expect=USAGE)

    def test_a_cut_record_stays_and_its_good_form_counts_once(self):
        whole = self.lines(1, "cut")[0]
        sesame = self.home(whole[:200])
        (row,) = self.listed(sesame)
        self.assertIn("cut off", row["reason"])
        sesame.load(self.file("whole.json", whole))
        self.assertEqual(self.replay(sesame, "--all", expect=REFUSED_INPUT)["refused"], 1)
        self.assertEqual(self.listed(sesame), [row])
        # The cut record as it would be after somebody mended it.
        as_refused_before(sesame, [whole])
        report = self.replay(sesame, "--source", "shop")
        self.assertEqual((report["read"], report["events"], report["duplicates"]), (1, 0, 1))
        self.assertEqual(self.messages(sesame), ["cut-0", "first-0"])
        self.assertEqual(self.listed(sesame), [row])

    def test_a_long_record_is_found_in_raw_or_said_to_be_missing(self):
        long = event("Send", message="long-0")
        long["mail"]["headers"] = [{"name": "X-Long", "value": "x" * 100_000}]
        lost = dict(long, mail=dict(long["mail"], messageId="lost-0"))
        bodies = [json.dumps(one).encode() for one in (long, lost)]
        sesame = self.home()
        # Raw has the first one, in a file of its day; an older version kept the beginnings of both.
        raw = sesame.lake / "raw/year=2026/month=08/day=01"
        raw.mkdir(parents=True)
        (raw / "older.ndjson").write_bytes(self.lines(1, "first")[0] + b"\n" + bodies[0] + b"\n")
        as_refused_before(sesame, bodies, kept=65_536)
        self.assertIn("only the first 65,536 bytes", sesame.run("refused", "show", self.listed(sesame)[0]["refused_id"]).err)
        report = self.replay(sesame, "--all", expect=REFUSED_INPUT)
        self.assertEqual(report, {"records": 2, "read": 1, "events": 1, "duplicates": 0, "refused": 0, "incomplete": 1})
        self.assertEqual(self.messages(sesame), ["first-0", "long-0"])
        self.assertEqual(len(self.listed(sesame)), 1)
        self.assertIn("not kept whole", sesame.run("refused", "replay", "--all", expect=REFUSED_INPUT).out)

    def test_beside_a_server_the_server_does_it(self):
        sesame = self.home(b"no json")
        as_refused_before(sesame, self.lines(3))
        server = self.serve(sesame)
        self.assertEqual((sesame.home / "server.url").read_text(), server.url + "\n")
        self.assertEqual((sesame.home / "server.url").stat().st_mode & 0o777, 0o600)
        self.assertEqual(self.replay(sesame, "--source", "shop", "--dry-run")["events"], 3)
        report = self.replay(sesame, "--all", expect=REFUSED_INPUT)
        self.assertEqual((report["read"], report["events"], report["refused"]), (3, 3, 1))
        self.assertEqual(len(self.listed(sesame)), 1)
        deadline = time.monotonic() + 30
        while len(self.messages(sesame)) < 4:
            self.assertLess(time.monotonic(), deadline, "the replayed events never came")
        self.assertEqual(server.stop()[0], OK)
        self.assertFalse((sesame.home / "server.url").exists())
        self.assertEqual(self.messages(sesame), ["first-0", "m-0", "m-1", "m-2"])
        # The token that it made for itself opens nothing any more.
        tokens = json.loads(sesame.run("token", "list", "--format", "json").out)
        self.assertTrue(tokens and all(token.get("revoked_at") or token.get("state") == "revoked" for token in tokens), tokens)
        sesame.verify()

    def test_beside_another_writer_it_says_what_to_do(self):
        sesame = self.home()
        process = sesame.start("live-test", stdin=-1, bufsize=0)
        process.stdin.write(self.lines(1, "live")[0] + b"\n")
        self.assertEqual(process.stdout.readline(), b"1\n")
        self.assertIn("another Sesame process", sesame.run("refused", "replay", "--all", expect=FORBIDDEN).err)
        process.communicate()

    def test_the_api(self):
        sesame = self.home(b'{"eventType":"Send"}', b'<script>alert("x")</script>')
        ids = as_refused_before(sesame, self.lines(5))
        reader, admin = self.token(sesame, "read"), self.token(sesame, "admin")
        server = self.serve(sesame)
        first = self.call(server, "/api/v1/refused?limit=3", reader)
        self.assertEqual((len(first["refused"]), first["total"]), (3, 7))
        second = self.call(server, f"/api/v1/refused?limit=100&after={first['next']}", reader)
        self.assertEqual(len(second["refused"]), 4)
        self.assertNotIn("next", second)
        found = {row["id"] for row in first["refused"] + second["refused"]}
        self.assertEqual(len(found), 7)
        self.assertLessEqual(set(ids), found)
        some = self.call(server, "/api/v1/refused?source=shop&reason=version%20that&since=2026-08-01T00:00:00Z", reader)
        self.assertEqual(some["total"], 5)
        self.assertEqual(some["counts"][0]["count"], 5)
        one = self.call(server, f"/api/v1/refused/{ids[0][:10]}", reader)
        self.assertEqual((one["id"], one["body"].encode(), one["is_whole"]), (ids[0], self.lines(1)[0], True))
        for path, token, body, status in (
                ("/api/v1/refused", admin, None, 403), ("/api/v1/refused", "x", None, 401),
                ("/api/v1/refused/replay", reader, {"all": True}, 403), ("/api/v1/refused/replay", admin, {}, 400),
                ("/api/v1/refused/replay", admin, {"ids": ["zz"]}, 400), ("/api/v1/refused/ffffffff", reader, None, 404),
                ("/api/v1/refused?after=x", reader, None, 400), ("/api/v1/refused?limit=0", reader, None, 400)):
            with self.subTest(path=path, status=status), self.assertRaises(urllib.error.HTTPError) as caught:
                self.call(server, path, token, body)
            self.assertEqual(caught.exception.code, status)
            caught.exception.close()
        report = self.call(server, "/api/v1/refused/replay", admin, {"ids": ids[:2]})
        self.assertEqual((report["records"], report["events"]), (2, 2))
        report = self.call(server, "/api/v1/refused/replay", admin, {"all": True})
        self.assertEqual((report["records"], report["events"], report["refused"]), (5, 3, 2))
        self.assertEqual(server.stop()[0], OK)
        self.assertEqual(len(self.messages(sesame)), 6)

    def test_kill_9_in_the_middle(self):
        bodies = self.lines(40) + [b"no json"]
        for place, hit in (("log.beforeSync", 1), ("log.afterSync", 1), ("replay.beforeSettle", 1),
                           ("delete.beforeCommit", 1), ("lake.beforeCommit", 1), ("lake.afterCommit", 1)):
            with self.subTest(place=place):
                sesame = self.home()
                as_refused_before(sesame, bodies)
                process = subprocess.Popen(
                    sesame.command("refused", "replay", "--all"),
                    env={**sesame.environment, "SESAME_FAILPOINT": place, "SESAME_FAILPOINT_HIT": str(hit)},
                    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                self.assertEqual(process.wait(timeout=120), -signal.SIGKILL)
                # Nothing is lost: each is in refused, or its bytes are in the log or in events.
                # One that is refused for another reason now may stand there under both, until the next replay.
                self.assertLessEqual(len(self.listed(sesame)), len(bodies) + 1)
                self.replay(sesame, "--all", expect=REFUSED_INPUT)
                self.assertEqual(len(self.messages(sesame)), 41)
                self.assertEqual(sesame.value("SELECT count(DISTINCT event_id) FROM events"), 41)
                self.assertEqual([row["reason"] for row in self.listed(sesame)], ["text that is not a JSON object"])
                sesame.verify()
