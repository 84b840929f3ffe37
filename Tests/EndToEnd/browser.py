"""Pages in Debian's Chromium, driven by Playwright: signed in, with what the console said kept."""

import contextlib
import json
import tempfile
import urllib.request

from playwright.sync_api import sync_playwright

PASSWORD = "correct horse battery"
SIZES = {"desktop": (1280, 900), "phone": (375, 740)}


class Browser:
    """A browser that is signed in to a server; `problems` is all that went wrong in its console."""

    def __init__(self, chromium, server, email, scheme="light", size="desktop", zone="UTC"):
        width, height = SIZES[size]
        self.server = server
        self.context = chromium.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, timezone_id=zone, base_url=server.url,
            accept_downloads=True)
        self.problems = []
        self.page = self.context.new_page()
        self.page.on("console", lambda said: said.type in ("error", "warning") and self.problems.append(said.text))
        self.page.on("pageerror", lambda error: self.problems.append(error.stack or str(error)))
        self.page.goto("/login")
        self.page.fill("input[name=email]", email)
        self.page.fill("input[name=password]", PASSWORD)
        self.page.click("button:has-text('Sign in')")
        self.page.wait_for_selector("nav.rail", state="attached")

    def open(self, path):
        """Opens a page and waits until all of its cards have what they show."""
        self.page.goto(path)
        self.settle()
        return self.page

    def settle(self):
        """Waits until no card loads and no chart is still to be drawn."""
        self.page.wait_for_function(
            "() => document.querySelector('main[data-ready]') && !document.querySelector('.card[aria-busy]')", timeout=60_000)

    def screenshot(self, path):
        self.page.screenshot(path=path, full_page=True)


@contextlib.contextmanager
def chromium():
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


def add_user(sesame, email="ann@example.com", role="owner"):
    """Somebody who can sign in."""
    with tempfile.NamedTemporaryFile("w") as password:
        password.write(PASSWORD + "\n")
        password.flush()
        sesame.run("user", "add", email, "--name", email.split("@")[0].title(), "--role", role, "--password-file", password.name)
    return email


class Numbers:
    """The API, asked with a token, for what a page has to show."""

    def __init__(self, sesame, server):
        self.server = server
        self.token = json.loads(sesame.run("token", "add", "numbers", "--scope", "read", "--format", "json").out)[0]["token"]

    def query(self, metrics, dimensions=(), **more):
        body = {"metrics": list(metrics), "dimensions": list(dimensions), "date_range": "all", **more}
        request = urllib.request.Request(
            self.server.url + "/api/v1/query", data=json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)
