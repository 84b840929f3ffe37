"""The page *Segments* in Chromium over the real set: S3's 365, the people behind it as a list and as a file, and segments that are saved."""

import re
import unittest
from collections import Counter
from urllib.parse import quote

import ses_events
from browser import add_user
from cards import card, rows, saved
from pages import PagesTestCase, number
from ses_events import event

PAGE = "/segments?period=2021-01-01..2021-12-31"
OLD = "/segments?period=2020-01-01..2020-01-31"
EVIL = "<img src=x onerror=alert(1)>\"'><script>alert(2)</script>"


class Segments(PagesTestCase):
    MESSAGES = 10

    @classmethod
    def prepare(cls, events):
        by_class = ses_events.real_set()
        cls.sesame.load(cls.file(cls, "real.ndjson", [one for events in by_class.values() for one in events]))
        # Each message has one recipient.
        cls.recipient = {one["mail"]["messageId"]: one["mail"]["destination"][0].lower() for events in by_class.values() for one in events}
        cls.messages = {name: [one["mail"]["messageId"] for one in events] for name, events in by_class.items()}
        cls.bounced = [
            cls.recipient[one["mail"]["messageId"]] for one in by_class["bounce"] if one["bounce"]["bounceType"].lower() == "permanent"]
        mail = {"message": "evil-1", "to": [f"{EVIL}@example.net"], "sent": "2020-01-10T12:00:00.000Z"}
        at = "2020-01-10T12:01:00.000Z"
        cls.sesame.load(cls.file(cls, "hostile.ndjson", [
            event("Send", **mail), event("Delivery", at=at, recipients=mail["to"], **mail),
            event("Open", at=at, userAgent=EVIL, ipAddress="192.0.2.1", **mail),
            event("Click", at="2020-01-20T12:00:00.000Z", link=EVIL, userAgent=EVIL, **{**mail, "message": "evil-2"})]))

    def people(self, messages):
        return Counter(self.recipient[message] for message in messages)

    def test_opened_and_not_clicked_is_365(self):
        page = self.browser().open(PAGE)
        expected = self.people(set(self.messages["open"]) - set(self.messages["click"]))
        self.assertEqual(sum(expected.values()), 365)
        self.assertTrue(page.locator(".lead").inner_text().startswith(
            f"365 mails to {len(expected):,} people were opened and not clicked in"), page.locator(".lead").inner_text())
        self.assertEqual({cells[0]: number(cells[1]) for cells in rows(page, "People")}, expected)
        self.assertEqual({row["recipient"]: int(row["mails"]) for row in saved(page, "People")}, expected)
        filters = [{"field": "was_opened", "value": True}, {"field": "was_clicked", "value": False}]
        self.assertEqual(self.numbers.query(["mails"], filters=filters, date_range={"from": "2021-01-01", "to": "2021-12-31"})["totals"]["mails"], 365)

    def test_segments_of_people(self):
        browser = self.browser()
        page = browser.open(PAGE)
        delivered, opened = self.people(self.messages["delivery"]), self.people(self.messages["open"])
        for title, words, expected in (
                ("Hard bounced", "Mail to {} bounced for good.", Counter(self.bounced)),
                ("Complained", "{} complained.", self.people(self.messages["complaint"])),
                ("Delivered three times, never opened", "{} got three mails or more and opened none.",
                 Counter({one: count for one, count in delivered.items() if count >= 3 and not opened[one]}))):
            page.get_by_role("link", name=title, exact=True).click()
            page.wait_for_selector(f".segments a[aria-current]:text-is('{title}')")
            browser.settle()
            count = f"{len(expected):,} {'person' if len(expected) == 1 else 'people'}"
            self.assertTrue(page.locator(".lead").inner_text().startswith(words.format(count)), page.locator(".lead").inner_text())
            if expected:
                self.assertEqual({cells[0]: number(cells[1]) for cells in rows(page, "People")}, expected, title)
            else:
                self.assertIn("Nobody, in this period", card(page, "People").inner_text())

    def test_a_person_leads_to_their_life(self):
        page = self.browser().open(PAGE)
        link = card(page, "People").locator(".row-link").first
        self.assertTrue(link.get_attribute("href").startswith(f"/recipient/{quote(link.inner_text(), safe='')}?"))

    def test_filters_narrow_it(self):
        page = self.browser().open(PAGE + "&f=recipient_domain~is~yahoo.com")
        expected = self.people(set(self.messages["open"]) - set(self.messages["click"]))
        count = sum(mails for one, mails in expected.items() if one.endswith("@yahoo.com"))
        self.assertTrue(page.locator(".lead").inner_text().startswith(f"{count:,} mails to "))

    def test_saved_and_found_again_by_keyboard(self):
        browser = self.browser()
        page = browser.open(PAGE + "&segment=complained&f=isp~is~Yahoo")
        page.get_by_role("button", name="Save segment").focus()
        page.keyboard.press("Enter")
        page.keyboard.type(EVIL)
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile("saved="))
        page = browser.open(PAGE)
        link = card(page, "Segments").get_by_role("link", name=EVIL)
        link.focus()
        page.keyboard.press("Enter")
        page.wait_for_selector(".chip:has-text('isp is Yahoo')")
        browser.settle()
        expected = Counter(one for one in self.people(self.messages["complaint"]).elements() if "@yahoo." in one)
        self.assertTrue(page.locator(".lead").inner_text().startswith(f"{len(expected):,} people complained."))
        self.assertEqual(page.locator("main img, header img").count(), 0)
        card(page, "Segments").get_by_role("button", name=f"Remove {EVIL}").click()
        page.wait_for_selector("text=None yet.")

    def test_viewers_see_counts_and_save_nothing(self):
        page = self.browser(email=add_user(self.sesame, "vic@example.com", "viewer")).open(PAGE)
        self.assertTrue(page.locator(".lead").inner_text().startswith("365 mails to "))
        self.assertEqual(page.locator(".row-link").count() + page.get_by_role("button", name="Save segment").count(), 0)

    def test_all_looks_fit(self):
        for scheme, size in (("light", "desktop"), ("dark", "phone")):
            self.assert_fits(self.browser(scheme, size).open(PAGE), PAGE)

    def test_strangers_text_stays_text(self):
        page = self.browser().open(OLD + "&segment=everybody")
        self.assertIn(EVIL.lower().split("@")[0], card(page, "People").inner_text().lower())
        self.assertEqual(page.locator("main img, main script").count(), 0)
        page = self.browser().open("/segments?period=2019-01-01..2019-01-02")
        self.assertIn("The last event was", card(page, "People").inner_text())


if __name__ == "__main__":
    unittest.main()
