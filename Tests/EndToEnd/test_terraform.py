"""A stream as Terraform's AWS provider makes, changes and destroys it."""

import os
import shutil
import subprocess
import unittest
from pathlib import Path

from streams import S4, Served

TERRAFORM = shutil.which("terraform")
# Where providers may lie, so that none is downloaded; SESAME_TERRAFORM_PLUGINS names another folder.
PLUGINS = next(
    (folder for folder in map(Path, (
        os.environ.get("SESAME_TERRAFORM_PLUGINS", "/usr/share/terraform/plugins"), "/usr/local/share/terraform/plugins",
        "/opt/tf-plugins")) if (folder / "registry.terraform.io/hashicorp/aws").is_dir()), None)


class Terraform(Served):
    """S4's stream by the AWS provider; left out, with a word, where Terraform and its provider are not installed."""

    CONFIGURATION = """
        terraform {
          required_providers { aws = { source = "hashicorp/aws" } }
        }
        provider "aws" {
          region = "eu-west-1"
          access_key = "%(key)s"
          secret_key = "%(secret)s"
          skip_credentials_validation = true
          skip_requesting_account_id = true
          skip_metadata_api_check = true
          endpoints { firehose = "%(url)s" }
        }
        resource "aws_kinesis_firehose_delivery_stream" "events" {
          name = "events-stream-dev-lab"
          destination = "extended_s3"
          extended_s3_configuration {
            role_arn = "arn:aws:iam::123456789012:role/firehose"
            bucket_arn = "arn:aws:s3:::events-dev-lab"
            buffering_size = 64
            buffering_interval = %(interval)d
            data_format_conversion_configuration {
              input_format_configuration {
                deserializer {
                  open_x_json_ser_de {}
                }
              }
              output_format_configuration {
                serializer {
                  parquet_ser_de {}
                }
              }
              schema_configuration {
                database_name = "video-analytics-dev-lab"
                table_name = "events-dev-lab"
                role_arn = "arn:aws:iam::123456789012:role/firehose"
                region = "eu-west-1"
              }
            }
          }
        }
        """

    @classmethod
    def setUpClass(cls):
        if not TERRAFORM or not PLUGINS:
            print("left out: Terraform and a folder with its AWS provider are not installed here")
            raise unittest.SkipTest("Terraform is not installed")
        super().setUpClass()

    def terraform(self, *arguments, expect=(0,)):
        environment = {**os.environ, "TF_CLI_CONFIG_FILE": str(self.folder / "terraform.rc"), "CHECKPOINT_DISABLE": "1",
                       "AWS_EC2_METADATA_DISABLED": "true"}
        done = subprocess.run(
            [TERRAFORM, *arguments], cwd=self.folder / "s4", env=environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600)
        self.assertIn(done.returncode, expect, done.stdout[-4000:])
        return done.stdout

    def configure(self, interval):
        self.file("s4/main.tf", self.CONFIGURATION % {
            "key": self.source["access_key_id"], "secret": self.source["secret"], "url": self.url, "interval": interval})

    def test_apply_plan_change_destroy(self):
        self.file("terraform.rc", f'provider_installation {{ filesystem_mirror {{ path = "{PLUGINS}" }} }}')
        self.configure(60)
        self.terraform("init", "-no-color")
        # Nothing is known of the table yet, and Terraform shows what to do.
        self.assertIn("sesame stream schema", " ".join(self.terraform("apply", "-auto-approve", "-no-color", expect=(1,)).split()))
        self.sesame.run("stream", "schema", "events-dev-lab", S4)
        self.terraform("apply", "-auto-approve", "-no-color")
        self.terraform("plan", "-detailed-exitcode", "-no-color")
        self.firehose.put_record(
            DeliveryStreamName="events-stream-dev-lab", Record={"Data": b'{"id":"1","userId":"1"}'})
        self.wait_for('SELECT id, userId FROM "events-dev-lab"', [("1", "1")])
        self.configure(120)
        self.terraform("apply", "-auto-approve", "-no-color")
        self.terraform("plan", "-detailed-exitcode", "-no-color")
        self.terraform("destroy", "-auto-approve", "-no-color")
        self.assertNotIn("events-stream-dev-lab", self.firehose.list_delivery_streams()["DeliveryStreamNames"])
        self.assertEqual(self.sesame.values('SELECT count(*) FROM "events-dev-lab"'), [(1,)])
