"""Bad input gets a clear message with file and offset and the right exit status, its neighbours go in, and nothing is
left half done.
"""

import gzip
import json
import os
import resource
import signal
import subprocess
import threading
import unittest

import ses_events
from sesame import DISK, NOT_FOUND, OK, REFUSED_INPUT, USAGE, SesameTestCase, simulate

MEBIBYTE = 1 << 20


def line(number):
    return json.dumps(ses_events.event("Send", message=f"m-{number}")).encode() + b"\n"


class BadRecords(SesameTestCase):
    """A bad record between two good ones."""

    def setUp(self):
        self.home = self.new_home()

    def assert_one_refused(self, path, good, offset=None, memory=None, **report):
        """`good` events are in, one record is refused, and the message says where it is."""
        process = self.home.start("import", "--json", path)
        out, err, status, peak = wait_with_rusage(process)
        self.assertEqual(status, REFUSED_INPUT, err)
        found = json.loads(out)
        self.assertEqual({key: found[key] for key in ("events", "refused", *report)}, {"events": good, "refused": 1, **report})
        self.assertIn(path.name, err)
        if offset is not None:
            self.assertIn(str(offset), err)
        if memory is not None:
            self.assertLess(peak, memory, "peak memory")
        self.assertEqual(self.home.value("SELECT count(*) FROM events"), good)
        (refused,) = self.home.sql("SELECT origin, byte_offset, reason FROM refused")
        self.assertIn(path.name, refused["origin"])
        self.assertTrue(refused["reason"])
        if offset is not None:
            self.assertEqual(refused["byte_offset"], offset)
        self.home.verify()

    def assert_refused_between(self, name, bad, **options):
        first = line(1)
        path = self.file(name, first + bad + b"\n" + line(2))
        self.assert_one_refused(path, good=2, offset=len(first), **options)

    def test_broken_json(self):
        self.assert_refused_between("broken.json", b'{"eventType":"Send","mail":{"messageId":')

    def test_no_json_at_all(self):
        self.assert_refused_between("prose.json", b"Dear Sir or Madam")

    def test_json_that_is_no_event(self):
        self.assert_refused_between("other.json", b'{"hello":"world"}')

    def test_invalid_utf8(self):
        self.assert_refused_between("latin1.json", line(3).replace(b"orders@", b"caf\xe9@").rstrip())

    def test_nesting_of_100_000_levels(self):
        bomb = b'{"eventType":"Send","mail":{"messageId":"m-3","x":' + b"[" * 100_000 + b"]" * 100_000 + b"}}"
        self.assert_refused_between("deep.json", bomb)

    def test_nesting_that_is_never_closed(self):
        self.assert_one_refused(self.file("open.json", line(1) + b"[" * 100_000), good=1, offset=len(line(1)))

    def test_numbers_for_strings_are_read_as_their_text(self):
        bad = line(3).replace(b'"m-3"', b"12345").replace(b'"orders@example.com"', b"42")
        report = self.home.load(self.file("number.json", bad))
        self.assertEqual((report["events"], report["refused"]), (1, 0))
        self.assertEqual(self.home.values("SELECT message_id, sender FROM events"), [("12345", "42")])

    def test_date_that_is_none(self):
        for bad in (b'"NaN"', b"NaN", b'"2026-99-99T00:00:00Z"', b"null", b"{}"):
            with self.subTest(bad.decode()):
                self.home = self.new_home()
                self.assert_refused_between("date.json", line(3).replace(b'"2026-08-01T12:00:00.123Z"', bad).rstrip())

    def test_gzip_that_ends_early(self):
        """Whole records before the cut go in; the cut itself is one refusal."""
        whole = gzip.compress(b"".join(line(number) for number in range(5000)))
        path = self.file("cut.json.gz", whole[: len(whole) // 2])
        report = self.home.load(path, expect=REFUSED_INPUT)
        self.assertEqual(report["refused"], 1)
        self.assertTrue(0 < report["events"] < 5000, report)
        self.assertEqual(self.home.value("SELECT count(*) FROM events"), report["events"])
        self.home.verify()
        self.assertEqual(self.home.load(self.file("whole.json.gz", whole))["events"], 5000 - report["events"])

    def test_gzip_with_a_flipped_byte(self):
        whole = bytearray(gzip.compress(b"".join(line(number) for number in range(5000))))
        whole[len(whole) // 2] ^= 0xFF
        result = self.home.run("import", self.file("flipped.json.gz", bytes(whole)), expect=REFUSED_INPUT)
        self.assertIn("flipped.json.gz", result.err)
        self.home.verify()

    def test_line_of_100_megabytes(self):
        """Refused in bounded memory: the line is not kept whole."""
        path = self.file("long.json", line(1))
        with path.open("ab") as out:
            out.write(b'{"eventType":"Send","mail":{"messageId":"m-3","subject":"')
            for _ in range(100):
                out.write(b"x" * MEBIBYTE)
            out.write(b'"}}\n' + line(2))
        self.assert_one_refused(path, good=2, offset=len(line(1)), memory=600 * MEBIBYTE)

    def test_refused_again_is_kept_once(self):
        path = self.file("again.json", line(1) + b"{broken\n")
        for _ in range(2):
            self.home.run("import", path, expect=REFUSED_INPUT)
        self.assertEqual(self.home.value("SELECT count(*) FROM refused"), 1)


class BadFiles(SesameTestCase):
    def setUp(self):
        self.home = self.new_home()

    def test_empty_files_are_nothing_wrong(self):
        for name, content in (("empty.json", b""), ("blank.json", b"\n\n  \n"), ("empty.json.gz", gzip.compress(b""))):
            with self.subTest(name):
                report = self.home.load(self.file(name, content), expect=OK)
                self.assertEqual((report["events"], report["refused"]), (0, 0))

    def test_missing_file(self):
        result = self.home.run("import", self.folder / "nowhere.json", expect=NOT_FOUND)
        self.assertIn("nowhere.json", result.err)

    def test_missing_file_beside_a_good_one_imports_nothing(self):
        self.home.run("import", self.file("good.json", line(1)), self.folder / "nowhere.json", expect=NOT_FOUND)
        self.assertFalse((self.home.lake / "events").exists() and self.home.value("SELECT count(*) FROM events"))

    def test_no_path_at_all(self):
        self.home.run("import", expect=USAGE)

    def test_home_where_no_folder_can_be(self):
        """Fails for root too, whom permissions do not stop."""
        self.home.home = self.file("plain-file", "in the way") / "home"
        result = self.home.run("import", self.file("good.json", line(1)), expect=DISK)
        self.assertIn("plain-file", result.err)

    @unittest.skipIf(os.geteuid() == 0, "permissions do not stop root")
    def test_folder_without_rights(self):
        locked = self.file("locked/inside.json", line(1)).parent
        locked.chmod(0)
        self.addCleanup(locked.chmod, 0o700)
        result = self.home.run("import", locked, expect=None)
        self.assertIn(result.status, (NOT_FOUND, DISK), result)
        self.assertIn("locked", result.err)


class DiskFull(SesameTestCase):
    """The lake on a disk that has no room for the next import."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.input, cls.truth = simulate(cls.folder, 25_000)
        cls.before = cls.folder / "before.json"
        cls.before.write_bytes(line(1))

    def test_full_disk(self):
        disk = self.folder / "disk"
        disk.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", disk]
        if os.geteuid() != 0 or subprocess.run(mount, stderr=subprocess.DEVNULL).returncode != 0:
            self.skipTest("cannot mount a small disk here; the test of a file size limit stands in")
        self.addCleanup(subprocess.run, ["umount", "-l", disk], check=True)
        self.sesame.home = disk / "home"
        self.sesame.lake = self.sesame.home / "workspaces/default/lake"
        self.assert_stops_cleanly()
        subprocess.run(["mount", "-o", "remount,size=256m", disk], check=True)
        self.assert_goes_on()

    def test_file_size_limit(self):
        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (256 << 10, 256 << 10))

        self.sesame = self.new_home()
        self.assert_stops_cleanly(preexec_fn=limit, restore_signals=False)
        self.assert_goes_on()

    def assert_stops_cleanly(self, **options):
        self.sesame.load(self.before)
        result = self.sesame.run("import", self.input, expect=DISK, **options)
        self.assertIn(str(self.sesame.home), result.err)
        self.sesame.verify()
        self.assertEqual(self.sesame.value("SELECT count(*) FROM events WHERE message_id = 'm-1'"), 1)

    def assert_goes_on(self):
        self.sesame.load(self.input)
        self.assertEqual(self.sesame.counts("event_type", "message_id <> 'm-1'"), self.truth["by_type"])
        self.sesame.verify()


def wait_with_rusage(process):
    """Output, status and peak memory of a process; `wait4` because Popen throws the usage away."""
    texts = {}

    def drain(name, stream):
        texts[name] = stream.read().decode(errors="replace")

    readers = [threading.Thread(target=drain, args=item) for item in (("out", process.stdout), ("err", process.stderr))]
    for reader in readers:
        reader.start()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    for reader in readers:
        reader.join()
    process.stdout.close()
    process.stderr.close()
    return texts["out"], texts["err"], process.returncode, usage.ru_maxrss * 1024
