"""What tests of streams share: a server to which boto3 puts records, and their rows read by `deltalake`."""

import json
import time

import boto3
import botocore.config
import deltalake

from server import ServedTestCase

# The table of S4, as its Terraform declares it.
S4 = "id string, userId string, format string, timestamp timestamp"


def conversion(table, **serde):
    return {
        "RoleARN": "arn:aws:iam::123456789012:role/r", "BucketARN": "arn:aws:s3:::events",
        "BufferingHints": {"SizeInMBs": 64, "IntervalInSeconds": 60},
        "DataFormatConversionConfiguration": {
            "Enabled": True,
            "SchemaConfiguration": {"DatabaseName": "video-analytics", "TableName": table, "RoleARN": "arn:aws:iam::123456789012:role/r"},
            "InputFormatConfiguration": {"Deserializer": {"OpenXJsonSerDe": serde}},
            "OutputFormatConfiguration": {"Serializer": {"ParquetSerDe": {}}},
        },
    }


def rows_of(home, table, *columns):
    return deltalake.DeltaTable(str(home.lake / "streams" / table)).to_pyarrow_table(columns=list(columns) or None).to_pylist()


def live(home, file, *options):
    """Takes the lines of a file the live way; one that begins with @NAME is a record of that stream."""
    with file.open() as lines:
        home.run("live-test", *options, stdin=lines)


class Served(ServedTestCase):
    """A server and a source whose key signs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.source = json.loads(
            cls.sesame.run("source", "add", "api", "--kind", "firehose-api", "--format", "json").out)[0]
        cls.serve()

    @property
    def firehose(self):
        return boto3.client(
            "firehose", endpoint_url=self.url, region_name="eu-west-1", aws_access_key_id=self.source["access_key_id"],
            aws_secret_access_key=self.source["secret"], config=botocore.config.Config(retries={"total_max_attempts": 1}))

    def wait_for(self, statement, expected):
        deadline = time.monotonic() + 60
        found = None
        while time.monotonic() < deadline:
            found = self.sesame.values(statement)
            if found == expected:
                return
            time.sleep(0.2)
        self.assertEqual(found, expected)
