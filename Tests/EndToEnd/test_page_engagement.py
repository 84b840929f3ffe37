"""The page *Engagement* in Chromium: people and machines beside the simulator's truth and the API's answers, filters, keys, hostile text."""

import unittest

from cards import card, legend, rows, saved, tiles
from pages import PagesTestCase, number, percent
from ses_events import event

PAGE = "/engagement?period=30d"
EVIL = "<img src=x onerror=alert(1)>\"'><script>alert(2)</script>"
TILES = {
    "Unique opens by people": "unique_human_opens", "Open rate": "open_rate", "Unique clicks by people": "unique_human_clicks",
    "Click rate": "click_rate", "Click-to-open rate": "click_to_open_rate", "Unsubscribes": "unsubscribes",
    "Unique opens": "unique_opens", "Open rate with machines": "open_rate_with_machines", "Unique clicks": "unique_clicks",
    "Click rate with machines": "click_rate_with_machines", "Unsubscribe rate": "unsubscribe_rate", "Deliveries": "deliveries"}
CAUSES = ["human_opens", "machine_opens", "human_clicks", "machine_clicks"]


class Engagement(PagesTestCase):
    @classmethod
    def prepare(cls, events):
        super().prepare(events)
        mail = {"sent": "2020-01-10T12:00:00.000Z", "at": "2020-01-10T12:10:00.000Z", "userAgent": EVIL, "ipAddress": "192.0.2.1"}
        cls.sesame.load(cls.file(cls, "hostile.ndjson", [
            event("Send", message="evil-1", sent=mail["sent"]),
            event("Open", message="evil-1", tags={"campaign": [EVIL]}, **mail),
            event("Click", message="evil-1", tags={"campaign": [EVIL]}, link=EVIL, linkTags={"place": [EVIL]}, **mail),
        ]))

    def query(self, metrics, dimensions=(), **more):
        return self.numbers.query(metrics, dimensions, **{"date_range": "30d", "limit": 10_000, **more})

    def test_numbers_are_the_truth(self):
        page = self.browser().open(PAGE)
        found = tiles(page)
        totals = self.query([*TILES.values(), *CAUSES, "sends", "reach"])["totals"]
        for title, name in TILES.items():
            value = totals[name]
            self.assertEqual(found[title], percent(value, 1) if name.split("_with_")[0].endswith("rate") else f"{value:,}", title)
        self.assertEqual(number(found["Unique opens"]), self.truth["opened_messages"])
        self.assertEqual(number(found["Unique clicks"]), self.truth["clicked_messages"])
        for title, kind, people, machines in (
                ("Opens over time", "Open", "human_opens", "machine_opens"), ("Clicks over time", "Click", "human_clicks", "machine_clicks")):
            said = legend(page, title)
            self.assertEqual(said, {"People": f"{totals[people]:,}", "Machines": f"{totals[machines]:,}"})
            self.assertEqual(totals[people] + totals[machines], self.truth["by_type"][kind])
        steps = card(page, "From sent to clicked").locator(".funnel-value").all_inner_texts()
        self.assertEqual(
            [number(text) for text in steps], [totals[name] for name in ("sends", "deliveries", "unique_human_opens", "unique_human_clicks")])
        funnel = card(page, "From sent to clicked").inner_text()
        self.assertIn(f"{totals['sends'] - totals['deliveries']:,} were not delivered", funnel)
        self.assertIn(f"{totals['reach']:,} different addresses got it", funnel)
        self.assertIn(
            f"Machines made {percent(totals['machine_opens'], self.truth['by_type']['Open'])} of the opens", page.locator(".lead").inner_text())

    def test_hours_of_the_week(self):
        browser = self.browser()
        page = browser.open(PAGE)
        answer = {(row["weekday"], row["hour_of_day"]): row for row in self.query(["human_opens", "human_clicks"], ["weekday", "hour_of_day"])["rows"]}
        for metric in ("human_opens", "human_clicks"):
            card(page, "When people read").locator("select").select_option(metric)
            browser.settle()
            for weekday, cells in enumerate(rows(page, "When people read"), 1):
                for hour, cell in enumerate(cells[1:]):
                    self.assertEqual(number(cell), answer.get((weekday, hour), {}).get(metric, 0), (weekday, hour, metric))
        grid = card(page, "When people read").locator("[role=grid]")
        grid.locator("td a[tabindex='0']").focus()
        for key in ("ArrowDown", "End", "Enter"):
            page.keyboard.press(key)
        page.wait_for_selector(".chip:has-text('weekday is Tue')")
        self.assertEqual(page.locator(".chip:has-text('hour of day is 23:00')").count(), 1)
        browser.settle()

    def test_links_clients_and_machines(self):
        page = self.browser().open(PAGE)
        clicks = {row["link"]: row for row in self.query(["human_clicks", "unique_human_clicks", "machine_clicks"], ["link"])["rows"] if row["link"]}
        found = {cells[0]: [number(cell) for cell in cells[1:]] for cells in rows(page, "Links")}
        self.assertEqual(found, {link: [row["human_clicks"], row["unique_human_clicks"], row["machine_clicks"]] for link, row in clicks.items()})
        for title, dimension in (("Mail apps and browsers", "client"), ("Kinds of client", "client_kind"), ("Operating systems", "os")):
            answer = self.query(["human_opens", "human_clicks"], [dimension], filters=[{"field": "event_type", "values": ["Open", "Click"]}])["rows"]
            self.assertEqual(
                {cells[0]: [number(cell) for cell in cells[1:]] for cells in rows(page, title)},
                {row[dimension] or "(none)": [row["human_opens"], row["human_clicks"]] for row in answer if row["human_opens"] or row["human_clicks"]}, title)
        totals = self.query(CAUSES)["totals"]
        rules = rows(page, "Machines")
        self.assertEqual(sum(number(row[1]) for row in rules), totals["machine_opens"])
        self.assertEqual(sum(number(row[2]) for row in rules), totals["machine_clicks"])
        self.assertEqual([int(row["machine_opens"]) for row in saved(page, "Machines")], [number(row[1]) for row in rules])
        self.assertEqual(sum(number(row[1]) for row in rows(page, "Unsubscribes")), self.query(["unsubscribes"])["totals"]["unsubscribes"])

    def test_how_soon_mail_is_opened(self):
        page = self.browser().open(PAGE)
        found = saved(page, "Time to open")
        whole = [row for row in self.query(["time_to_open_p50", "time_to_open_p90"], ["day"])["rows"]]
        self.assertGreater(len(whole), 3)
        self.assertEqual([[row[name] for name in ("day", "time_to_open_p50", "time_to_open_p90")] for row in found],
                         [[row["day"], *("" if row[name] is None else str(float(row[name])) for name in ("time_to_open_p50", "time_to_open_p90"))] for row in whole])

    def test_machines_are_a_filter(self):
        browser = self.browser()
        page = browser.open(PAGE)
        said = legend(page, "Clicks over time")["Machines"]
        card(page, "Clicks over time").locator(".legend a:text-is('Machines')").click()
        page.wait_for_selector(".chip-text:text-is('by a machine')")
        browser.settle()
        self.assertEqual(legend(page, "Clicks over time"), {"People": "0", "Machines": said})

    def test_all_looks_fit(self):
        for scheme, size in (("dark", "desktop"), ("light", "phone")):
            page = self.browser(scheme, size).open(PAGE)
            page.wait_for_function("() => document.querySelectorAll('.chart canvas').length === 4")
            self.assert_fits(page, PAGE)

    def test_strangers_text_stays_text(self):
        browser = self.browser()
        for path, column in (("", "Link"), ("&link_tag=place", "link_tag:place")):
            page = browser.open(f"/engagement?period=2020-01-01..2020-01-31{path}")
            self.assertEqual(rows(page, "Links")[0][0], EVIL, column)
            self.assertEqual(page.locator("main img, main script").count(), 0)
        card(page, "Links").locator(".row-link").first.click()
        page.wait_for_selector(".chip")
        browser.settle()
        self.assertEqual(page.locator("header img, header script, main img").count(), 0)
        page = browser.open("/engagement?period=2020-01-01..2020-01-31&link_tag=nothing")
        self.assertIn("No link that was clicked has the tag nothing", card(page, "Links").inner_text())


if __name__ == "__main__":
    unittest.main()
