#!/usr/bin/env python3
"""Writes inputs to begin with: what SES, SNS, Firehose, EventBridge and AWS's SDKs send, and the corpus of real events if
it is there (`../shared/data`). libFuzzer changes them from there.

    Fuzz/seeds.py .build-fuzz/corpus
"""

import base64
import gzip
import hashlib
import json
import struct
import sys
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "Tests/EndToEnd"))
from ses_events import event  # noqa: E402

TYPES = ["Send", "Delivery", "Bounce", "Complaint", "Reject", "Open", "Click", "Rendering Failure", "DeliveryDelay", "Subscription"]
TOPIC = "arn:aws:sns:eu-west-1:123456789012:ses-events"
MESSAGE = {
    "Type": "Notification", "MessageId": "22b80b92-0000-4000-8000-000000000001", "TopicArn": TOPIC, "Subject": "Amazon SES",
    "Message": "", "Timestamp": "2026-08-01T12:00:00.000Z", "SignatureVersion": "2", "Signature": "c2lnbmF0dXJl",
    "SigningCertURL": "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0000.pem"}
CONFIRMATION = {**MESSAGE, "Type": "SubscriptionConfirmation", "Token": "t", "Subject": "x",
                "SubscribeURL": f"https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=t"}


def events():
    found = []
    for kind in TYPES:
        try:
            found.append(json.dumps(event(kind, "m-1")).encode())
        except (KeyError, TypeError, ValueError):
            pass
    for path in sorted((ROOT / "../shared/data").glob("ses-poc/*/*.json")):
        found += [line for line in path.read_bytes().splitlines()[:40] if 0 < len(line) < 8000]
    return found


def envelope(detail):
    return b'{"version":"0","id":"e","detail-type":"Email Sent","source":"aws.ses","account":"123456789012",' \
           b'"time":"2026-08-01T12:00:02Z","region":"eu-west-1","resources":[],"detail":' + detail + b"}"


def sns(event_bytes):
    return json.dumps({**MESSAGE, "Message": event_bytes.decode(errors="replace")}).encode()


def seeds():
    some = events()
    records = [{"data": base64.b64encode(one + b"\n").decode()} for one in some[:3]]
    delivery = {"requestId": "r-1", "timestamp": 1785585603000, "records": records}
    put = {"DeliveryStreamName": "s", "Records": [{"Data": one["data"]} for one in records]}
    signed = "AWS4-HMAC-SHA256 Credential=AKID/20260801/eu-west-1/firehose/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=" + "a" * 64
    presigned = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID%2F20260801%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Date=20260801T120000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=" + "b" * 64
    body = b"\n".join(some[:2])
    yield "events", [*some, body, b"[" + b",".join(some[:2]) + b"]", b"".join(some[:2]), *map(envelope, some[:2]), *map(sns, some[:2]),
                     json.dumps({"Records": [{"Sns": json.loads(sns(some[0]))}]}).encode(), json.dumps({"Records": [{"body": sns(some[0]).decode()}]}).encode(),
                     json.dumps(delivery).encode()]
    yield "eventbridge", [*map(envelope, some), b"[" + envelope(some[0]) + b"," + envelope(some[1]) + b"]"]
    yield "sns", [*map(sns, some), json.dumps(CONFIRMATION).encode()]
    yield "firehose", [json.dumps(one).encode() for one in (delivery, put, {"DeliveryStreamName": "s", "Record": put["Records"][0]}, {
        "DeliveryStreamName": "s", "ExtendedS3DestinationConfiguration": {"RoleARN": "r", "BucketARN": "b"}, "Tags": [{"Key": "k", "Value": "v"}]})]
    yield "sigv4", ["\n".join(lines).encode() for lines in (
        ("/", "", signed, "X-Amz-Date:20260801T120000Z", "Content-Type:application/json"), ("/a%20b/../c", presigned, ""),
        ("/", "a=1&a=0&%41=x", signed, "X-Amz-Date:20260801T120000Z", "x-amz-security-token:t"))]
    squeezed = zlib.compressobj(9, zlib.DEFLATED, 31)
    yield "body", [body, gzip.compress(body), gzip.compress(b" " * 300_000), gzip.compress(b"a") + gzip.compress(b"b"),
                   squeezed.compress(body) + squeezed.flush(), *zstd(body)]
    yield "segment", segments()


def zstd(body):
    try:
        import zstandard
    except ImportError:
        return [bytes.fromhex("28b52ffd2004210000616263640000")]
    return [zstandard.compress(body), zstandard.compress(b" " * 300_000)]


def segments():
    """Logs that a Sesame wrote, if it is built; else only what looks like their beginning."""
    import os
    import subprocess
    import tempfile

    binary = os.environ.get("SESAME_BINARY", str(ROOT / ".build/release/sesame"))
    if not Path(binary).exists():
        return [struct.pack("<Q", 0) * 8]
    with tempfile.TemporaryDirectory() as home:
        lines = b"\n".join(one for one in events()[:6]) + b"\n"
        subprocess.run([binary, "live-test", "--home", home, "--batch", "2", "--delay", "100000"], input=lines,
                       env={**os.environ, "SESAME_FAILPOINT": "log.afterSync", "SESAME_FAILPOINT_HIT": "3"}, capture_output=True)
        return [path.read_bytes()[:8192] for path in Path(home).rglob("*") if path.is_file() and path.parent.name == "log"]


def main():
    target_folder = Path(sys.argv[1])
    for target, inputs in seeds():
        folder = target_folder / target
        folder.mkdir(parents=True, exist_ok=True)
        for one in inputs:
            (folder / hashlib.sha256(one).hexdigest()[:16]).write_bytes(one)


if __name__ == "__main__":
    main()
