"""The page *Cohorts* in Chromium over the real set: S3's pivot and its summary by region, who keeps reading, and what follows a mail."""

import csv
import re
import unittest
from collections import Counter, defaultdict
from datetime import timedelta

import ses_events
from browser import add_user
from cards import card, rows, saved
from pages import PagesTestCase, number, percent
from sesame import instant
from ses_events import event

SPAN = {"from": "2021-01-01", "to": "2021-12-31"}
PAGE = "/cohorts?period=2021-01-01..2021-12-31"
JOIN = "&join=%7B%22ses_requests%22:%7B%22message%22:%22message_id%22%7D%7D"
EVIL = "<img src=x onerror=alert(1)>\"'><script>alert(2)</script>"
# S3's columns in its order.
CLASSES = ("reject", "send", "bounce", "delivery", "complaint", "open", "click")


class Cohorts(PagesTestCase):
    MESSAGES = 10

    @classmethod
    def prepare(cls, events):
        by_class = ses_events.real_set()
        cls.events = [(name, one) for name, events in by_class.items() for one in events]
        cls.sesame.load(cls.file(cls, "real.ndjson", [one for _, one in cls.events]))
        messages = sorted({one["mail"]["messageId"] for _, one in cls.events})
        cls.region = {message: ("LATAM", "APAC", "EU", "NA")[place % 4] for place, message in enumerate(messages)}
        # As S3 made them: a request for each event of a message, and not for each message.
        cls.dataset("ses_requests", ["message_id", "region"], [
            (one["mail"]["messageId"], cls.region[one["mail"]["messageId"]]) for _, one in cls.events])
        cls.orders()
        cls.sesame.load(cls.file(cls, "readers.ndjson", cls.readers()))
        mail = {"message": "evil-1", "sent": "2020-01-10T12:00:00.000Z", "tags": {"campaign": [EVIL]}}
        cls.sesame.load(cls.file(cls, "hostile.ndjson", [
            event("Send", **mail), event("Delivery", at="2020-01-10T12:00:01.000Z", recipients=["ada@example.net"], **mail)]))

    @classmethod
    def dataset(cls, name, columns, lines):
        path = cls.folder / f"{name}.csv"
        with path.open("w", newline="") as out:
            csv.writer(out).writerows([columns, *lines])
        cls.sesame.run("dataset", "add", name, path)

    @classmethod
    def orders(cls):
        """Orders of three readers: twice after two days, once after ten days, once before any mail; and of a stranger."""
        delivered = {}
        for name, one in cls.events:
            if name == "delivery":
                delivered.setdefault(one["mail"]["destination"][0], []).append(instant(one["mail"]["timestamp"].ljust(23, "0")))
        single = [(address, times[0]) for address, times in delivered.items() if len(times) == 1][:3]
        later = [(single[0], 2), (single[0], 2.5), (single[1], 10), (single[2], -1)]
        lines = [(address.upper(), (time + timedelta(days=days)).isoformat()) for (address, time), days in later]
        cls.dataset("orders", ["Email", "ordered_at"], [*lines, ("nobody@example.org", "2021-09-01T00:00:00Z")])

    @staticmethod
    def readers():
        """Three people first written to in a week of February 2020: one reads in it and two weeks later, one the week after, one never."""
        events = []
        for name, days in (("abe", [1, 15]), ("bea", [8]), ("cyd", [])):
            mail = {"message": f"reader-{name}", "to": [f"{name}@example.net"], "sent": "2020-02-03T09:00:00.000Z"}
            events += [event("Send", **mail), event("Delivery", at="2020-02-03T09:00:02.000Z", recipients=mail["to"], **mail)]
            events += [event(
                "Open", at=f"2020-02-{3 + day:02}T15:00:00.000Z", ipAddress=f"192.0.2.{ord(name[0])}",
                userAgent="Mozilla/5.0 (X11; Linux x86_64; rv:99.0) Gecko/20100101 Firefox/99.0", **mail) for day in days]
        return events

    def counted(self, key):
        """Events by a key, and within it by class."""
        counts = defaultdict(Counter)
        for name, one in self.events:
            counts[key(one)][name] += 1
        return counts

    def test_the_summary_by_region_counts_each_event_once(self):
        page = self.browser().open(PAGE + JOIN + "&by=ses_requests.region")
        expected = self.counted(lambda one: self.region[one["mail"]["messageId"]])
        clicked = {one["mail"]["messageId"] for name, one in self.events if name == "click"}
        rest = Counter(self.region[one["mail"]["messageId"]] for name, one in self.events if name == "open" and one["mail"]["messageId"] not in clicked)
        found = {cells[0]: cells[1:] for cells in rows(page, "Summary")}
        self.assertEqual(set(found), set(expected))
        for region, cells in found.items():
            counts = expected[region]
            self.assertEqual([number(cell) for cell in cells[:8]], [*(counts[name] for name in CLASSES), rest[region]], region)
            self.assertEqual(cells[8], percent(counts["delivery"], counts["send"]))
            self.assertEqual(cells[10:], [percent(counts["open"], counts["delivery"]), percent(counts["click"], counts["delivery"])])
        total = card(page, "Summary").locator("tfoot td").all_inner_texts()
        self.assertEqual(total[:9], ["Total", "99", "892", "83", "809", "80", "729", "364", "365"])
        self.assertEqual(
            {row["ses_requests.region"]: (int(row["sends"]), int(row["opened_not_clicked"])) for row in saved(page, "Summary")},
            {region: (counts["send"], rest[region]) for region, counts in expected.items()})

    def test_the_pivot_of_messages(self):
        page = self.browser().open(PAGE + "&rows=message&cols=event_type&metric=events")
        head = card(page, "Pivot").locator("thead th").all_inner_texts()
        expected = self.counted(lambda one: one["mail"]["messageId"])
        found = {cells[0]: {title: number(cell) for title, cell in zip(head[1:], cells[1:])} for cells in rows(page, "Pivot")}
        self.assertEqual(len(found), 991)
        self.assertEqual(found, {message: {
            **{title: counts[title.lower()] for title in head[1:-1]}, "Total": sum(counts.values())} for message, counts in expected.items()})
        total = dict(zip(head, card(page, "Pivot").locator("tfoot td").all_inner_texts()))
        self.assertEqual(
            total, {"Message": "Total", "Send": "892", "Delivery": "809", "Open": "729", "Click": "364", "Reject": "99", "Bounce": "83", "Complaint": "80", "Total": "3,056"})
        self.assertEqual({row["message"]: int(row["Open"]) for row in saved(page, "Pivot")}, {message: counts["open"] for message, counts in expected.items()})

    def test_a_column_of_a_dataset_is_chosen(self):
        browser = self.browser()
        page = browser.open(PAGE)
        card(page, "Pivot").get_by_label("Rows").select_option("ses_requests.region")
        page.wait_for_url(re.compile("rows=ses_requests.region"))
        browser.settle()
        card(page, "Pivot").get_by_label("Number").select_option("sends")
        page.wait_for_url(re.compile("metric=sends"))
        browser.settle()
        expected = self.counted(lambda one: self.region[one["mail"]["messageId"]])
        self.assertEqual({cells[0]: number(cells[-1]) for cells in rows(page, "Pivot")}, {region: counts["send"] for region, counts in expected.items()})

    def test_cohorts_of_mails(self):
        page = self.browser().open(PAGE + "&cohort=month")
        answer = self.numbers.query(["sends", "delivery_rate", "open_rate", "click_rate"], ["month"], date_range=SPAN, time_basis="sent")["rows"]
        found = [(number(cells[1]), cells[2], cells[5], cells[6]) for cells in rows(page, "By when they were sent")]
        self.assertEqual(found, [(row["sends"], *(percent(row[name], 1) for name in ("delivery_rate", "open_rate", "click_rate"))) for row in reversed(answer)])
        last = answer[-1]
        self.assertIn(f"{percent(last['open_rate'], 1)} was opened by people and {percent(last['click_rate'], 1)} clicked", page.locator(".lead").inner_text())

    def test_who_keeps_reading(self):
        page = self.browser().open(PAGE)
        people = {one["mail"]["destination"][0].lower() for name, one in self.events if name == "delivery"}
        readers = self.sesame.value("SELECT count(DISTINCT lower(recipient)) FROM engagements WHERE event_type = 'Open' AND NOT is_machine AND year(event_at) = 2021")
        grid = card(page, "Do they keep reading?").locator("[role=grid]")
        self.assertEqual(grid.locator("tbody tr").count(), 1)
        self.assertTrue(grid.locator("tbody th").inner_text().endswith(f" {len(people):,} people"))
        self.assertEqual(grid.locator("tbody td").first.inner_text(), percent(readers, len(people)))
        self.assertEqual([(row["people"], row["week_0"], row["week_1"]) for row in saved(page, "Do they keep reading?")], [(str(len(people)), str(readers), "0")])
        page = self.browser().open("/cohorts?period=2020-02-01..2020-02-29")
        grid = card(page, "Do they keep reading?").locator("[role=grid]")
        self.assertEqual(grid.locator("tbody th").all_inner_texts(), ["3 Feb 2020 3 people"])
        self.assertEqual(grid.locator("tbody td").all_inner_texts()[:4], ["33.3 %*", "33.3 %*", "33.3 %*", "0 %*"])

    def test_what_follows_a_mail(self):
        browser = self.browser()
        page = browser.open(PAGE + "&per=sender")
        delivered = sum(name == "delivery" for name, _ in self.events)
        self.assertIn(
            f"1 of {delivered} mails ({percent(1, delivered)}) were followed by 2 rows of orders within 7 days, by ordered_at.", card(page, "What follows a mail").inner_text())
        card(page, "What follows a mail").get_by_label("Within").select_option("30")
        page.wait_for_url(re.compile("days=30"))
        browser.settle()
        found = rows(page, "What follows a mail")
        self.assertEqual([sum(number(cells[place]) for cells in found) for place in (1, 2, 4)], [delivered, 2, 3])

    def test_viewers_are_told_why(self):
        page = self.browser(email=add_user(self.sesame, "vic@example.com", "viewer")).open(PAGE)
        for title in ("Do they keep reading?", "What follows a mail"):
            self.assertIn("which your role may not run", card(page, title).inner_text())
        self.assertIn("sesame dataset add", card(page, "Summary").inner_text())
        self.assertTrue(rows(page, "Summary"))

    def test_all_looks_fit(self):
        for scheme, size in (("light", "desktop"), ("dark", "phone")):
            page = self.browser(scheme, size).open(PAGE)
            page.wait_for_selector(".chart canvas")
            self.assert_fits(page, PAGE)

    def test_strangers_text_stays_text(self):
        page = self.browser().open("/cohorts?period=2020-01-01..2020-01-31&by=campaign&cols=campaign&rows=week&metric=sends")
        for title in ("Summary", "Pivot", "What follows a mail"):
            self.assertIn(EVIL, card(page, title).inner_text(), title)
        self.assertEqual(page.locator("main img, main script").count(), 0)
        page = self.browser().open("/cohorts?period=2020-01-01..2020-01-31&by=tag:%22'--&join=%7B%22x%22%3A1")
        self.assertIn("(none)", card(page, "Summary").inner_text())


if __name__ == "__main__":
    unittest.main()
