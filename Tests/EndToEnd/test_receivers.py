"""The receivers as AWS meets them: boto3, messages signed as SNS signs, Firehose's deliveries, over real sockets.

SNS itself is played by a certificate authority and an HTTP server of this test: `--sns-roots` names the one, and
`--sns-endpoint` the other.
"""

import base64
import gzip
import http.server
import json
import socket
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from datetime import datetime, timedelta, timezone

import boto3
import botocore.config
import botocore.exceptions
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from ses_events import event
from server import ServedTestCase

TOPIC = "arn:aws:sns:eu-west-1:123456789012:ses-events"
STREAM = "arn:aws:firehose:eu-west-1:123456789012:deliverystream/ses-events"


class SNS:
    """Certificates and signatures as SNS makes them, and the host that serves and confirms."""

    PATH = "/SimpleNotificationService-0000.pem"

    def __init__(self):
        root, self.key = self.new_key(), self.new_key()
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test root")])
        self.root = self.certificate(name, name, root.public_key(), root, is_authority=True)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
        self.leaf = self.certificate(subject, name, self.key.public_key(), root, is_authority=False)
        self.requests = []
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    @staticmethod
    def new_key():
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)

    @staticmethod
    def certificate(subject, issuer, public_key, signer, is_authority):
        now = datetime.now(timezone.utc)
        builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(public_key)
                   .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
                   .not_valid_after(now + timedelta(days=30))
                   .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True))
        if not is_authority:
            names = x509.SubjectAlternativeName([x509.DNSName("sns.amazonaws.com")])
            builder = builder.add_extension(names, critical=False)
        return builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    def handler(sns):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                sns.requests.append(self.path)
                body = sns.leaf if self.path == sns.PATH else b"<ConfirmSubscriptionResponse/>"
                self.send_response(302 if "Token=redirect" in self.path else 200)
                if "Token=redirect" in self.path:
                    self.send_header("Location", sns.url + "/inside")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        return Handler

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def message(self, kind="Notification", text="", topic=TOPIC, key=None, at=None, **members):
        body = {"Type": kind, "MessageId": "22b80b92-0000-4000-8000-000000000001", "TopicArn": topic, "Message": text,
                "Timestamp": (at or datetime.now(timezone.utc)).strftime("%Y-%m-%dT%H:%M:%S.000Z"), **members}
        signed = ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
        if kind != "Notification":
            signed = ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
        string = "".join(f"{name}\n{body[name]}\n" for name in signed if name in body)
        signature = (key or self.key).sign(string.encode(), padding.PKCS1v15(), hashes.SHA256())
        body |= {"SignatureVersion": "2", "Signature": base64.b64encode(signature).decode(),
                 "SigningCertURL": "https://sns.eu-west-1.amazonaws.com" + self.PATH}
        return json.dumps(body).encode()

    def confirmation(self, token="t0ken"):
        url = f"https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token={token}"
        return self.message("SubscriptionConfirmation", "You have chosen", Token=token, SubscribeURL=url)


class Receivers(ServedTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sns = SNS()
        cls.addClassCleanup(cls.sns.close)
        roots = cls.folder / "roots.pem"
        roots.write_bytes(cls.sns.root)
        cls.sources = {
            "topic": cls.add("topic", "--kind", "sns", "--topic-arn", TOPIC),
            "raw": cls.add("raw", "--kind", "sns", "--topic-arn", TOPIC, "--raw"),
            "stream": cls.add("stream", "--kind", "firehose"),
            "bus": cls.add("bus", "--kind", "eventbridge"),
            "api": cls.add("api", "--kind", "firehose-api"),
            "twice": cls.add("twice", "--kind", "http"),
        }
        cls.serve("--sns-roots", roots, "--sns-endpoint", cls.sns.url)

    @classmethod
    def add(cls, name, *options):
        return json.loads(cls.sesame.run("source", "add", name, *options, "--format", "json").out)[0]

    def post(self, path, body, headers=None, expect=200):
        request = urllib.request.Request(self.url + path, data=body, headers=headers or {}, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                status, headers, text = answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            status, headers, text = error.code, error.headers, error.read()
        self.assertEqual(status, expect, text)
        return headers, text

    def post_sns(self, name, body, expect=200, query="", **headers):
        headers = {"Content-Type": "text/plain; charset=UTF-8", **{k.replace("_", "-"): v for k, v in headers.items()}}
        return self.post(f"/ingest/sns/{name}{query}", body, headers, expect)

    def firehose(self, **changes):
        source = self.sources["api"]
        options = {"endpoint_url": self.url, "region_name": "eu-west-1", "aws_access_key_id": source["access_key_id"],
                   "aws_secret_access_key": source["secret"],
                   "config": botocore.config.Config(retries={"total_max_attempts": 1}), **changes}
        return boto3.client("firehose", **options)

    def assert_arrives(self, message_id, source):
        """The event is in the lake before long, as one of that source."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            found = self.sesame.values(f"SELECT source_name FROM events WHERE message_id = '{message_id}'")
            if found:
                self.assertEqual(found, [(source,)])
                return
            time.sleep(0.2)
        self.fail(f"{message_id} did not come into the lake")

    @staticmethod
    def line(message_id):
        return (json.dumps(event("Send", message_id)) + "\n").encode()

    # SNS

    def test_a_signed_notification_arrives(self):
        self.post_sns("topic", self.sns.message(text=self.line("sns-1").decode(), Subject="Amazon SES"))
        self.assert_arrives("sns-1", "topic")

    def test_a_subscription_is_confirmed_at_sns_and_nowhere_else(self):
        self.post_sns("topic", self.sns.confirmation())
        self.assertTrue(any("Action=ConfirmSubscription" in path for path in self.sns.requests))
        self.post_sns("topic", self.sns.confirmation("redirect"), expect=503)
        self.assertNotIn("/inside", self.sns.requests)

    def test_forged_foreign_and_old_messages_are_refused(self):
        for body in (
            self.sns.message(text="{}", key=SNS.new_key()),
            self.sns.message(text="{}", topic=TOPIC.replace("123456789012", "999999999999")),
            self.sns.message(text="{}").replace(b'"{}"', b'"{ }"'),
        ):
            self.post_sns("topic", body, expect=403)
        # A replay; or a clock that is wrong, and then SNS must not drop it.
        self.post_sns("topic", self.sns.message(text="{}", at=datetime.now(timezone.utc) - timedelta(hours=2)), expect=503)
        self.post_sns("topic", b"{}", expect=400)
        self.post_sns("nobody", b"{}", expect=404)
        self.post_sns("..%2ftopic", b"{}", expect=404)

    def test_raw_messages_need_the_secret(self):
        secret, body = self.sources["raw"]["secret"], self.line("sns-raw-1")
        headers = {"x_amz_sns_rawdelivery": "true", "x_amz_sns_topic_arn": TOPIC}
        self.post_sns("raw", body, expect=401, **headers)
        self.post_sns("raw", body, expect=403, query="?token=" + self.sources["stream"]["secret"], **headers)
        self.post_sns("topic", body, expect=403, query="?token=" + secret, **headers)
        self.post_sns("raw", body, query="?token=" + secret, **headers)
        self.assert_arrives("sns-raw-1", "raw")

    # Firehose as a caller

    def deliver(self, records, key=None, expect=200, compress=True, body=None):
        body = body or json.dumps({"requestId": "r-1", "timestamp": 1785585603000, "records": [
            {"data": base64.b64encode(record).decode()} for record in records]}).encode()
        headers = {"X-Amz-Firehose-Protocol-Version": "1.0", "X-Amz-Firehose-Request-Id": "r-1",
                   "X-Amz-Firehose-Source-Arn": STREAM, "Content-Type": "application/json",
                   "X-Amz-Firehose-Access-Key": key or self.sources["stream"]["secret"]}
        if compress:
            body, headers["Content-Encoding"] = gzip.compress(body), "gzip"
        return self.post("/ingest/firehose/stream", body, headers, expect)

    def test_a_delivery_arrives_and_is_answered_as_firehose_wants(self):
        for compress in (True, False):
            one, two = f"fh-1-{compress}", f"fh-2-{compress}"
            headers, text = self.deliver([self.line(one), b"", self.line(two).strip()], compress=compress)
            answer = json.loads(text)
            self.assertEqual(answer.keys(), {"requestId", "timestamp"})
            self.assertEqual(answer["requestId"], "r-1")
            self.assertEqual(headers["Content-Type"], "application/json")
            self.assertEqual(int(headers["Content-Length"]), len(text))
            self.assertIsNone(headers["Content-Encoding"])
            self.assert_arrives(one, "stream")
            self.assert_arrives(two, "stream")

    def test_a_delivery_is_never_answered_413(self):
        bomb = b" " * ((64 << 20) + 1)
        _, text = self.deliver([], body=bomb, expect=400)
        self.assertIn("errorMessage", json.loads(text))
        # Also where the bytes themselves are too many; the answer comes before them.
        address = urllib.parse.urlsplit(self.url)
        with socket.create_connection((address.hostname, address.port), timeout=30) as connection:
            connection.sendall(
                b"POST /ingest/firehose/stream HTTP/1.1\r\nHost: sesame\r\nX-Amz-Firehose-Protocol-Version: 1.0\r\n"
                b"X-Amz-Firehose-Request-Id: r-1\r\nX-Amz-Firehose-Access-Key: %s\r\nContent-Length: %d\r\n\r\n"
                % (self.sources["stream"]["secret"].encode(), 66 << 20))
            answer = connection.makefile("rb").read().decode()
        self.assertTrue(answer.startswith("HTTP/1.1 400 "), answer)
        self.assertEqual(json.loads(answer.split("\r\n\r\n")[1])["requestId"], "r-1")

    def test_a_wrong_key_is_refused(self):
        self.deliver([b"x"], key="x", expect=403)
        self.deliver([b"x"], key=self.sources["bus"]["secret"], expect=403)

    # EventBridge

    def test_eventbridge_delivers(self):
        envelope = {"version": "0", "id": "e", "detail-type": "Email Sent", "source": "aws.ses", "account": "123456789012",
                    "time": "2026-08-01T12:00:02Z", "region": "eu-west-1", "resources": [],
                    "detail": event("Send", "bus-1")}
        headers = {"X-Api-Key": self.sources["bus"]["secret"], "Range": "bytes=0-1048575"}
        self.post("/ingest/eventbridge/bus", json.dumps(envelope).encode(), headers)
        self.assert_arrives("bus-1", "bus")
        self.post("/ingest/eventbridge/bus", json.dumps(envelope).encode(), {"X-Api-Key": "x"}, expect=403)

    def test_what_ses_says_of_the_reputation_is_a_row_once(self):
        signal = {"version": "0", "id": "rep-1", "detail-type": "Sending Status Disabled", "source": "aws.ses",
                  "account": "123456789012", "time": "2026-08-01T12:44:28Z", "region": "eu-west-1",
                  "resources": ["arn:aws:ses:eu-west-1:123456789012:tenant/acme/tn-0001"],
                  "detail": {"version": "1.0.0", "data": {"origin": "AWS_MANAGED", "record": {
                      "status": "DISABLED", "cause": "Too many bounces.", "lastUpdatedTimestamp": [2026, 8, 1, 12, 44, 28, 0]}}}}
        alarm = {"AlarmName": "bounces", "AWSAccountId": "123456789012", "NewStateValue": "ALARM", "OldStateValue": "OK",
                 "NewStateReason": "Threshold Crossed: 1 datapoint [0.06 (01/08/26 12:00:00)] was greater than the threshold (0.05).",
                 "StateChangeTime": "2026-08-01T13:00:00.000+0000", "Region": "EU (Ireland)",
                 "AlarmArn": "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:bounces",
                 "Trigger": {"MetricName": "Reputation.BounceRate", "Namespace": "AWS/SES", "Dimensions": []}}
        for _ in range(2):
            self.post("/ingest/eventbridge/bus", json.dumps(signal).encode(), {"X-Api-Key": self.sources["bus"]["secret"]})
            self.post_sns("topic", self.sns.message(text=json.dumps(alarm)))
        expected = [
            ("bus", "sending_status", "tenant", "acme", None, "DISABLED", None, None, "Too many bounces."),
            ("topic", "alarm", "account", None, "OK", "ALARM", "Reputation.BounceRate", 0.06, alarm["NewStateReason"])]
        deadline = time.monotonic() + 30
        found = []
        while found != expected and time.monotonic() < deadline:
            found = self.sesame.values(
                "SELECT source_name, kind, scope, scope_name, status_before, status, metric, value, reason "
                "FROM reputation ORDER BY event_at")
            time.sleep(0.2)
        self.assertEqual(found, expected)

    # Scripts

    def test_what_comes_twice_is_counted_at_its_source(self):
        headers = {"Authorization": f"Bearer {self.sources['twice']['secret']}"}
        for _ in range(2):
            self.post("/v1/events", self.line("twice-1") + self.line("twice-2"), headers)
            self.assert_arrives("twice-1", "twice")
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            listed = json.loads(self.sesame.run("source", "list", "--format", "json").out)
            counts = [(one["events"], one["duplicates"]) for one in listed if one["name"] == "twice"]
            if counts == [(4, 2)]:
                return
            time.sleep(0.2)
        self.fail(f"counted {counts}")

    # Firehose as a server

    def test_boto3_puts_records(self):
        client = self.firehose()
        one = client.put_record(DeliveryStreamName="api", Record={"Data": self.line("api-1")})
        batch = client.put_record_batch(
            DeliveryStreamName="api", Records=[{"Data": self.line(f"api-{n}")} for n in range(2, 502)])
        self.assertEqual(batch["FailedPutCount"], 0)
        ids = {one["RecordId"], *(response["RecordId"] for response in batch["RequestResponses"])}
        self.assertEqual(len(ids), 501)
        for number in (1, 2, 501):
            self.assert_arrives(f"api-{number}", "api")

    def test_boto3_manages_streams(self):
        client = self.firehose()
        destination = {"RoleARN": "arn:aws:iam::123456789012:role/r", "BucketARN": "arn:aws:s3:::b", "Prefix": "ses/",
                       "BufferingHints": {"SizeInMBs": 64, "IntervalInSeconds": 60}, "CompressionFormat": "GZIP"}
        made = client.create_delivery_stream(
            DeliveryStreamName="orders", ExtendedS3DestinationConfiguration=destination,
            Tags=[{"Key": "team", "Value": "mail"}])
        stream = client.describe_delivery_stream(DeliveryStreamName="orders")["DeliveryStreamDescription"]
        self.assertEqual(stream["DeliveryStreamARN"], made["DeliveryStreamARN"])
        self.assertEqual(stream["DeliveryStreamStatus"], "ACTIVE")
        told = stream["Destinations"][0]["ExtendedS3DestinationDescription"]
        self.assertEqual({name: told[name] for name in destination}, destination)
        client.update_destination(
            DeliveryStreamName="orders", CurrentDeliveryStreamVersionId=stream["VersionId"],
            DestinationId=stream["Destinations"][0]["DestinationId"], ExtendedS3DestinationUpdate={"Prefix": "new/"})
        with self.assertRaises(client.exceptions.ConcurrentModificationException):
            client.update_destination(
                DeliveryStreamName="orders", CurrentDeliveryStreamVersionId=stream["VersionId"],
                DestinationId=stream["Destinations"][0]["DestinationId"], ExtendedS3DestinationUpdate={})
        client.put_record(DeliveryStreamName="orders", Record={"Data": self.line("orders-1")})
        self.assertEqual(client.list_delivery_streams()["DeliveryStreamNames"], ["api", "orders"])
        tags = client.list_tags_for_delivery_stream(DeliveryStreamName="orders")["Tags"]
        self.assertEqual(tags, [{"Key": "team", "Value": "mail"}])
        client.delete_delivery_stream(DeliveryStreamName="orders")
        with self.assertRaises(client.exceptions.ResourceNotFoundException):
            client.put_record(DeliveryStreamName="orders", Record={"Data": b"{}"})
        self.assert_arrives("orders-1", "api")

    def test_boto3_with_a_wrong_key_is_refused(self):
        for changes in ({"aws_secret_access_key": "x"}, {"aws_access_key_id": "SESMNOBODY"}):
            with self.assertRaises(botocore.exceptions.ClientError) as raised:
                self.firehose(**changes).put_record(DeliveryStreamName="api", Record={"Data": b"{}"})
            self.assertIn(
                raised.exception.response["Error"]["Code"], ("InvalidSignatureException", "UnrecognizedClientException"))
