"""The page *Safety* and what stands over every page, in Chromium: numbers, address, keys, links, new events, hostile text."""

import json
import re
import unittest
from collections import Counter
from datetime import datetime, timezone

from browser import add_user
from pages import PagesTestCase, number, percent
from ses_events import event


class Safety(PagesTestCase):
    def tile(self, page, title):
        return page.locator(".tile", has=page.locator(f".tile-label:text-is('{title}')"))

    def mails(self):
        """Sends and deliveries by recipients, counted without Sesame."""
        counts = Counter()
        for line in set(self.events.read_text().splitlines()):
            one = json.loads(line)
            if one["eventType"] == "Send":
                counts["Send"] += len({address.lower() for address in one["mail"]["destination"]})
            if one["eventType"] == "Delivery":
                counts["Delivery"] += len({address.lower() for address in one["delivery"]["recipients"]})
        return counts["Send"] + getattr(self, "posted", 0), counts["Delivery"]

    def test_numbers_are_the_truth(self):
        page = self.browser().open("/?period=all")
        sends, deliveries = self.mails()
        totals = self.numbers.query(
            ["sends", "deliveries", "bounce_rate", "complaint_rate", "counted_bounces", "eligible_sends"])["totals"]
        self.assertEqual((totals["sends"], totals["deliveries"]), (sends, deliveries))
        self.assertEqual(self.tile(page, "Sends").locator(".tile-value").inner_text(), f"{sends:,}")
        self.assertEqual(
            self.tile(page, "Delivery rate").locator(".tile-value").inner_text(), percent(totals["deliveries"], sends))
        bar = page.locator(".limit").first.locator("strong")
        self.assertEqual(bar.inner_text(), percent(totals["counted_bounces"], totals["eligible_sends"]))
        rows = page.locator("table.ranked tbody tr")
        self.assertEqual(
            sum(number(text) for text in rows.locator("td:nth-child(2)").all_inner_texts()), totals["counted_bounces"])

    def test_it_says_whether_one_is_safe(self):
        lead = self.browser().open("/?period=all").locator(".lead")
        self.assertRegex(lead.inner_text(), r"^(You are safe|Bounce rate|Complaint rate)")
        lead = self.browser().open("/?period=last_month").locator(".lead")
        self.assertRegex(lead.inner_text(), r"^(You were safe|No mail|Bounce rate|Complaint rate)")
        self.assertNotIn("today", lead.inner_text())

    def test_all_looks_fit(self):
        for scheme, size in (("light", "desktop"), ("dark", "desktop"), ("light", "phone"), ("dark", "phone")):
            browser = self.browser(scheme, size)
            page = browser.open("/?period=all")
            self.assert_fits(page, "/")
            if size == "desktop":
                self.keep_picture(browser, f"safety-{scheme}")
            self.assertTrue(page.locator(".chart canvas").count() or page.wait_for_selector(".chart canvas"))

    def test_a_row_becomes_a_filter_and_back_takes_it_away(self):
        browser = self.browser()
        page = browser.open("/?period=all")
        before = self.tile(page, "Sends").inner_text()
        first = page.locator("table.ranked .row-link").first
        provider = first.inner_text()
        first.click()
        page.wait_for_selector(f".chip:has-text('isp is {provider}')")
        browser.settle()
        found = self.numbers.query(["sends"], filters=[{"field": "isp", "value": provider}])["totals"]["sends"]
        page.wait_for_function(
            "text => document.querySelector('.tile-value').textContent === text", arg=f"{found:,}")
        page.go_back()
        page.wait_for_selector("#chips", state="hidden")
        browser.settle()
        self.assertEqual(self.tile(page, "Sends").inner_text(), before)

    def test_the_address_is_the_state(self):
        browser = self.browser()
        page = browser.open("/?period=all")
        page.select_option("[aria-label='By']", "campaign")
        page.wait_for_url(re.compile(r"by=campaign"))
        browser.settle()
        shown = page.locator("table.ranked tbody").inner_text()
        again = browser.open(page.url.removeprefix(self.server.url))
        self.assertEqual(again.locator("table.ranked tbody").inner_text(), shown)

    def test_csv_is_what_is_shown(self):
        page = self.browser().open("/?period=all")
        with page.expect_download() as saved:
            page.locator(".card", has_text="What it is made of").get_by_role("button", name="CSV").click()
        with open(saved.value.path()) as file:
            lines = file.read().splitlines()
        self.assertEqual(lines[0].split(",")[0], "isp")
        shown = page.locator("table.ranked tbody tr").count()
        self.assertEqual(sum(int(line.split(",")[1]) > 0 for line in lines[1:]), shown)

    def test_keys(self):
        browser = self.browser()
        page = browser.open("/?period=all")
        page.keyboard.press("w")
        page.wait_for_url(re.compile(r"period=7d"))
        page.keyboard.press("ArrowLeft")
        page.wait_for_url(re.compile(r"\.\."))
        page.keyboard.press("?")
        self.assertIn("Search", page.locator("dialog[open]").inner_text())
        page.keyboard.press("Escape")
        page.keyboard.press("/")
        self.assertEqual(page.evaluate("document.activeElement.id"), "search")
        browser.settle()

    def test_flags_read_as_words(self):
        browser = self.browser()
        filters = ("was_opened~is~false", "was_clicked_by_person~is~true", "is_machine~is_not~true", "was_bounced~is_not~true", "is_machine~is~", "isp~is~Gmail")
        page = browser.open("/?period=all" + "".join(f"&f={one}" for one in filters))
        self.assertEqual(page.locator(".chip-text").all_inner_texts(), [
            "not opened", "clicked by a person", "not by a machine", "not bounced", "not an open or click", "isp is Gmail"])
        page = browser.open("/?period=all")
        page.keyboard.press("f")
        page.select_option("dialog [name=field]", "was_delivered")
        self.assertEqual(page.locator("dialog [name=flag] option").all_inner_texts(), ["Delivered", "Not delivered"])
        page.select_option("dialog [name=flag]", "Not delivered")
        page.get_by_role("button", name="Apply").click()
        page.wait_for_selector(".chip-text:text-is('not delivered')")
        browser.settle()
        found = self.numbers.query(["sends"], filters=[{"field": "was_delivered", "value": False}])["totals"]["sends"]
        self.assertEqual(self.tile(page, "Sends").locator(".tile-value").inner_text(), f"{found:,}")
        page.locator(".chip-text").click()
        self.assertEqual(page.locator("dialog [name=flag]").input_value(), "false")
        page.keyboard.press("Escape")

    def test_a_view_is_saved_and_found_again_by_keyboard(self):
        evil = "<img src=x onerror=alert(1)> & co"
        browser = self.browser()
        page = browser.open("/?period=7d&compare=off&by=sender&f=isp~is~Gmail")
        page.keyboard.press("v")
        page.wait_for_selector("#views >> text=None yet.")
        page.wait_for_function("document.activeElement.textContent === 'Save view'")
        page.keyboard.press("Enter")
        self.assertEqual(page.locator("dialog input").input_value(), "Safety, last 7 days, isp is Gmail")
        page.fill("dialog input", evil)
        page.keyboard.press("Enter")
        page.wait_for_selector("#views a[aria-current]")
        page.keyboard.press("Escape")
        page.wait_for_selector("#views", state="hidden")
        # From another page, with the rest of what was saved: nothing that leads elsewhere is a link.
        for name, path in (("a", "//evil.example/"), ("b", "https://evil.example/"), ("c", "/\\evil.example"), ("d", "javascript:alert(1)"), ("e", "/logout"), ("f", 7)):
            page.evaluate("""([name, path]) => import('/assets/js/saved.js').then(({ save }) => save('view', name, { path }))""", [name, path])
        page = browser.open("/sources")
        page.keyboard.press("v")
        page.wait_for_selector("#views li")
        self.assertEqual(page.locator("#views li a").all_inner_texts(), [evil])
        self.assertEqual(page.locator("#views li").count(), 7)
        page.wait_for_function("document.activeElement.matches('#views a')")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"/\?period=7d&compare=off&by=sender&f=isp%7Eis%7EGmail$|/\?period=7d&compare=off&by=sender&f=isp~is~Gmail$"))
        page.wait_for_selector(".chip:has-text('isp is Gmail')")
        browser.settle()
        self.assertEqual(page.locator("header img").count(), 0)
        viewer = self.browser(email=add_user(self.sesame, "vic@example.com", "viewer")).open("/")
        viewer.get_by_role("button", name="Views").click()
        viewer.wait_for_selector("#views li")
        self.assertEqual((viewer.locator("#views a").count(), viewer.locator("#views button").count()), (1, 0))
        page.keyboard.press("v")
        for left in range(6, -1, -1):
            page.locator("#views li button").first.click()
            page.wait_for_function("left => document.querySelectorAll('#views li').length === left", arg=left)
        page.wait_for_selector("#views >> text=None yet.")
        page.keyboard.press("Escape")

    def test_new_events_come_without_a_reload(self):
        browser = self.browser()
        page = browser.open("/?period=all")
        before = number(self.tile(page, "Sends").locator(".tile-value").inner_text())
        page.wait_for_selector(".live.live")
        now = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self.post([event("Send", message=f"fresh-{n}", sent=now) for n in range(3)])
        page.wait_for_function(
            "text => document.querySelector('.tile-value').textContent === text", arg=f"{before + 3:,.0f}", timeout=30_000)

    def test_a_stranger_s_text_stays_text(self):
        evil = "<img src=x onerror=alert(1)>\"'><script>alert(2)</script>"
        now = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        mails = [{"message": f"evil-{n}", "sent": now, "tags": {"campaign": [evil]}} for n in range(60)]
        bounce = {"bounceType": "Permanent", "bounceSubType": "General", "bouncedRecipients": [{"emailAddress": "ada@example.net"}]}
        self.post([event(kind, **mail, **detail) for mail in mails for kind, detail in (("Send", {}), ("Bounce", {"at": now, **bounce}))])
        browser = self.browser()
        page = browser.open("/?period=all&by=campaign")
        page.on("dialog", lambda dialog: self.fail(dialog.message))
        page.wait_for_function(
            "text => [...document.querySelectorAll('table.ranked td')].some(cell => cell.textContent.includes(text))", arg=evil)
        self.assertEqual(page.locator("main img, main script").count(), 0)
        page.get_by_text(evil).first.click()
        page.wait_for_selector(".chip")
        browser.settle()
        self.assertEqual(page.locator("header img, header script").count(), 0)

    def test_without_signing_in_there_is_nothing(self):
        context = self.chromium.new_context(base_url=self.server.url)
        page = context.new_page()
        page.goto("/campaigns?period=7d")
        self.assertIn("/login?then=", page.url)
        self.assertEqual(context.request.post("/api/v1/query", data=json.dumps({"metrics": ["sends"]})).status, 401)
        context.close()


if __name__ == "__main__":
    unittest.main()
