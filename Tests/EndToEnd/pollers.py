"""What tests of pollers share: a server that fetches, and moto as the S3 and SQS that it fetches from."""

import http.server
import json
import threading

from aws_peers import KEY, REGION, SECRET, Moto, wait_for
from ses_events import event
from sesame import SesameTestCase
from server import Server


def lines(events):
    return "".join(json.dumps(one) + "\n" for one in events).encode()


def sends(name, count=5):
    """As many events, of messages that begin with `name`."""
    return [event("Send", message=f"{name}-{number}") for number in range(count)]


class PollerTestCase(SesameTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.secret = cls.folder / "secret"
        cls.secret.write_text(SECRET + "\n")

    @classmethod
    def answer_with(cls, handler):
        """The address of an HTTP server that plays somebody else until the class ends."""
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        cls.addClassCleanup(server.server_close)
        cls.addClassCleanup(server.shutdown)
        return f"http://127.0.0.1:{server.server_port}"

    def serve(self, sesame, fail_point=None):
        if fail_point:
            sesame = self.with_environment(
                sesame, {"SESAME_FAILPOINT": fail_point[0], "SESAME_FAILPOINT_HIT": str(fail_point[1])})
        server = Server(sesame)
        self.addCleanup(server.end)
        return server

    def with_environment(self, sesame, variables):
        """The same home, with variables more and none of the machine's own for AWS."""
        kept = {name: value for name, value in sesame.environment.items() if not name.startswith("AWS_")}
        return type("Armed", (type(sesame),), {"environment": kept | variables})(sesame.home)

    def add(self, sesame, name, *options, key=KEY, secret=None):
        sesame.run("source", "add", name, "--region", REGION, "--access-key-id", key,
                   "--secret-access-key-file", secret or self.secret, *options)

    def show(self, sesame, name):
        return json.loads(sesame.run("source", "show", name, "--format", "json").out)[0]

    def messages(self, sesame):
        return {message for (message,) in sesame.values("SELECT message_id FROM events")}

    def wait_for_count(self, sesame, count, **options):
        wait_for(f"{count} events", lambda: self.count(sesame) >= count, **options)
        self.assertEqual(self.count(sesame), count)

    def count(self, sesame):
        done = sesame.run("sql", "--format", "json", "SELECT count(*) AS n FROM events", expect=None)
        return json.loads(done.out)[0]["n"] if done.status == 0 else 0


class MotoTestCase(PollerTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.moto = Moto()
        cls.addClassCleanup(cls.moto.stop)
        cls.s3, cls.sqs = cls.moto.client("s3"), cls.moto.client("sqs")

    def bucket(self):
        name = "events-" + self.id().rsplit(".", 1)[1].replace("_", "-")[-50:]
        self.s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        return name

    def queue(self):
        return self.sqs.create_queue(QueueName=self.id().rsplit(".", 1)[1][-70:])["QueueUrl"]

    def left(self, url):
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return sum(int(found[name]) for name in names)

    def show_hidden(self, url):
        """What was received and not deleted comes again when its time is over; moto lets that be now."""
        from moto.core import DEFAULT_ACCOUNT_ID
        from moto.sqs.models import sqs_backends

        queue = sqs_backends[DEFAULT_ACCOUNT_ID][REGION].queues[url.rsplit("/", 1)[1]]
        for message in list(queue._messages):
            message.change_visibility(0)
            queue.pending_messages.discard(message)

    def put(self, bucket, key, body):
        self.s3.put_object(Bucket=bucket, Key=key, Body=body)

    def add_bucket(self, sesame, bucket, *options, name="bucket", **keys):
        self.add(sesame, name, "--kind", "s3", "--bucket", bucket, "--endpoint", self.moto.url, "--every", 1, *options, **keys)

    def is_fetched(self, sesame, name):
        """Waits for two looks that began after now."""
        for _ in range(2):
            before = self.show(sesame, name)["fetched_at"] or ""
            wait_for("a look without an error", lambda: (self.show(sesame, name)["fetched_at"] or "") > before)
