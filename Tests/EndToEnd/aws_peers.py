"""Servers that stand for AWS, and clients that are not ours: moto for S3, SQS and IAM, SeaweedFS for S3; boto3 writes."""

import contextlib
import json
import logging
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import boto3
import botocore.config

REGION = "eu-west-1"
KEY, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI-K7MDENG-bPxRfiCYEXAMPLEKEY"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for(what, condition, seconds=60):
    """Polls until `condition` gives something true, and returns that."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"after {seconds} s still not: {what}")
        time.sleep(0.1)


def client(service, url, key=KEY, secret=SECRET):
    return boto3.client(
        service, region_name=REGION, endpoint_url=url, aws_access_key_id=key, aws_secret_access_key=secret,
        config=botocore.config.Config(s3={"addressing_style": "path"}, retries={"max_attempts": 5}))


class Moto:
    """AWS in memory. What it holds outlives `stop`."""

    def __init__(self):
        from moto.server import ThreadedMotoServer

        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self.port = free_port()
        self.make = lambda: ThreadedMotoServer(ip_address="127.0.0.1", port=self.port, verbose=False)
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self):
        self.server = self.make()
        self.server.start()

    def stop(self):
        self.server.stop()

    def client(self, service, **options):
        return client(service, self.url, **options)

    @contextlib.contextmanager
    def enforcing(self):
        """Signatures and policies count, as at AWS."""
        self.post("/moto-api/reset-auth", b"0")
        try:
            yield
        finally:
            self.post("/moto-api/reset-auth", b"inf")

    def post(self, path, body):
        request = urllib.request.Request(
            self.url + path, data=body, headers={"Content-Type": "text/plain"}, method="POST")
        urllib.request.urlopen(request, timeout=10).close()

    def user(self, name, actions):
        """A user with a policy; its access key."""
        iam = self.client("iam")
        iam.create_user(UserName=name)
        statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
        iam.put_user_policy(
            UserName=name, PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
        made = iam.create_access_key(UserName=name)["AccessKey"]
        return made["AccessKeyId"], made["SecretAccessKey"]


class SeaweedFS:
    """A real S3 server in one binary, with one bucket; None where the binary is not at hand."""

    def __init__(self, folder, bucket):
        self.binary = shutil.which("weed") or str(Path(sys.executable).parent / "weed")
        ports = {f"-{name}.port={free_port()}" for name in ("master", "filer", "volume")}
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = open(folder / "weed.log", "wb")
        (folder / "weed").mkdir()
        self.process = subprocess.Popen(
            [self.binary, "mini", f"-dir={folder / 'weed'}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-master.telemetry=false",
             "-webdav=false", "-admin.ui=false", "-s3.port.lance=0", f"-s3.port={self.port}", *sorted(ports)],
            env={**os.environ, "AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET, "S3_BUCKET": bucket},
            stdout=self.log, stderr=subprocess.STDOUT, cwd=folder)
        s3 = client("s3", self.url)

        def is_up():
            if self.process.poll() is not None:
                raise AssertionError((folder / "weed.log").read_text()[-2000:])
            try:
                return bucket in [found["Name"] for found in s3.list_buckets()["Buckets"]]
            except Exception:
                return False

        wait_for("SeaweedFS is up", is_up)

    @staticmethod
    def is_at_hand():
        return bool(shutil.which("weed") or (Path(sys.executable).parent / "weed").exists())

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.log.close()
