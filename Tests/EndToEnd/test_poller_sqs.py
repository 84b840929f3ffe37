"""Messages of SQS, sent by boto3 to a queue that is not ours, fetched by `sesame serve`."""

import gzip
import json
import signal

from aws_peers import wait_for
from pollers import MotoTestCase, lines, sends
from ses_events import event, eventbridge_envelope, sns_envelope
from sesame import NOT_FOUND


class SQS(MotoTestCase):
    def add_queue(self, sesame, url, *options):
        self.add(sesame, "queue", "--kind", "sqs", "--queue-url", url, *options)

    def test_all_that_a_queue_may_hold(self):
        sesame, url = self.new_home(), self.queue()
        bodies = [json.dumps(one) for one in sends("raw")]
        bodies += [json.dumps(sns_envelope(one)) for one in sends("sns")]
        bodies += [json.dumps(eventbridge_envelope(one)) for one in sends("bus")]
        bodies += ["Successfully validated SNS topic for Amazon SES event publishing.", "no event"]
        for body in bodies:
            self.sqs.send_message(QueueUrl=url, MessageBody=body)
        self.add_queue(sesame, url)
        self.assertIn("about 17 waiting", sesame.run("source", "test", "queue").out)
        self.serve(sesame)
        self.wait_for_count(sesame, 15)
        wait_for("the queue is empty", lambda: self.left(url) == 0)
        (row,) = sesame.sql("SELECT origin, reason FROM refused")
        self.assertTrue(row["origin"].startswith("SQS message "), row)
        self.assertEqual(self.show(sesame, "queue")["last_error"], None)

    def test_a_bucket_that_tells_a_queue(self):
        sesame, bucket, url = self.new_home(), self.bucket(), self.queue()
        self.put(bucket, "before", lines(sends("before")))
        self.s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={"QueueConfigurations": [{
            "QueueArn": self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"],
            "Events": ["s3:ObjectCreated:*"]}]})
        self.add(sesame, "bucket", "--kind", "s3", "--bucket", bucket, "--endpoint", self.moto.url, "--queue-url", url)
        self.serve(sesame)
        self.wait_for_count(sesame, 5)
        wait_for("the first look ended", lambda: self.show(sesame, "bucket")["fetched_at"])
        self.put(bucket, "a key+of=its own/ü.gz", gzip.compress(lines(sends("after"))))
        self.wait_for_count(sesame, 10)
        wait_for("the queue is empty", lambda: self.left(url) == 0)

    def test_a_queue_of_notices_alone(self):
        sesame, bucket, url = self.new_home(), self.bucket(), self.queue()
        self.put(bucket, "a b", gzip.compress(lines(sends("a"))))
        notice = {"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": bucket}, "object": {"key": "a+b"}}}
        for body in [{"Records": [notice]}, {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": bucket},
                     {"Records": [{**notice, "s3": {"bucket": {"name": bucket}, "object": {"key": "gone"}}}]}]:
            self.sqs.send_message(QueueUrl=url, MessageBody=json.dumps(body))
        self.add_queue(sesame, url)
        self.serve(self.with_environment(sesame, {"AWS_ENDPOINT_URL_S3": self.moto.url}))
        self.wait_for_count(sesame, 5)
        wait_for("the queue is empty", lambda: self.left(url) == 0)

    def test_kill_9_before_messages_are_deleted(self):
        sesame, url = self.new_home(), self.queue()
        for start in range(0, 200, 10):
            self.sqs.send_message_batch(QueueUrl=url, Entries=[
                {"Id": f"{n}", "MessageBody": json.dumps(event("Send", message=f"m-{n}"))} for n in range(start, start + 10)])
        self.add_queue(sesame, url)
        server = self.serve(sesame, fail_point=("fetch.beforeDelete", 4))
        self.assertEqual(server.process.wait(timeout=60), -signal.SIGKILL)
        server.process.communicate()
        self.assertGreater(self.left(url), 0)
        again = self.serve(sesame)

        def is_all_there():
            self.show_hidden(url)
            return self.count(sesame) == 200

        wait_for("200 events", is_all_there)
        wait_for("the queue is empty", lambda: self.left(url) == 0)
        self.assertEqual(again.stop()[0], 0)
        self.assertEqual(self.messages(sesame), {f"m-{n}" for n in range(200)})

    def test_a_queue_that_is_not_there(self):
        sesame = self.new_home()
        self.add_queue(sesame, f"{self.moto.url}/123456789012/nobody")
        self.assertIn("there is no queue", sesame.run("source", "test", "queue", expect=NOT_FOUND).err)
