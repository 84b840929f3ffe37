"""The ingest suite: events over HTTP, on the disk before they are acknowledged. The load generator runs on the same cores.

Every receiver is sent the same requests by `sesame simulate --into --prepare`, which makes and signs them beforehand. Beside
Sesame: what this machine's disk takes of the same bytes (append and fdatasync, nothing else), nginx that stores bodies in
files without syncing and answers 200 (the ceiling of HTTP), and moto's Firehose, which keeps them in memory.
"""

import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.request

from measure import ProcessFailed, markdown, measured
from peers import sesame_peer

TOPIC = "arn:aws:sns:eu-west-1:123456789012:ses-events"
# Road, events of a request, messages to simulate (four events each), connections.
CASES = {
    "JSON lines, 500 a request": ("generic", 500, 50_000, 16),
    "JSON lines, 1 a request": ("generic", 1, 6_000, 64),
    "SNS, signed, 1 a request": ("sns", 1, 4_000, 64),
    "Firehose, 500 a request": ("firehose", 500, 50_000, 16),
    "Firehose API, 500 a request": ("firehose-api", 500, 25_000, 16),
}
KINDS = {"generic": "http"}
NGINX = """
daemon off; worker_processes 2; pid {folder}/pid; error_log {folder}/error.log; events {{ worker_connections 4096; }}
http {{
  access_log off; client_max_body_size 70m; client_body_in_file_only clean; client_body_temp_path {folder}/bodies;
  proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  upstream answer {{ server unix:{folder}/socket; keepalive 64; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{ proxy_pass http://answer; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_pass_request_body off;
                  proxy_set_header Content-Length ""; }}
  }}
  server {{
    listen unix:{folder}/socket; default_type application/json;
    location / {{ return 200 '{{"requestId":"$http_x_amz_firehose_request_id","FailedPutCount":0}}'; }}
  }}
}}
"""


def run(folder, options):
    scale = 0.05 if options.quick else 1
    rows = []
    for name, (road, batch, messages, connections) in CASES.items():
        messages = max(200, round(messages * scale))
        print(f"ingest: {name}", file=sys.stderr)
        ours = sesame(folder, road, batch, messages, connections)
        rows.append([f"**{name}**", *cells(ours), ""])
        for peer, measure in peers(road):
            try:
                other = measure(folder, road, batch, messages, connections, ours)
                rows.append([peer, *cells(other), f"{ours['rate'] / other['rate']:.2f}×"])
            except (ProcessFailed, OSError, subprocess.SubprocessError, AssertionError) as failure:
                rows.append([peer, "failed: " + str(failure)[:150], *[""] * 6])
    headers = ["ingest", "events/s", "requests/s", "p50 ms", "p99 ms", "CPU s", "peak MB", "Sesame is"]
    return "\n\n".join([
        markdown(headers, rows),
        "At full speed; latency from sending to the answer. CPU and memory are the receiver's alone, and Sesame's hold the way "
        "on into the lake, as far as it comes meanwhile. What the disk takes is one thread's append + fdatasync of a request's "
        "bytes, and of as many requests at a time as were in flight.",
        latency_table(folder, scale), visible_table(folder, scale)])


def peers(road):
    yield "disk: append + fdatasync, a request at a time", disk_single
    yield "disk: append + fdatasync, all in flight at once", disk_grouped
    if road in ("generic", "firehose") and shutil.which("nginx"):
        yield "nginx, bodies in files, no sync", nginx
    if road == "firehose-api":
        yield "moto's Firehose, in memory", moto


def cells(one):
    def number(key, digits):
        return f"{one[key]:,.{digits}f}" if key in one else ""

    return [number("rate", 0), number("requests", 0), number("p50", 1), number("p99", 1), number("cpu", 1), number("peak", 0)]


class Server:
    """`sesame serve` over a new home, with a source for a road."""

    def __init__(self, folder, road):
        self.home, self.keys = folder / "ingest", folder / "sns-keys"
        shutil.rmtree(self.home, ignore_errors=True)
        extra = ["--topic-arn", TOPIC] if road == "sns" else []
        made = measured(sesame_peer.command(self.home, "source", "add", "bench", "--kind", KINDS.get(road, road), *extra, "--format", "json"))
        self.environment = {**os.environ, "SESAME_SECRET": json.loads(made.output)[0].get("secret") or ""}
        self.port, self.sns_port = free_port(), free_port()
        self.road = road
        options = ["--port", self.port, "--log-level", "warning"]
        if road == "sns":
            self.simulate("--messages", 1, "--retry-for", 0, check=False)  # Makes the keys that the server is to trust.
            options += ["--sns-roots", self.keys / "roots.pem", "--sns-endpoint", f"http://127.0.0.1:{self.sns_port}"]
        self.process = subprocess.Popen(sesame_peer.command(self.home, "serve", *options), stdout=subprocess.PIPE)
        self.process.stdout.readline()

    def simulate(self, *options, check=True):
        command = sesame_peer.command(
            self.home, "simulate", "--into", "bench", "--server", f"http://127.0.0.1:{self.port}", "--json", "--sns-port",
            self.sns_port, "--sns-keys", self.keys, *options)
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True)
        if check and done.returncode:
            raise ProcessFailed(done.stdout[-500:] + done.stderr[-500:])
        return json.loads(done.stdout)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=120)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        shutil.rmtree(self.home, ignore_errors=True)


def sesame(folder, road, batch, messages, connections):
    server = Server(folder, road)
    try:
        return load(server.process.pid, lambda: server.simulate(*full_speed(batch, messages, connections)))
    finally:
        server.stop()


def full_speed(batch, messages, connections):
    return ["--max", "--prepare", "--messages", messages, "--days", 3, "--seed", 7, "--batch", batch, "--connections", connections]


def load(pid, simulate):
    """Runs the load, and what the processes of a receiver took meanwhile."""
    before = cpu_seconds(pid)
    report = simulate()
    if report["lost_events"]:
        raise ProcessFailed(f"{report['lost_events']} events were not taken: {report['answers']}")
    return {"rate": report["events_per_second"], "requests": report["acknowledged_requests"] / report["seconds"],
            "p50": report["p50_ms"], "p99": report["p99_ms"], "cpu": cpu_seconds(pid) - before, "peak": peak(pid) / 1e6,
            "events": report["acknowledged_events"], "count": report["acknowledged_requests"]}


def family(pid):
    yield pid
    for child in open(f"/proc/{pid}/task/{pid}/children").read().split():
        yield from family(int(child))


def cpu_seconds(pid):
    ticks = 0
    for one in family(pid):
        fields = open(f"/proc/{one}/stat").read().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def peak(pid):
    lines = [line for one in family(pid) for line in open(f"/proc/{one}/status") if line.startswith("VmHWM")]
    return sum(int(line.split()[1]) * 1024 for line in lines)


# Peers

def disk_single(folder, road, batch, messages, connections, ours):
    return disk(folder, batch, 1, ours)


def disk_grouped(folder, road, batch, messages, connections, ours):
    return disk(folder, batch, connections, ours)


def disk(folder, batch, together, ours):
    """Appends pieces of a request's size, some to a sync, to a file that grows as the log does."""
    piece = os.urandom(1170) * batch * together
    path = folder / "append"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    times, start = [], time.perf_counter()
    try:
        while time.perf_counter() - start < 3:
            begin = time.perf_counter()
            os.write(descriptor, piece)
            os.fdatasync(descriptor)
            times.append(time.perf_counter() - begin)
    finally:
        os.close(descriptor)
        path.unlink()
    seconds = time.perf_counter() - start
    return {"rate": len(times) * batch * together / seconds, "requests": len(times) * together / seconds,
            "p50": statistics.median(times) * 1000, "p99": sorted(times)[int(len(times) * 0.99)] * 1000}


def nginx(folder, road, batch, messages, connections, ours):
    work = folder / "nginx"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    work.chmod(0o777)
    folder.chmod(0o755)
    port = free_port()
    (work / "conf").write_text(NGINX.format(folder=work, port=port))
    process = subprocess.Popen(["nginx", "-c", str(work / "conf"), "-p", str(work)], stderr=subprocess.DEVNULL)
    try:
        return send_to(process, port, f"/ingest/{KINDS.get(road, road)}/bench", road, batch, messages, connections)
    finally:
        end(process)
        shutil.rmtree(work, ignore_errors=True)


def moto(folder, road, batch, messages, connections, ours):
    port = free_port()
    with (folder / "moto.log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", "moto.server", "-p", str(port)], stdout=log, stderr=log)
    try:
        wait_for_port(port)
        call(port, "/bench-bucket", "PUT", b"", {"Authorization": authorization("s3", "us-east-1")})
        stream = {"DeliveryStreamName": "bench", "S3DestinationConfiguration": {
            "RoleARN": "arn:aws:iam::123456789012:role/r", "BucketARN": "arn:aws:s3:::bench-bucket"}}
        call(port, "/", "POST", json.dumps(stream).encode(), {
            "X-Amz-Target": "Firehose_20150804.CreateDeliveryStream", "Content-Type": "application/x-amz-json-1.1",
            "Authorization": authorization("firehose", "eu-west-1")})
        return send_to(process, port, "/", road, batch, max(200, messages // 6), connections)
    finally:
        end(process)


def authorization(service, region):
    return f"AWS4-HMAC-SHA256 Credential=AKID/20260801/{region}/{service}/aws4_request, SignedHeaders=host, Signature=0"


def call(port, path, method, body, headers):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data=body, method=method, headers=headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read()


def send_to(process, port, path, road, batch, messages, connections):
    wait_for_port(port)
    command = [str(sesame_peer.BINARY), "simulate", "--into", f"http://127.0.0.1:{port}{path}", "--road", road, "--json",
               "--stream", "bench", "--access-key-id", "AKID", *map(str, full_speed(batch, messages, connections))]

    def simulate():
        done = subprocess.run(command, env={**os.environ, "SESAME_SECRET": "secret"}, capture_output=True, text=True)
        if done.returncode:
            raise ProcessFailed(done.stdout[-500:] + done.stderr[-500:])
        return json.loads(done.stdout)

    return load(process.pid, simulate)


def end(process):
    process.terminate()
    try:
        process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port):
    deadline = time.monotonic() + 60
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


# At a rate, and until it can be seen

def latency_table(folder, scale):
    """Open loop: latency from when a request was due."""
    rows = []
    for road, batch, rate in (("generic", 500, 20_000), ("generic", 500, 75_000), ("firehose", 500, 50_000), ("sns", 1, 1_000)):
        print(f"ingest: {road} at {rate}/s", file=sys.stderr)
        server = Server(folder, road)
        seconds = 8 if scale == 1 else 1
        try:
            report = server.simulate(
                "--rate", rate, "--prepare", "--messages", round(rate * seconds / 3.9), "--days", 3, "--batch", batch, "--connections", 64)
            rows.append([f"{road}, {batch} a request", f"{rate:,}", f"{report['events_per_second']:,.0f}", f"{report['p50_ms']:.1f}",
                         f"{report['p99_ms']:.1f}", f"{report['max_ms']:.1f}", f"{peak(server.process.pid) / 1e6:,.0f}"])
        finally:
            server.stop()
    return markdown(["at a rate", "due events/s", "done", "p50 ms", "p99 ms", "max ms", "peak MB"], rows)


def visible_table(folder, scale):
    """From the OK of an event to the end of the first `sesame sql` that counts it, processes started anew until then."""
    rows = []
    for name, rate in (("nothing else", None), ("20,000 events/s beside it", 20_000)):
        print(f"ingest: visible, {name}", file=sys.stderr)
        server = Server(folder, "generic")
        probes = 12 if scale == 1 else 3
        try:
            noise = subprocess.Popen(sesame_peer.command(
                server.home, "simulate", "--into", "bench", "--server", f"http://127.0.0.1:{server.port}", "--rate", rate,
                "--duration", 600, "--batch", 500, "--days", 3), env=server.environment, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL) if rate else None
            seconds = visible(server, probes)
            if noise:
                end(noise)
            rows.append([name, probes, f"{statistics.median(seconds):.2f}", f"{max(seconds):.2f}"])
        finally:
            server.stop()
    return markdown(["from OK to visible", "events", "p50 s", "max s"], rows)


def visible(server, probes):
    seconds = []
    for number in range(probes):
        event = {"eventType": "Send", "send": {}, "mail": {
            "timestamp": "2026-07-30T12:00:00.000Z", "messageId": f"probe-{number}", "source": "a@example.com", "destination": ["b@example.net"]}}
        call(server.port, "/v1/events", "POST", json.dumps(event).encode(), {"Authorization": "Bearer " + server.environment["SESAME_SECRET"]})
        acknowledged = time.perf_counter()
        while not asked(server, f"SELECT count(*) AS found FROM events WHERE message_id = 'probe-{number}'"):
            if time.perf_counter() - acknowledged > 60:
                raise AssertionError("an event was not visible for 60 s")
        seconds.append(time.perf_counter() - acknowledged)
        time.sleep(0.37)  # So that probes do not fall in with the rhythm of commits.
    return seconds


def asked(server, statement):
    """The one number that a statement gives, in a process of its own: its start is part of what is waited for."""
    answer = measured(sesame_peer.command(server.home, "sql", "--format", "json", statement))
    return json.loads(answer.output)[0]["found"]
