"""What the tests of pages share: a server with simulated traffic up to today, and a browser that is signed in."""

import contextlib
import json
import os
import re
from datetime import datetime, timezone
from decimal import ROUND_HALF_UP, Decimal

from browser import Browser, Numbers, add_user, chromium
from sesame import SesameTestCase, simulate
from server import Server


class PagesTestCase(SesameTestCase):
    """One server and one Chromium for all tests of a class; `truth` is the simulator's."""

    MESSAGES = 4_000

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        today = datetime.now(timezone.utc).date().isoformat()
        events, cls.truth = simulate(
            cls.folder, cls.MESSAGES, "--end", today, "--stop-at-end", "--duplicates", "0.01", days=25)
        cls.events = events
        cls.prepare(events)
        cls.email = add_user(cls.sesame)
        cls.server = Server(cls.sesame)
        cls.addClassCleanup(cls.server.end)
        cls.numbers = Numbers(cls.sesame, cls.server)
        opened = contextlib.ExitStack()
        cls.addClassCleanup(opened.close)
        cls.chromium = opened.enter_context(chromium())
        cls.browsers = {}

    @classmethod
    def prepare(cls, events):
        """What is in the lake before the server starts."""
        cls.sesame.load(events, rollups=True)

    def browser(self, scheme="light", size="desktop", email=None):
        """A browser that is signed in; the same again for the same looks."""
        key = (scheme, size, email or self.email)
        if key not in self.browsers:
            self.browsers[key] = Browser(self.chromium, self.server, key[2], scheme, size)
        return self.browsers[key]

    def tearDown(self):
        for browser in self.browsers.values():
            self.assertEqual(browser.problems, [])

    def post(self, events):
        """Takes events in by HTTP, as a script does."""
        if not hasattr(type(self), "secret"):
            type(self).secret = json.loads(
                self.sesame.run("source", "add", "scripts", "--kind", "http", "--format", "json").out)[0]["secret"]
        type(self).posted = getattr(self, "posted", 0) + sum(one["eventType"] == "Send" for one in events)
        self.server.post("".join(json.dumps(event) + "\n" for event in events).encode(), self.secret)

    def keep_picture(self, browser, name):
        """For the README: `make screenshots` says where pictures are kept."""
        folder = os.environ.get("SESAME_SCREENSHOTS")
        if folder:
            browser.page.screenshot(path=f"{folder}/{name}.png")

    def assert_fits(self, page, path):
        """Nothing is wider than the window."""
        width = page.evaluate("document.documentElement.scrollWidth")
        self.assertLessEqual(width, page.viewport_size["width"], f"{path} scrolls sideways")


def number(text):
    """A number as pages write it, without its words."""
    match = re.search(r"-?[\d,]+(?:\.\d+)?", text)
    return float(match[0].replace(",", "")) if match else None


def percent(part, whole):
    """A rate as pages write it."""
    per = 100 * part / whole
    if per in (0, 100):
        return f"{per:.0f} %"
    digits = 3 if abs(per) < 0.1 else 2 if abs(per) < 10 else 1
    # A half is rounded up, as browsers do.
    return f"{Decimal(per).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)} %"
