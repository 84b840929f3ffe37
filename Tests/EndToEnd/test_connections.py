"""Many connections open at once: idle ones cost bounded memory, and those who want something are answered.

SESAME_CONNECTIONS sets how many (1,000 by default; 10,000 was seen).
"""

import json
import os
import resource
import selectors
import socket
import subprocess
import time
import unittest
import urllib.error
import urllib.request

from ses_events import event
from sesame import SesameTestCase
from soak import free_port, wait_for

COUNT = int(os.environ.get("SESAME_CONNECTIONS", "1000"))
# What a connection may cost: its socket's handlers and buffers.
BYTES_EACH = 48 << 10
REQUEST = b"GET /health/live HTTP/1.1\r\nHost: sesame\r\n\r\n"


class Connections(SesameTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if hard != resource.RLIM_INFINITY and hard < COUNT * 1.2 + 200:
            raise unittest.SkipTest(f"the system allows {hard} open files a process, too few for {COUNT} connections")
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, COUNT + 200), hard))
        cls.addClassCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        made = cls.sesame.run("source", "add", "shop", "--kind", "http", "--format", "json").out
        cls.secret = json.loads(made)[0]["secret"]
        cls.port = free_port()
        cls.server = cls.sesame.start(
            "serve", "--port", cls.port, "--max-connections", COUNT + COUNT // 5, "--idle-timeout", "3600s", "--log-level", "error",
            stderr=subprocess.DEVNULL)
        cls.addClassCleanup(cls.end)
        cls.server.stdout.readline()

    @classmethod
    def end(cls):
        cls.server.kill()
        cls.server.wait()
        cls.server.stdout.close()

    def memory(self):
        with open(f"/proc/{self.server.pid}/status") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmRSS"))

    def post(self, message):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/v1/events", json.dumps(event("Send", message)).encode(),
            {"Authorization": f"Bearer {self.secret}"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status

    def opened(self, count):
        """Connections that the server has taken: each was answered once."""
        found = []
        for _ in range(count):
            connection = socket.create_connection(("127.0.0.1", self.port), timeout=60)
            self.addCleanup(connection.close)
            found.append(connection)
            # Not all at once: the kernel's queue of connections to accept is no part of this.
            if len(found) % 200 == 0:
                self.ask(found[-200:])
        self.ask(found[len(found) - len(found) % 200:])
        return found

    def ask(self, connections):
        """Sends a request on each, then waits for all answers."""
        with selectors.DefaultSelector() as selector:
            for connection in connections:
                connection.sendall(REQUEST)
                selector.register(connection, selectors.EVENT_READ)
            deadline, left = time.monotonic() + 120, len(connections)
            while left:
                self.assertLess(time.monotonic(), deadline, f"{left} of {len(connections)} were not answered")
                for ready, _ in selector.select(timeout=1):
                    answer = ready.fileobj.recv(4096)
                    self.assertIn(b" 200 OK", answer)
                    selector.unregister(ready.fileobj)
                    left -= 1

    def test_idle_connections_cost_little_and_others_are_served(self):
        self.assertEqual(self.post("before"), 200)
        before = self.memory()
        connections = self.opened(COUNT)
        cost = (self.memory() - before) / COUNT
        print(f"{COUNT} connections, {cost / 1024:.1f} KiB each, {self.memory() >> 20} MiB in all", flush=True)
        self.assertLess(cost, BYTES_EACH)
        self.assertEqual([self.post(f"beside-{number}") for number in range(20)], [200] * 20)
        # All wake up at once.
        self.ask(connections)
        # Past the limit a connection waits or is turned away; when one closes, the next is served.
        for connection in connections:
            connection.close()
        wait_for(self.answers, "an answer after all closed")

    def answers(self):
        try:
            return self.post("after") == 200
        except (urllib.error.URLError, OSError):
            return False


if __name__ == "__main__":
    unittest.main()
