"""The page *Campaigns* in Chromium: its numbers beside the events counted by hand and the API's answers, the worst one, one by itself, some side by side."""

import json
import re
import unittest
from collections import Counter
from datetime import datetime, timedelta, timezone

from cards import card, rows, saved, tiles
from pages import PagesTestCase, number, percent
from ses_events import event

PAGE = "/campaigns?period=30d"
OLD = "/campaigns?period=2020-01-01..2020-01-31"
EVIL = "<img src=x onerror=alert(1)>\"'><script>alert(2)</script>"
RATES = ["delivery_rate", "bounce_rate", "complaint_rate", "open_rate", "click_rate", "click_to_open_rate", "unsubscribe_rate"]
TITLES = {
    "Sends": "sends", "Delivery rate": "delivery_rate", "Bounce rate": "bounce_rate", "Complaint rate": "complaint_rate",
    "Open rate": "open_rate", "Click rate": "click_rate", "Click-to-open rate": "click_to_open_rate", "Unsubscribe rate": "unsubscribe_rate"}


def shown(value, name):
    return "–" if value is None else f"{value:,}" if name == "sends" else percent(value, 1)


class Campaigns(PagesTestCase):
    @classmethod
    def prepare(cls, events):
        super().prepare(events)
        cls.sends = Counter()
        for line in set(events.read_text().splitlines()):
            one = json.loads(line)
            if one["eventType"] == "Send":
                cls.sends[one["mail"]["tags"]["campaign"][0]] += len({address.lower() for address in one["mail"]["destination"]})
        cls.sesame.load(cls.file(cls, "bad.ndjson", cls.leaky() + cls.hostile()))
        cls.sends["leaky-list"] = 150

    @staticmethod
    def leaky():
        """A campaign of 150 mails, of which 30 bounce for good."""
        sent = datetime.now(timezone.utc) - timedelta(days=3)
        events = []
        for n in range(150):
            address, at = f"reader{n}@example.net", (sent + timedelta(seconds=n)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            mail = {"message": f"leaky-{n}", "to": [address], "sent": at, "tags": {"campaign": ["leaky-list"]}}
            events.append(event("Send", **mail))
            if n < 30:
                events.append(event("Bounce", at=at, bounceType="Permanent", bounceSubType="General", **mail, bouncedRecipients=[
                    {"emailAddress": address, "status": "5.1.1", "diagnosticCode": "smtp; 550 5.1.1 user unknown"}]))
            else:
                events.append(event("Delivery", at=at, recipients=[address], **mail))
        return events

    @staticmethod
    def hostile():
        mail = {"message": "evil-1", "sent": "2020-01-10T12:00:00.000Z", "tags": {"campaign": [EVIL]}}
        at, agent = "2020-01-10T12:01:00.000Z", {"userAgent": EVIL, "ipAddress": "192.0.2.1"}
        events = [
            event("Send", **mail), event("Delivery", at=at, recipients=["ada@example.net"], **mail),
            event("Click", at=at, link=f"https://example.com/{EVIL}", **agent, **mail),
            event("Bounce", at=at, bounceType=EVIL, bouncedRecipients=[{"emailAddress": "ada@example.net", "diagnosticCode": EVIL}], **mail)]
        for one in events:
            one["mail"]["commonHeaders"] = {"subject": EVIL}
        return events

    def query(self, metrics, dimensions=(), **more):
        return self.numbers.query(metrics, dimensions, **{"date_range": "30d", "time_basis": "sent", "limit": 10_000, **more})

    def by_campaign(self, metrics):
        return {row["campaign"]: row for row in self.query(metrics, ["campaign"])["rows"]}

    def test_the_table_is_the_truth(self):
        page = self.browser().open(PAGE)
        found = {cells[0]: cells[1:] for cells in rows(page, "All campaigns")}
        self.assertEqual({name: number(cells[0]) for name, cells in found.items()}, self.sends)
        answer = self.by_campaign(["sends", *RATES])
        for name, cells in found.items():
            for rate, cell in zip(RATES, cells[1:]):
                row = answer[name]
                mark = "*" if rate in row["sample_too_small"] else "▲" if "Above" in cell else "▼" if "Below" in cell else ""
                self.assertTrue(cell.startswith(shown(row[rate], rate) + mark), f"{name} {rate}: {cell}")
        self.assertEqual(
            {row["campaign"]: (int(row["sends"]), row["open_rate"]) for row in saved(page, "All campaigns")},
            {name: (row["sends"], "" if row["open_rate"] is None else json.dumps(row["open_rate"])) for name, row in answer.items()})

    def test_marks_are_against_the_median(self):
        page = self.browser().open(PAGE)
        answer = [row for row in self.by_campaign(RATES).values() if "open_rate" not in row["sample_too_small"]]
        sample = sorted(row["open_rate"] for row in answer)
        middle = sample[len(sample) // 2] if len(sample) % 2 else (sample[len(sample) // 2 - 1] + sample[len(sample) // 2]) / 2
        for cells in rows(page, "All campaigns"):
            row = next((row for row in answer if row["campaign"] == cells[0]), None)
            if row and row["open_rate"] != middle:
                word = "Above" if row["open_rate"] > middle else "Below"
                self.assertIn(f"{word} the median of {len(sample)} campaigns, {percent(middle, 1)}", cells[5])

    def test_the_worst_stands_in_the_first_sentence(self):
        page = self.browser().open(PAGE)
        totals = self.query(["counted_bounces", "eligible_sends"])["totals"]
        row = self.by_campaign(["counted_bounces", "eligible_sends", "bounce_rate"])["leaky-list"]
        self.assertEqual(row["counted_bounces"], 30)
        self.assertEqual(page.locator(".lead").inner_text().split(" and ")[0].split(". Its")[0], (
            f"leaky-list hurts most: with {percent(row['eligible_sends'], totals['eligible_sends'])} of the mail it drew "
            f"{percent(30, totals['counted_bounces'])} of the bounces that count (30 of {totals['counted_bounces']:,})"))
        self.assertIn("bounce rate is 20.0 %, over AWS's 10 % line", page.locator(".lead").inner_text())
        self.assertIn("danger", page.locator(".lead").get_attribute("class"))

    def test_one_campaign(self):
        browser = self.browser()
        page = browser.open(PAGE)
        page.locator(".lead a").click()
        page.wait_for_url(re.compile("name=leaky-list"))
        page.wait_for_selector(".crumb strong:text-is('leaky-list')")
        browser.settle()
        only = {"filters": [{"field": "campaign", "value": "leaky-list"}]}
        totals = self.query([*TITLES.values(), "deliveries", "reach"], **only)["totals"]
        self.assertEqual(tiles(page), {title: shown(totals[name], name) for title, name in TITLES.items()})
        self.assertTrue(page.locator(".lead").inner_text().startswith(f"150 mails to {totals['reach']} people since "))
        self.assertIn("Worse than the median campaign in delivery rate, 80.0 % against", page.locator(".lead").inner_text())
        self.assertIn("120 80.0 %", card(page, "From sent to clicked").inner_text().replace("\n", " "))
        self.assertIn("30 not delivered (20.0 % of those above)", card(page, "From sent to clicked").inner_text())
        self.assertEqual(rows(page, "Why mails bounced"), [["unknown recipient", "Permanent", "30", "30"]])
        self.assertEqual([cells[:2] for cells in rows(page, "Mailbox providers")], [["Other", "150"]])
        self.assertEqual(sum(int(row["sends"]) for row in saved(page, "Since its first send")), 150)
        page.go_back()
        page.wait_for_selector("h2:text-is('All campaigns')")

    def test_side_by_side_by_keyboard(self):
        browser = self.browser()
        page = browser.open(PAGE)
        first, second = page.locator(".tick").nth(0), page.locator(".tick").nth(1)
        for box in (first, second):
            box.focus()
            page.keyboard.press("Space")
            browser.settle()
        page.wait_for_selector(".side-by-side")
        names = [cells[0] for cells in rows(page, "All campaigns")[:2]]
        answer = self.by_campaign(list(TITLES.values()))
        self.assertEqual(page.locator(".side-by-side thead th").all_inner_texts(), ["Metric", *names])
        for cells, name in zip(rows(page, "Side by side"), TITLES.values()):
            self.assertEqual([cell.rstrip("*") for cell in cells[1:]], [shown(answer[one][name], name) for one in names])
        self.assertEqual(
            {row["metric"]: json.loads(row[names[0]]) for row in saved(page, "Side by side") if row[names[0]]},
            {name: answer[names[0]][name] for name in TITLES.values() if answer[names[0]][name] is not None})
        self.assert_course(page, names[0])

    def assert_course(self, page, name):
        """The line of a campaign ends at all its opens by people, as a part of its mails."""
        page.wait_for_selector("canvas")
        answer = self.query(["sends", "human_opens"], ["campaign", "hour"], time_basis="event", filters=[{"field": "campaign", "value": name}])
        last = page.evaluate(
            "async rows => (await import('/assets/js/pages/campaigns-compare.js')).courseOf(rows, 'hour', 'human_opens').at(-1)[1]", answer["rows"])
        self.assertAlmostEqual(last, sum(row["human_opens"] for row in answer["rows"]) / sum(row["sends"] for row in answer["rows"]))

    def test_told_apart_by_something_else(self):
        browser = self.browser()
        page = browser.open(PAGE)
        page.get_by_label("Campaigns are told apart by").select_option("configuration_set")
        page.wait_for_url(re.compile("key=configuration_set"))
        browser.settle()
        answer = self.query(["sends"], ["configuration_set"])["rows"]
        self.assertEqual(
            {cells[0]: number(cells[1]) for cells in rows(page, "All campaigns")}, {row["configuration_set"]: row["sends"] for row in answer})
        page.get_by_label("Campaigns are told apart by").select_option("tag:")
        page.get_by_label("Its name").fill("team")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile("key=tag%3Ateam"))
        browser.settle()
        answer = self.query(["sends"], ["tag:team"])["rows"]
        found = {cells[0]: number(cells[1]) for cells in rows(page, "All campaigns")}
        self.assertEqual(found, {row["tag:team"] or "(no tag team)": row["sends"] for row in answer})

    def test_without_campaigns_it_says_how_to_get_them(self):
        page = self.browser().open(PAGE + "&key=tag:nothing")
        self.assertIn("--email-tags Name=nothing,Value=spring", card(page, "All campaigns").inner_text())
        page = self.browser().open("/campaigns?period=2019-01-01..2019-01-02")
        self.assertIn("The last event was", page.locator("main").inner_text())

    def test_all_looks_fit(self):
        for scheme, size in (("light", "desktop"), ("dark", "phone")):
            for path in (PAGE + "&pick=%5B%22leaky-list%22,%22welcome%22%5D", PAGE + "&name=welcome"):
                page = self.browser(scheme, size).open(path)
                page.wait_for_selector(".chart canvas")
                self.assert_fits(page, path)

    def test_strangers_text_stays_text(self):
        browser = self.browser()
        page = browser.open(OLD)
        self.assertIn(EVIL, card(page, "All campaigns").inner_text())
        page.locator(".ranked .row-link").first.click()
        page.wait_for_selector(".crumb strong")
        browser.settle()
        self.assertIn(EVIL, page.locator(".crumb").inner_text())
        self.assertIn(EVIL, card(page, "Why mails bounced").inner_text())
        self.assertEqual(page.locator("main img, main script, header img").count(), 0)
        page = browser.open(OLD + "&key=subject")
        self.assertIn(EVIL, card(page, "All campaigns").inner_text())


if __name__ == "__main__":
    unittest.main()
