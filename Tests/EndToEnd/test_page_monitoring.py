"""The page *SES Monitoring Dashboard* in Chromium: the 25 visuals of AWS's sample, counting each event once, beside the simulator's truth."""

import unittest
from collections import Counter

from cards import card, legend, saved, tiles
from pages import PagesTestCase, number, percent
from ses_events import event

EVIL = "<img src=x onerror=alert(1)>\"'><script>alert(2)</script>"
FIGURES = {"Sends": "Send", "Deliveries": "Delivery", "Bounces": "Bounce", "Complaints": "Complaint", "Open Count": "Open", "Click Count": "Click"}
# In the order of the sample.
VISUALS = [
    "Event Count", "Mailing List Distribution", "Sender Volumes", "Sender Volumes (30 Days)", "Bounce Volumes", "Bounce Volumes (30 Days)",
    "Bounce Volumes By Subject (30 Days)", "Bounce Volumes by Recipient Domain (30 Days)", "Complaint Volumes",
    "Complaint Volumes (30 Days)", "Complaint Volumes By Subject (30 Days)", "Complaint Volumes by Recipient Domain (30 Days)",
    "Open Count", "Open Count (30 Days)", "Open Count By Subject (30 Days)", "Click Count", "Click Count (30 Days)",
    "Click Count By Subject (30 Days)"]


class Monitoring(PagesTestCase):
    def query(self, kind, *dimensions):
        filters = [{"field": "event_type", "value": kind}] if kind else []
        return self.numbers.query(["events"], dimensions, date_range="30d", filters=filters, limit=10_000, order=["-events"])["rows"]

    def top(self, kind, dimension):
        """What a legend of the nine largest says."""
        counts = sorted((row["events"] for row in self.query(kind, dimension)), reverse=True)
        return counts if len(counts) <= 10 else [*counts[:9], sum(counts[9:])]

    def test_all_visuals_in_their_order_of_few_questions(self):
        browser = self.browser()
        browser.settle()
        asked = []
        browser.page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/api/v1/query") else None)
        page = browser.open("/monitoring")
        self.assertEqual(page.evaluate("location.search"), "?period=all")
        self.assertEqual(page.locator(".monitoring h2").all_inner_texts(), VISUALS)
        self.assertEqual(list(tiles(page)), ["Sender Identities", *(f"{title} (30 Days)" for title in FIGURES)])
        self.assertEqual(len(tiles(page)) + len(VISUALS), 25)
        self.assertEqual(len(asked), 5)
        page.wait_for_function("() => document.querySelectorAll('.monitoring canvas').length === 18")

    def test_figures_are_the_truth(self):
        page = self.browser().open("/monitoring?period=30d")
        found = tiles(page)
        by_type = self.truth["by_type"]
        for title, kind in FIGURES.items():
            self.assertEqual(number(found[f"{title} (30 Days)"]), by_type[kind], title)
        self.assertEqual(number(found["Sender Identities"]), len(self.query(None, "sender")))
        lead = page.locator(".lead").inner_text()
        self.assertIn(f"{by_type['Bounce']:,} bounces ({percent(by_type['Bounce'], by_type['Send'])} of {by_type['Send']:,} sends)", lead)
        self.assertTrue(lead.startswith(f"{self.truth['events']:,} events of "))

    def test_charts_are_the_truth(self):
        page = self.browser().open("/monitoring?period=30d")
        self.assertEqual({kind: number(count) for kind, count in legend(page, "Event Count").items()}, self.truth["by_type"])
        by_day = {(row["day"], row["event_type"]): int(row["events"]) for row in saved(page, "Event Count")}
        self.assertEqual(by_day, {(day, kind): count for day, kinds in self.truth["by_day"].items() for kind, count in kinds.items()})
        for name, kind in (("Sender Volumes", "Send"), ("Bounce Volumes", "Bounce"), ("Complaint Volumes", "Complaint"), ("Open Count", "Open"), ("Click Count", "Click")):
            senders = {row["sender"]: row["events"] for row in self.query(kind, "sender")}
            self.assertEqual({sender: number(count) for sender, count in legend(page, name).items()}, senders, name)
            shares = {sender: f"{count:,} · {percent(count, self.truth['by_type'][kind])}" for sender, count in senders.items()}
            self.assertEqual(legend(page, f"{name} (30 Days)"), shares, name)

    def test_parts_of_senders(self):
        page = self.browser().open("/monitoring?period=30d")
        for name, kind, dimension in (
                ("Bounce Volumes By Subject", "Bounce", "subject"), ("Bounce Volumes by Recipient Domain", "Bounce", "recipient_domain"),
                ("Complaint Volumes By Subject", "Complaint", "subject"), ("Complaint Volumes by Recipient Domain", "Complaint", "recipient_domain"),
                ("Open Count By Subject", "Open", "subject"), ("Click Count By Subject", "Click", "subject")):
            said = [number(count) for count in legend(page, f"{name} (30 Days)").values()]
            self.assertEqual(said, self.top(kind, dimension), name)
        counts = Counter()
        for row in saved(page, "Bounce Volumes By Subject (30 Days)"):
            counts[row["sender"], row["subject"]] += int(row["events"])
        self.assertEqual(counts, {(row["sender"], row["subject"]): row["events"] for row in self.query("Bounce", "sender", "subject")})
        domains = [number(value.split(" · ")[0]) for value in legend(page, "Mailing List Distribution").values()]
        self.assertEqual(domains, self.top(None, "recipient_domain"))

    def test_a_name_in_a_legend_is_a_filter_by_keyboard(self):
        browser = self.browser()
        page = browser.open("/monitoring?period=30d")
        name = card(page, "Bounce Volumes (30 Days)").locator(".legend a").first
        sender = name.inner_text()
        name.focus()
        page.keyboard.press("Enter")
        page.wait_for_selector(".chip")
        browser.settle()
        self.assertEqual(list(legend(page, "Bounce Volumes (30 Days)")), [sender])
        sends = next(row["events"] for row in self.query("Send", "sender") if row["sender"] == sender)
        self.assertEqual(number(tiles(page)["Sends (30 Days)"]), sends)

    def test_all_looks_fit(self):
        for scheme, size in (("dark", "desktop"), ("light", "phone")):
            page = self.browser(scheme, size).open("/monitoring")
            page.wait_for_selector(".monitoring canvas")
            self.assert_fits(page, "/monitoring")

    def test_strangers_text_stays_text(self):
        # The last of the tests: what it takes in is counted.
        mail = {"message": "evil", "sent": f"{max(self.truth['by_day'])}T12:00:00.000Z", "to": ["ada@example.net"]}
        bounce = event("Bounce", at=mail["sent"], bounceType="Permanent", bouncedRecipients=[{"emailAddress": "ada@example.net"}], **mail)
        bounce["mail"]["source"] = EVIL
        bounce["mail"]["commonHeaders"] = {"subject": EVIL, "from": [EVIL], "to": mail["to"]}
        browser = self.browser()
        page = browser.open("/monitoring?period=30d")
        self.post([bounce])
        page.wait_for_function("text => [...document.querySelectorAll('.legend a')].some(name => name.textContent === text)", arg=EVIL)
        self.assertEqual(page.locator("main img, main script").count(), 0)
        browser.settle()
        card(page, "Bounce Volumes (30 Days)").locator(".legend a").last.click()
        page.wait_for_selector(".chip")
        browser.settle()
        self.assertEqual(legend(page, "Bounce Volumes By Subject (30 Days)"), {EVIL: "1"})
        self.assertEqual(page.locator("header img, header script, main img").count(), 0)


if __name__ == "__main__":
    unittest.main()
