"""The Firehose API as the AWS CLI speaks it: version 1 out of `.deps/awscli`, and version 2 where one is installed.

Version 2 reads binary parameters as Base64 unless told otherwise, and S4 tells it; version 1 takes them as they are and has no such
option.
"""

import json
import os
import re
import shutil
import subprocess
import unittest

from ses_events import event
from sesame import ROOT
from streams import S4, Served, conversion, rows_of


def installed(major):
    """A command line of that version; None if there is none."""
    for path in (ROOT / ".deps/awscli/bin/aws", "/usr/bin/aws", "/usr/local/bin/aws", shutil.which("aws")):
        if path and os.access(path, os.X_OK):
            version = subprocess.run([path, "--version"], capture_output=True, text=True)
            if re.match(rf"aws-cli/{major}\.", version.stdout + version.stderr):
                return str(path)
    return None


class Version1(Served):
    MAJOR, RAW = 1, []

    @classmethod
    def setUpClass(cls):
        cls.cli = installed(cls.MAJOR)
        if cls.cli is None:
            raise unittest.SkipTest(f"no AWS CLI of version {cls.MAJOR} is installed; run: scripts/setup --tests")
        super().setUpClass()

    def aws(self, *arguments, expect=0, secret=None):
        """Runs `aws firehose …`; gives what it printed, or where it fails its words."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | {
            "HOME": str(self.folder), "AWS_ACCESS_KEY_ID": self.source["access_key_id"],
            "AWS_SECRET_ACCESS_KEY": secret or self.source["secret"], "AWS_DEFAULT_REGION": "eu-west-1", "AWS_PAGER": "",
            "AWS_MAX_ATTEMPTS": "1", "AWS_EC2_METADATA_DISABLED": "true"}
        done = subprocess.run(
            [self.cli, "firehose", *arguments, "--endpoint-url", self.url, "--output", "json"], env=environment,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, expect, done.stderr)
        return done.stderr if expect else json.loads(done.stdout or "{}")

    def test_s4_puts_its_records_unchanged(self):
        self.sesame.run("stream", "schema", "events-stream-dev-video", S4, "--table", "events-dev-video")
        destination = self.folder / "destination.json"
        destination.write_text(json.dumps(conversion("events-dev-video")))
        made = self.aws("create-delivery-stream", "--delivery-stream-name", "events-stream-dev-video",
                        "--extended-s3-destination-configuration", f"file://{destination}")
        self.assertEqual(made["DeliveryStreamARN"], "arn:aws:firehose:eu-west-1:000000000000:deliverystream/events-stream-dev-video")
        for user in "1234":
            told = self.aws("put-record", "--delivery-stream-name", "events-stream-dev-video", *self.RAW,
                            "--record", json.dumps({"Data": json.dumps({"id": "1", "userId": user})}))
            self.assertTrue(told["RecordId"])
        self.wait_for('SELECT id, userid, format FROM "events-dev-video" ORDER BY userId', [("1", user, None) for user in "1234"])
        self.assertEqual(sorted(row["userId"] for row in rows_of(self.sesame, "events-dev-video", "userId")), list("1234"))

    def test_batches_and_the_commands_about_streams(self):
        records = self.folder / "records.json"
        records.write_text(json.dumps([{"Data": json.dumps(event("Send", f"cli-{n}"))} for n in range(200)]))
        told = self.aws("put-record-batch", "--delivery-stream-name", "api", *self.RAW, "--records", f"file://{records}")
        self.assertEqual((told["FailedPutCount"], len({one["RecordId"] for one in told["RequestResponses"]})), (0, 200))
        self.wait_for("SELECT count(*) FROM events WHERE message_id LIKE 'cli-%' AND source_name = 'api'", [(200,)])
        self.aws("create-delivery-stream", "--delivery-stream-name", "orders", "--s3-destination-configuration",
                 "RoleARN=arn:aws:iam::123456789012:role/r,BucketARN=arn:aws:s3:::b,Prefix=ses/", "--tags", "Key=team,Value=mail")
        described = self.aws("describe-delivery-stream", "--delivery-stream-name", "orders")["DeliveryStreamDescription"]
        self.assertEqual((described["DeliveryStreamStatus"], described["Destinations"][0]["S3DestinationDescription"]["Prefix"]), ("ACTIVE", "ses/"))
        self.aws("update-destination", "--delivery-stream-name", "orders", "--current-delivery-stream-version-id", described["VersionId"],
                 "--destination-id", described["Destinations"][0]["DestinationId"], "--s3-destination-update", "Prefix=new/")
        self.assertIn("orders", self.aws("list-delivery-streams")["DeliveryStreamNames"])
        self.assertEqual(
            self.aws("list-tags-for-delivery-stream", "--delivery-stream-name", "orders")["Tags"], [{"Key": "team", "Value": "mail"}])
        self.aws("delete-delivery-stream", "--delivery-stream-name", "orders")
        self.assertIn("ResourceNotFoundException", self.aws("describe-delivery-stream", "--delivery-stream-name", "orders", expect=self.FAILED))
        self.assertIn("InvalidSignatureException", self.aws("list-delivery-streams", secret="x", expect=self.FAILED))

    # How the command line ends where the service refuses.
    FAILED = 255


class Version2(Version1):
    MAJOR, RAW = 2, ["--cli-binary-format", "raw-in-base64-out"]
    FAILED = 254

    def test_the_command_that_setup_prints_works_as_it_stands(self):
        (self.folder / "event.json").write_text(json.dumps(event("Send", "printed", subject="it's, {well}")))
        script = self.sesame.run("source", "setup", "api", "--url", self.url).out
        folder = self.folder / "bin"
        folder.mkdir()
        (folder / "aws").symlink_to(self.cli)
        done = subprocess.run(
            ["bash", "-eu", "-c", script], cwd=self.folder, capture_output=True, text=True,
            env={"PATH": f"{folder}:{os.environ['PATH']}", "HOME": str(self.folder), "SESAME_SECRET": self.source["secret"], "AWS_PAGER": ""})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.wait_for("SELECT count(*) FROM events WHERE message_id = 'printed'", [(1,)])


if __name__ == "__main__":
    unittest.main()
