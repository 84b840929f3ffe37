"""The page *Sources* in Chromium: what it shows is what the API says, and a source is added, tried, paused and removed on it."""

import json
import time

from browser import SIZES, Browser, Numbers, add_user, chromium
from pages import percent
from sesame import SesameTestCase, simulate
from server import Server

HOSTILE = '<img src=x onerror="document.title=\'owned\'">'


class SourcesPage(SesameTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        lines, cls.truth = simulate(cls.folder, 400, days=2)
        secret = json.loads(cls.sesame.run("source", "add", "shop", "--kind", "http", "--format", "json").out)[0]["secret"]
        cls.sesame.run("source", "add", "topic", "--kind", "sns", "--topic-arn", "arn:aws:sns:eu-west-1:123456789012:ses")
        cls.owner, cls.viewer = add_user(cls.sesame), add_user(cls.sesame, "vera@example.com", "viewer")
        cls.server = Server(cls.sesame)
        cls.addClassCleanup(cls.server.stop)
        cls.numbers = Numbers(cls.sesame, cls.server)
        refused = [json.dumps({"eventType": "Send", "mail": {"timestamp": HOSTILE, "messageId": HOSTILE}}), '{"half":']
        cls.server.post(lines.read_bytes() + "\n".join(refused).encode(), secret, "/ingest/http/shop")
        cls.browsers, cls.signed_in = cls.enterClassContext(chromium()), {}
        deadline = time.monotonic() + 60
        while cls.numbers.query(["events"])["totals"]["events"] < cls.truth["events"]:
            assert time.monotonic() < deadline
            time.sleep(0.1)

    def browse(self, email=None, scheme="light", size="desktop", refused=False):
        """A browser that is signed in, once for all tests; `refused` where the page is to be told that it may not."""
        browser = self.signed_in.get(email or self.owner)
        if browser is None:
            browser = self.signed_in[email or self.owner] = Browser(self.browsers, self.server, email or self.owner)
        width, height = SIZES[size]
        browser.page.set_viewport_size({"width": width, "height": height})
        browser.page.emulate_media(color_scheme=scheme)
        browser.problems.clear()

        def check():
            # The console notes each refusal that it was asked for.
            problems = [problem for problem in browser.problems if not (refused and "Failed to load resource" in problem)]
            self.assertEqual(problems, [])
            browser.page.goto("about:blank")

        self.addCleanup(check)
        return browser

    def row(self, page, name):
        """The cells of a source by their titles; the words of each."""
        row = page.locator(f"table:has(caption:text('Sources')) tr:has(td:first-child:has-text('{name}'))")
        return {cell.get_attribute("data-title"): cell.inner_text() for cell in row.locator("td").all()}

    def test_numbers_are_those_of_the_api(self):
        page = self.browse().open("/sources?period=all")
        answer = self.numbers.query(["events", "intake_completeness"], ["source"])
        (expected,) = [row for row in answer["rows"] if row["source"] == "shop"]
        row = self.row(page, "shop")
        self.assertEqual(row["Events"].split("\n")[0], f"{expected['events']:,}")
        self.assertEqual(expected["events"], self.truth["events"])
        self.assertEqual(row["Completeness"].rstrip("*"), percent(expected["intake_completeness"], 1))
        self.assertEqual((row["State"], row["Refused"].split("\n")[0]), ("active", "2"))
        self.assertEqual(self.row(page, "topic")["State"], "waiting")
        self.assertIn("2 records were refused and kept.", page.inner_text(".lead"))
        self.assertIn("All that was acknowledged can be queried.", page.inner_text("main"))
        with page.expect_download() as saved:
            page.locator(".card", has_text="All sources").get_by_role("button", name="CSV").click()
        lines = saved.value.path().read_text().splitlines()
        self.assertEqual(lines[0].split(",")[:2], ["name", "kind"])
        self.assertIn(f",{expected['events']},", next(line for line in lines if line.startswith("shop,http,")))

    def test_a_source_is_added_tried_paused_and_removed_by_keyboard(self):
        page = self.browse().open("/sources")
        page.get_by_role("button", name="Add a source").focus()
        page.keyboard.press("Enter")
        page.get_by_label("How events come").select_option("firehose")
        page.get_by_label("Name", exact=True).fill("hose")
        page.keyboard.press("Enter")
        secret = page.locator(".secret code").inner_text()
        self.assertRegex(secret, r"^ses_in_\w{49}$")
        page.get_by_label("Address under which it is reached").fill("https://sesame.example.com")
        page.keyboard.press("Tab")
        shown = page.locator(".setup-text")
        shown.wait_for()
        page.get_by_role("tab", name="AWS CLI").focus()
        for style in ("cli", "cloudformation", "terraform"):
            printed = self.sesame.run("source", "setup", "hose", "--as", style, "--url", "https://sesame.example.com").out
            self.assertEqual(shown.inner_text().strip(), printed.strip())
            self.assertNotIn(secret, printed)
            page.keyboard.press("ArrowRight")
        self.assertIn("Waiting for the first event", page.locator(".first-event").inner_text())
        page.get_by_role("button", name="Send test event").press("Enter")
        page.locator(".test .ok-text").wait_for(timeout=20_000)
        page.locator(".first-event.ok").wait_for(timeout=20_000)
        page.get_by_role("button", name="Done").press("Enter")
        rows = self.sesame.sql("SELECT event_type, source_name, is_machine FROM events WHERE message_id LIKE '%sesame-test%'")
        self.assertEqual({row["event_type"] for row in rows}, {"Send", "Delivery"})
        self.assertEqual({row["source_name"] for row in rows}, {"hose"})
        counted = self.numbers.query(["eligible_sends", "intake_completeness"], filters=[{"field": "source", "value": "hose"}])
        self.assertEqual((counted["totals"]["eligible_sends"], counted["totals"]["intake_completeness"]), (0, 1))
        for button, state in (("Pause", "paused"), ("Take events again", "active")):
            page.get_by_role("button", name="Set up, test or change hose").press("Enter")
            page.get_by_role("button", name=button).press("Enter")
            page.wait_for_function("name => [...document.querySelectorAll('tr')].some((row) => row.innerText.includes('hose') && row.innerText.includes(name))", arg=state)
        page.get_by_role("button", name="Set up, test or change hose").press("Enter")
        page.get_by_role("button", name="Remove", exact=True).press("Enter")
        page.get_by_role("button", name="Remove it").press("Enter")
        page.wait_for_function("() => [...document.querySelectorAll('tr')].some((row) => row.innerText.includes('hose') && row.innerText.includes('not a source'))")
        self.assertEqual(json.loads(self.sesame.run("source", "list", "--format", "json").out)[0]["name"], "shop")

    def test_mistakes_are_told_in_the_dialog(self):
        page = self.browse(refused=True).open("/sources")
        page.get_by_role("button", name="Add a source").click()
        page.get_by_label("Name", exact=True).fill("shop")
        page.get_by_label("Topic ARNs").fill("arn:aws:sns:eu-west-1:123456789012:ses")
        page.get_by_role("button", name="Add it").click()
        page.locator("dialog .trouble").wait_for()
        self.assertIn("There is a source 'shop' already", page.inner_text("dialog .trouble"))
        self.assertEqual(page.get_by_label("Name", exact=True).input_value(), "shop")

    def test_refused_records_are_looked_at_as_text_and_tried_again(self):
        page = self.browse().open("/sources")
        row = page.locator("tr", has_text="timestamp")
        row.get_by_role("button", name="Look").click()
        page.locator("dialog summary").first.click()
        page.locator("dialog pre").wait_for()
        self.assertIn(HOSTILE.replace('"', '\\"'), page.locator("dialog pre").first.inner_text())
        self.assertEqual((page.locator("dialog img").count(), page.title()), (0, "Sources · Sesame"))
        page.keyboard.press("Escape")
        row.get_by_role("button", name="Try again").click()
        page.wait_for_function("() => document.querySelector('main').innerText.includes('1 cannot be read yet')")

    def test_a_viewer_looks_and_changes_nothing(self):
        page = self.browse(self.viewer, refused=True).open("/sources")
        self.assertIn("shop", page.inner_text("main"))
        for name in ("Add a source", "Set up", "Try again"):
            self.assertEqual(page.get_by_role("button", name=name).count(), 0)
        status = page.evaluate("""async () => (await fetch('/api/v1/sources/shop', { method: 'DELETE', headers: { 'x-csrf-token': document.querySelector('meta[name=csrf]').content } })).status""")
        self.assertEqual(status, 403)

    def test_it_fits_a_phone_in_the_dark(self):
        page = self.browse(scheme="dark", size="phone").open("/sources")
        self.assertLessEqual(page.evaluate("document.documentElement.scrollWidth"), 375)
        page.get_by_role("button", name="Set up, test or change shop").click()
        page.locator(".setup-text").wait_for()
        self.assertLessEqual(page.evaluate("document.querySelector('dialog').scrollWidth"), 375)
