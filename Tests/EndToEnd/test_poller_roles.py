"""The key that a poller signs with where its source has none."""

import http.server
import json

from aws_peers import REGION
from pollers import MotoTestCase, lines, sends
from sesame import FORBIDDEN


class Roles(MotoTestCase):
    """Keys that a machine or a container hands out, by an HTTP server that plays AWS's."""

    KEY = {"AccessKeyId": "ASIAEXAMPLEEXAMPLE", "SecretAccessKey": "s", "Token": "t0ken", "Expiration": "2099-01-01T00:00:00Z"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_PUT(self):
                self.answer(b"metadata-token" if self.headers["X-aws-ec2-metadata-token-ttl-seconds"] else None)

            def do_GET(self):
                role = "/latest/meta-data/iam/security-credentials/"
                is_machine = self.headers["X-aws-ec2-metadata-token"] == "metadata-token"
                is_container = self.headers["Authorization"] == "container-token"
                key = json.dumps(cls.KEY).encode()
                self.answer({role: b"mailer", role + "mailer": key}.get(self.path) if is_machine
                            else key if is_container and self.path == "/key" else None)

            def answer(self, body):
                self.send_response(401 if body is None else 200)
                self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *arguments):
                pass

        cls.url = cls.answer_with(Handler)

    def test_a_role_signs_where_the_source_has_no_key(self):
        sesame, bucket = self.new_home(), self.bucket()
        self.put(bucket, "a", lines(sends("a")))
        sesame.run("source", "add", "bucket", "--kind", "s3", "--bucket", bucket, "--endpoint", self.moto.url, "--region", REGION)
        token = self.file("container-token", "container-token\n")
        for words, environment in {
            "the machine's role 'mailer'": {"AWS_EC2_METADATA_SERVICE_ENDPOINT": self.url},
            "the container's role": {"AWS_CONTAINER_CREDENTIALS_FULL_URI": self.url + "/key",
                                     "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(token)},
            "the environment": {"AWS_ACCESS_KEY_ID": "ASIAEXAMPLEEXAMPLE", "AWS_SECRET_ACCESS_KEY": "s"},
        }.items():
            with self.subTest(words=words):
                armed = self.with_environment(sesame, {"HOME": str(sesame.home), **environment})
                found = json.loads(armed.run("source", "test", "bucket", "--format", "json").out)[0]
                self.assertEqual(found["signs as"], f"ASIAEXAMPLEEXAMPLE, from {words}")
        nobody = self.with_environment(sesame, {"HOME": str(sesame.home), "AWS_EC2_METADATA_DISABLED": "true"})
        self.assertIn("no AWS key was found", nobody.run("source", "test", "bucket", expect=FORBIDDEN).err)
