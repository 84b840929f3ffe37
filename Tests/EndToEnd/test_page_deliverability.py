"""The page *Deliverability* in Chromium: its numbers beside the simulator's truth and the API's answers, filters, keys, hostile text."""

import unittest
from collections import Counter

from cards import card, rows, saved, tiles
from pages import PagesTestCase, number, percent
from ses_events import event

PAGE = "/deliverability?period=30d"
OLD = "/deliverability?period=2020-01-01..2020-01-31"
EVIL = "<img src=x onerror=alert(1)>\"'><script>alert(2)</script>"
TILES = {
    "Delivery rate": "delivery_rate", "Bounce rate": "bounce_rate", "Hard bounces": "hard_bounces", "Soft bounces": "soft_bounces",
    "Undetermined bounces": "undetermined_bounces", "Complaint rate": "complaint_rate", "Delay rate": "delay_rate",
    "Delays still open": "open_delays", "Suppressed": "suppressed", "Rejects": "rejects", "Rendering failures": "rendering_failures"}


def shown(value, is_rate):
    return "–" if value is None else percent(value, 1) if is_rate else f"{value:,}"


class Deliverability(PagesTestCase):
    @classmethod
    def prepare(cls, events):
        super().prepare(events)
        mail = {"sent": "2020-01-10T12:00:00.000Z", "at": "2020-01-10T12:00:01.000Z"}
        bounced = [{"emailAddress": "ada@example.net", "status": "5.1.1", "diagnosticCode": EVIL}]
        cls.sesame.load(cls.hostile([
            event("Send", message="evil-1", **{**mail, "at": None}),
            event("Bounce", message="evil-1", bounceType=EVIL, bounceSubType=EVIL, bouncedRecipients=bounced, **mail),
            event("DeliveryDelay", message="evil-2", delayType=EVIL, delayedRecipients=[{"emailAddress": "ada@example.net"}], **mail),
            event("Complaint", message="evil-3", complaintFeedbackType=EVIL, complainedRecipients=[{"emailAddress": "ada@example.net"}], **mail),
            event("Reject", message="evil-4", reason=EVIL, **{**mail, "at": None}),
            event("Rendering Failure", message="evil-5", templateName=EVIL, errorMessage=EVIL, **{**mail, "at": None}),
        ]))

    @classmethod
    def hostile(cls, events):
        return cls.file(cls, "hostile.ndjson", events)

    def query(self, metrics, dimensions=(), **more):
        return self.numbers.query(metrics, dimensions, **{"date_range": "30d", "limit": 10_000, **more})

    def test_tiles_are_the_truth(self):
        page = self.browser().open(PAGE)
        found = tiles(page)
        totals = self.query(list(TILES.values()))["totals"]
        for title, name in TILES.items():
            self.assertEqual(found[title], shown(totals[name], name.endswith("rate")), title)
        by_type = Counter()
        for kind, count in self.truth["bounces"].items():
            by_type[kind.split("/")[0]] += count
        for title, kind in (("Hard bounces", "Permanent"), ("Soft bounces", "Transient"), ("Undetermined bounces", "Undetermined")):
            self.assertEqual(number(found[title]), by_type[kind])
        self.assertRegex(page.locator(".lead").inner_text(), r"^([\d.]+ % of|All) .* bounced, most for .*bounce rate of ")
        self.assertIn(f"{sum(by_type.values()):,} bounced", page.locator(".lead").inner_text())

    def test_reasons_are_the_truth(self):
        page = self.browser().open(PAGE)
        types = {f"{kind}/{subtype}": number(count) for subtype, kind, count, _ in rows(page, "Bounces by type")}
        self.assertEqual(types, self.truth["bounces"])
        self.assertEqual({kind: number(count) for kind, count, _ in rows(page, "Delays by type")}, self.truth["delays"])
        complaints = {("none" if kind == "(none)" else kind): number(count) for kind, count, _ in rows(page, "Complaints by type")}
        self.assertEqual(complaints, {kind: count for kind, count in self.truth["complaints"].items() if kind != "not-spam"})
        self.assertEqual(sum(number(row[1]) for row in rows(page, "Rejects")), self.query(["rejects"])["totals"]["rejects"])
        for title, metric, dimension, wanted in (
                ("Why mail bounced", "bounces", "diagnostic_class", 1), ("Complaints by provider", "complaints", "isp", 1),
                ("Rendering failures", "rendering_failures", "template", -2)):
            answer = {row[dimension]: row[metric] for row in self.query([metric], [dimension])["rows"] if row[metric]}
            # A template that could not be filled for several reasons has a row for each.
            found = {}
            for row in rows(page, title):
                found[row[0]] = found.get(row[0], 0) + number(row[wanted])
            self.assertEqual(found, answer, title)
        self.assertEqual(
            {(row["bounce_subtype"], int(row["bounces"])) for row in saved(page, "Bounces by type")},
            {(kind.split("/")[1], count) for kind, count in self.truth["bounces"].items()})

    def test_each_provider(self):
        page = self.browser().open(PAGE)
        metrics = ["sends", "deliveries", "hard_bounces", "soft_bounces", "undetermined_bounces", "delayed_mails", "complaints"]
        answer = {row["isp"]: row for row in self.query([*metrics, "time_to_deliver_p50"], ["isp"])["rows"]}
        found = {cells[0]: cells[1:] for cells in rows(page, "By mailbox provider")}
        self.assertEqual(set(found), set(answer))
        for isp, cells in found.items():
            row = answer[isp]
            self.assertEqual(number(cells[0]), row["sends"])
            for cell, metric in zip(cells[1:], metrics[1:]):
                self.assertEqual(cell.rstrip("*"), percent(row[metric], row["sends"]), f"{isp} {metric}")
        lengths = {cells[0]: (number(cells[1]), cells[2]) for cells in rows(page, "Time to deliver by provider")}
        words = page.evaluate(
            "async rows => { const { length } = await import('/assets/js/format.js'); return rows.map(([isp, ms]) => [isp, length(ms)]) }",
            [[isp, row["time_to_deliver_p50"]] for isp, row in answer.items() if row["deliveries"]])
        self.assertEqual(lengths, {isp: (answer[isp]["deliveries"], text) for isp, text in words})

    def test_who_is_suppressed_and_since_when(self):
        page = self.browser().open(PAGE)
        expected = self.query(
            ["suppressed"], ["recipient", "day"], filters=[{"field": "event_type", "values": ["Bounce", "Complaint"]}],
            having=[{"field": "suppressed", "op": "gt", "value": 0}])["rows"]
        first = {}
        for row in expected:
            first[row["recipient"]] = min(row["day"], first.get(row["recipient"], row["day"]))
        found = saved(page, "Suppression")
        self.assertEqual({row["recipient"] for row in found}, set(first))
        for row in found:
            self.assertLessEqual(first[row["recipient"]], row["since"])
        self.assertEqual(sum(int(row["suppressed"]) for row in found), sum(row["suppressed"] for row in expected))
        self.assertEqual([cells[0] for cells in rows(page, "Suppression")], [row["recipient"] for row in found])

    def test_all_looks_fit(self):
        for scheme, size in (("light", "desktop"), ("dark", "phone")):
            page = self.browser(scheme, size).open(PAGE)
            page.wait_for_function("() => document.querySelectorAll('.chart canvas').length === 2")
            self.assert_fits(page, PAGE)

    def test_keys_walk_the_matrix_and_a_cell_filters(self):
        browser = self.browser()
        page = browser.open(PAGE)
        grid = card(page, "By mailbox provider").locator("[role=grid]")
        self.assertEqual(grid.locator("td a[tabindex='0']").count(), 1)
        grid.locator("td a[tabindex='0']").focus()
        for key in ("ArrowDown", "ArrowRight", "ArrowRight"):
            page.keyboard.press(key)
        isp = grid.locator("tbody tr").nth(1).locator("th").inner_text()
        page.keyboard.press("Enter")
        self.assertIn("chart=hard_bounces", page.evaluate("location.search"))
        page.wait_for_selector(f".chip:has-text('isp is {isp}')")
        browser.settle()
        found = self.query(["hard_bounces"], filters=[{"field": "isp", "value": isp}])["totals"]["hard_bounces"]
        page.wait_for_selector(".tile.chosen .tile-label:text-is('Hard bounces')")
        self.assertEqual(tiles(page)["Hard bounces"], f"{found:,}")
        page.go_back()
        page.wait_for_selector("#chips", state="hidden")

    def test_strangers_text_stays_text(self):
        browser = self.browser()
        page = browser.open(OLD)
        for title in ("Bounces by type", "Delays by type", "Complaints by type", "Rejects", "Rendering failures", "Why mail bounced"):
            self.assertIn(EVIL, card(page, title).inner_text(), title)
        self.assertEqual(page.locator("main img, main script").count(), 0)
        card(page, "Rejects").locator(".row-link").first.click()
        page.wait_for_selector(".chip")
        browser.settle()
        self.assertEqual(page.locator("header img, header script, main img").count(), 0)

    def test_without_mail_it_says_where_there_is_some(self):
        page = self.browser().open("/deliverability?period=2019-01-01..2019-01-02")
        self.assertIn("The last event was", page.locator("main").inner_text())


if __name__ == "__main__":
    unittest.main()
