"""Writes sigv4-vectors.json: requests signed by botocore, which the tests compare ours with.

Run by hand after a change: python make_sigv4_vectors.py > sigv4-vectors.json (needs botocore; made with 1.43.11).
"""

import datetime
import json
import random
import sys
from urllib.parse import quote, urlsplit

import botocore.auth
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

rng = random.Random(20260801)
WORDS = ["a", "Zed", "x y", "ü", "日本", "a/b", "a+b", "~t", "100%", "a=b", "c&d", "semi;colon", "*", "(1)", "q?", "#h",
         "", "-._~", "%41", "tab\there", "'", '"']


def text(low, high):
    return "".join(rng.choice(WORDS) for _ in range(rng.randint(low, high)))


def path(kind):
    segments = [quote(text(1, 2) or "s", safe="-_.~") for _ in range(rng.randint(0, 4))]
    if kind == "normalize":
        for _ in range(rng.randint(1, 3)):
            segments.insert(rng.randint(0, len(segments)), rng.choice(["", ".", ".."]))
    return "/" + "/".join(segments) + (rng.choice(["", "/"]) if segments and segments[-1] else "")


def query():
    names = {}
    for _ in range(rng.randint(0, 5)):
        name = quote(text(1, 2) or "n", safe="-_.~")
        names.setdefault(name, []).append(quote(text(0, 2), safe="-_.~"))
    return names


def case(index):
    kind = rng.choice(["header", "header", "s3-header", "query", "s3-query", "normalize"])
    is_query = kind.endswith("query")
    is_s3 = kind.startswith("s3")
    pairs = query()
    # botocore's presigner takes the first of each name only.
    flat = [(n, v) for n, vs in pairs.items() for v in (vs[:1] if is_query else vs)]
    rng.shuffle(flat)
    service = "s3" if is_s3 else rng.choice(["firehose", "athena", "glue", "sqs", "sns"])
    region = rng.choice(["eu-west-1", "us-east-1", "cn-north-1", "us-gov-west-1"])
    host = f"{service}.{region}.amazonaws.com" if rng.random() < 0.7 else f"localhost:{rng.randint(1024, 65535)}"
    url = "http://" + host + path(kind) + ("?" + "&".join(f"{n}={v}" for n, v in flat) if flat else "")
    method = rng.choice(["GET", "POST", "PUT", "DELETE", "HEAD"])
    body = "" if method in ("GET", "HEAD") or is_query else text(0, 6)
    request = AWSRequest(method=method, url=url, data=body.encode())
    request.headers["host"] = host
    if rng.random() < 0.5:
        request.headers["Content-Type"] = rng.choice(["application/x-amz-json-1.1", "text/plain;  charset=UTF-8"])
    for number in range(rng.randint(0, 3)):
        name = rng.choice(["X-Custom-", "x-amz-meta-", "My-Header"]) + str(number)
        request.headers[name] = rng.choice(["v", "  padded  ", "two  spaces   three", "a,b", '"q  q"', "ünï", ""])
    if rng.random() < 0.3:
        request.headers["User-Agent"] = "agent/1"
    token = "token/" + "+=" * rng.randint(1, 4) if rng.random() < 0.3 else None
    key = Credentials("AKIA%016d" % index, quote(text(3, 9), safe="/+") + "secret", token)
    time = datetime.datetime(2026, rng.randint(1, 12), rng.randint(1, 28), rng.randint(0, 23), rng.randint(0, 59),
                             rng.randint(0, 59), tzinfo=datetime.timezone.utc)
    botocore.auth.get_current_datetime = lambda: time
    given = [[n, v] for n, v in request.headers.items()]
    expires = rng.randint(1, 604800)
    if is_query:
        signer = (S3SigV4QueryAuth if is_s3 else SigV4QueryAuth)(key, service, region, expires=expires)
    else:
        signer = (S3SigV4Auth if is_s3 else SigV4Auth)(key, service, region)
    parts = urlsplit(url)
    signer.add_auth(request)
    return {
        "kind": kind, "method": method, "path": parts.path, "query": parts.query, "headers": given, "body": body,
        "region": region, "service": service, "time": time.strftime("%Y%m%dT%H%M%SZ"), "key": key.access_key,
        "secret": key.secret_key, "token": token, "expires": expires if is_query else None,
        "authorization": None if is_query else request.headers["Authorization"],
        "signedQuery": urlsplit(request.url).query if is_query else None,
    }


lines = ",\n".join(json.dumps(case(index), ensure_ascii=False) for index in range(300))
sys.stdout.write("[\n" + lines + "\n]\n")
