"""People & messages: "she never got the mail" takes one search; a recipient's life; a message's journey; what a viewer sees of it."""

import json
import urllib.error
import urllib.parse
import urllib.request
from datetime import datetime, timedelta, timezone

from browser import SIZES, Browser, Numbers, add_user, chromium
from sesame import SesameTestCase
from server import Server

EVIL = "<img src=x onerror=\"document.title='owned'\">"
NOW = datetime.now(timezone.utc).replace(microsecond=250_000) - timedelta(hours=6)
REPLY = f"smtp; 550 5.1.1 <ann@example.com>: user unknown {EVIL}"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"


def instant(seconds):
    return (NOW + timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def identifier(number):
    milliseconds = int((NOW + timedelta(seconds=number)).timestamp() * 1000)
    return f"0102{milliseconds:012x}-0000000{number}-1111-2222-3333-444444444444-000000"


def event(number, kind, after, recipients, subject, detail=None):
    """An event of the message `number`, which was sent `number` seconds after NOW."""
    body = {"timestamp": instant(number + after), **(detail or {})}
    return {
        "eventType": kind,
        "mail": {
            "timestamp": instant(number), "source": "Shop <shop@news.example.net>", "messageId": identifier(number),
            "sourceArn": "arn:aws:ses:eu-west-1:123456789012:identity/news.example.net", "sendingAccountId": "123456789012",
            "destination": recipients, "headersTruncated": False,
            "headers": [{"name": "To", "value": ", ".join(recipients)}, {"name": "Subject", "value": subject}],
            "commonHeaders": {"from": ["Shop <shop@news.example.net>"], "to": recipients, "subject": subject},
            "tags": {"ses:configuration-set": ["shop"], "campaign": ["spring"]},
        },
        {"DeliveryDelay": "deliveryDelay"}.get(kind, kind.lower()): body,
    }


def delivered(number, recipients, subject, after=2, reply="250 2.0.0 OK"):
    return [
        event(number, "Send", 0, recipients, subject),
        event(number, "Delivery", after, recipients, subject, {
            "processingTimeMillis": after * 1000, "recipients": recipients, "smtpResponse": reply,
            "reportingMTA": "a1.smtp-out.amazonses.com"}),
    ]


def click(number, after, recipient, subject, link, agent=CHROME):
    return event(number, "Click", after, [recipient], subject, {
        "ipAddress": "198.51.100.7", "userAgent": agent, "link": link, "linkTags": None})


def events():
    ann, subject = ["ann@example.com"], f"Your order {EVIL}"
    found = delivered(1, ann, "Welcome, Ann")
    found += [event(1, "Open", 5_000, ann, "Welcome, Ann", {"ipAddress": "203.0.113.9", "userAgent": f"Mozilla/5.0 {EVIL}"})]
    found += [click(1, 5_010, ann[0], "Welcome, Ann", f"https://shop.example/?x={EVIL}")]
    found += [
        event(2, "Send", 0, ann, subject),
        event(2, "DeliveryDelay", 60, ann, subject, {
            "delayType": "MailboxFull", "expirationTime": instant(50_000),
            "delayedRecipients": [{"emailAddress": ann[0], "status": "4.2.2", "diagnosticCode": "smtp; 452 4.2.2 mailbox full"}]}),
        event(2, "Bounce", 9_000, ann, subject, {
            "bounceType": "Permanent", "bounceSubType": "NoEmail", "feedbackId": "f-2", "reportingMTA": "dns; mx.example.com",
            "bouncedRecipients": [{"emailAddress": ann[0], "action": "failed", "status": "5.1.1", "diagnosticCode": REPLY}]}),
    ]
    found += delivered(3, ["bob@example.org", "carol@example.org"], "To both of you")
    found += delivered(4, ["dora@example.org"], "Three links at once")
    # A scanner that calls itself a browser is known by what it does beside this click alone.
    found += [click(4, 3_000 + place, "dora@example.org", "Three links at once", f"https://shop.example/{place}") for place in range(3)]
    return found


class People(SesameTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        path = cls.folder / "events.ndjson"
        cls.events = events()
        path.write_text("".join(json.dumps(one) + "\n" for one in cls.events))
        cls.sesame.load(path)
        add_user(cls.sesame)
        add_user(cls.sesame, "vera@example.com", "viewer")
        cls.server = Server(cls.sesame)
        cls.addClassCleanup(cls.server.stop)
        cls.api = Numbers(cls.sesame, cls.server)
        browsers = chromium()
        cls.chromium = browsers.__enter__()
        cls.addClassCleanup(browsers.__exit__, None, None, None)
        cls.ann = Browser(cls.chromium, cls.server, "ann@example.com")

    def get(self, path, body=None):
        request = urllib.request.Request(
            self.server.url + path, data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.api.token}", "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def problem(self, path, body=None):
        with self.assertRaises(urllib.error.HTTPError) as raised:
            self.get(path, body)
        with raised.exception as error:
            return error.code, json.load(error)["code"]

    def assert_harmless(self, browser):
        self.assertEqual(browser.problems, [])
        self.assertEqual(browser.page.locator("img").count(), 0)
        self.assertNotEqual(browser.page.title(), "owned")

    # MARK: - The page

    def test_she_never_got_the_mail_takes_one_search(self):
        page = self.ann.open("/")
        page.keyboard.press("/")
        page.keyboard.type("ann@example.com")
        page.keyboard.press("Enter")
        page.wait_for_selector("h1:has-text('People & messages')")
        self.ann.settle()
        lead = page.locator(".lead").inner_text()
        self.assertIn("ann@example.com: 2 messages", lead)
        self.assertIn("it bounced", lead)
        self.assertIn(REPLY, page.locator("pre.reply").inner_text())
        self.assert_harmless(self.ann)
        # And on to the message, by the keyboard alone.
        page.get_by_role("link", name=f"Your order {EVIL}").focus()
        page.keyboard.press("Enter")
        page.wait_for_selector(".journey")
        self.ann.settle()
        self.assertEqual(page.locator("h1").inner_text(), f"Your order {EVIL}")
        self.assert_harmless(self.ann)

    def test_a_part_finds_people_subjects_links_and_replies(self):
        page = self.ann.open("/people?q=example.org")
        self.assertEqual(set(page.locator("section:has(h2:text-is('People')) td:first-child").all_inner_texts()),
                         {"bob@example.org", "carol@example.org", "dora@example.org"})
        page = self.ann.open("/people?q=shop.example")
        self.assertEqual(len(page.locator("section:has(h2:text-is('Links')) tbody tr").all()), 4)
        self.assert_harmless(self.ann)
        page = self.ann.open("/people?q=MAILBOX+FULL")
        replies = page.locator("section:has(h2:text-is('Replies of mail servers')) tbody tr")
        self.assertIn("452 4.2.2 mailbox full", replies.first.inner_text())
        replies.first.locator("a").focus()
        page.keyboard.press("Enter")
        page.wait_for_selector(".events")
        self.ann.settle()
        self.assertEqual(page.locator(".events tbody tr").count(), 1)
        page = self.ann.open("/people?q=nobody+has+this")
        self.assertIn("Nothing has", page.locator(".lead").inner_text())

    def test_a_recipients_life(self):
        page = self.ann.open("/recipient/ann%40example.com")
        counts = dict(zip(page.locator(".counts dt").all_inner_texts(), page.locator(".counts dd").all_inner_texts()))
        self.assertEqual(counts["Messages"], "2")
        self.assertEqual((counts["Delivered"], counts["Bounced"], counts["Opened by a person"]), ("1", "1", "1"))
        self.assertEqual(page.locator(".fate").all_inner_texts(), ["bounced", "clicked"])
        self.assert_harmless(self.ann)
        page = self.ann.open("/recipient/ann%40exampel.com")
        self.assertEqual(page.locator(".empty li").all_inner_texts(), ["ann@example.com"])

    def test_a_messages_journey(self):
        page = self.ann.open(f"/message/{identifier(2)}?tz=UTC")
        steps = page.locator(".journey li")
        self.assertEqual([text.split("\n")[0] for text in steps.locator("h3").all_inner_texts()], ["Send", "DeliveryDelay", "Bounce"])
        self.assertEqual(page.locator(".journey time").first.inner_text(), instant(2)[11:23])
        self.assertIn("+ 1 min", steps.nth(1).inner_text())
        self.assertIn("+ 2 h 29 min", steps.nth(2).inner_text())
        self.assertIn("The address does not exist", steps.nth(2).inner_text())
        self.assertIn(REPLY, steps.nth(2).locator("pre.reply").inner_text())
        steps.nth(2).locator("summary").click()
        fields = json.loads(steps.nth(2).locator("details pre").inner_text())
        self.assertEqual((fields["bounce_diagnostic"], fields["feedback_id"]), (REPLY, "f-2"))
        self.assert_harmless(self.ann)
        page = self.ann.open("/message/0102019999999999-unknown")
        self.assertIn("no message of this id", page.locator(".trouble").first.inner_text())
        # The browser itself notes the 404.
        self.ann.problems.clear()

    def test_machines_are_marked_with_the_rule_of_their_neighbours(self):
        page = self.ann.open(f"/message/{identifier(4)}")
        self.assertEqual(page.locator(".journey .tag-mark").all_inner_texts(), ["machine: link-sweep"] * 3)
        self.assertIn("no person yet", page.locator(".lead").inner_text())
        events = self.get(f"/api/v1/messages/{identifier(4)}")["events"]
        self.assertEqual([one["is_machine"] for one in events], [None, None, True, True, True])
        self.assertIn("A machine followed the link", events[-1]["means"])
        page.get_by_label("Machines").select_option("hidden")
        page.wait_for_function("() => document.querySelectorAll('.journey li').length === 2")
        self.ann.settle()
        self.assert_harmless(self.ann)

    def test_the_newest_events_and_those_behind_a_number(self):
        page = self.ann.open("/people?period=all")
        self.assertEqual(page.locator(".events tbody tr").count(), len(self.events) + 2)
        page = self.ann.open("/people?period=all&metric=clicks")
        clicks = self.api.query(["clicks"])["totals"]["clicks"]
        self.assertEqual(page.locator(".events tbody tr").count(), clicks)
        self.assert_harmless(self.ann)

    def test_light_and_dark_desktop_and_phone(self):
        page = self.ann.page
        for scheme in ("light", "dark"):
            for size, (width, height) in SIZES.items():
                page.emulate_media(color_scheme=scheme)
                page.set_viewport_size({"width": width, "height": height})
                for path in ("/people", "/people?q=example", "/recipient/ann%40example.com", f"/message/{identifier(1)}"):
                    with self.subTest(scheme=scheme, size=size, path=path):
                        self.ann.open(path)
                        self.assertLessEqual(page.evaluate("document.documentElement.scrollWidth"), width)
                        self.assert_harmless(self.ann)
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(dict(zip(("width", "height"), SIZES["desktop"])))

    # MARK: - Viewers

    def test_a_viewer_sees_no_address(self):
        vera = Browser(self.chromium, self.server, "vera@example.com")
        for path in ("/people?period=all", "/people?q=ann%40example.com", f"/message/{identifier(2)}", f"/message/{identifier(3)}"):
            page = vera.open(path)
            text = page.locator("main").inner_text().replace("ann@example.com", "", path.count("q="))
            with self.subTest(path=path):
                self.assertNotIn("ann@", text)
                self.assertNotIn("bob@", text)
                self.assertIn("***@", text)
        self.assertEqual(vera.open("/people?q=example.org").locator("section:has(h2:text-is('People'))").count(), 0)
        self.assertEqual(vera.problems, [])
        answers = vera.page.evaluate("""async () => {
            const csrf = document.querySelector('meta[name=csrf]').content
            const ask = async (body, path = '/api/v1/query') => (await fetch(path, { method: 'POST', body: JSON.stringify(body), headers: { 'x-csrf-token': csrf } }))
            const named = { metrics: ['events'], dimensions: ['recipient'], date_range: 'all' }
            return {
                rows: await (await ask(named)).text(),
                guess: (await ask({ ...named, filters: [{ field: 'recipient', op: 'contains', value: 'a' }] })).status,
                whole: (await ask({ ...named, filters: [{ field: 'recipient', value: 'ann@example.com' }] })).status,
                parquet: (await ask(named, '/api/v1/query?format=parquet')).status,
                sql: (await ask({ sql: 'SELECT 1' }, '/api/v1/sql')).status,
            }}""")
        self.assertNotIn("ann@", answers["rows"])
        self.assertEqual(json.loads(answers["rows"])["row_count"], 4)
        self.assertEqual([answers[name] for name in ("guess", "whole", "parquet", "sql")], [403, 200, 403, 403])
        vera.context.close()

    # MARK: - The API

    def test_the_api_pages_and_refuses_what_it_cannot_read(self):
        body = {"date_range": "all", "limit": 4}
        seen, after = [], None
        while True:
            page = self.get("/api/v1/events" + (f"?after={after}" if after else ""), body)
            seen += page["events"]
            if not (after := page.get("next")):
                break
        self.assertEqual(len(seen), len(self.events) + 2)
        self.assertEqual(len({(one["event_id"], one["recipient"]) for one in seen}), len(seen))
        self.assertEqual([one["event_at"] for one in seen], sorted((one["event_at"] for one in seen), reverse=True))
        for metric in ("sends", "deliveries", "counted_bounces", "human_opens", "machine_clicks"):
            with self.subTest(metric=metric):
                count = self.api.query([metric])["totals"][metric]
                self.assertEqual(len(self.get("/api/v1/events", {"metrics": [metric], "date_range": "all"})["events"]), count)
        self.assertEqual(self.problem("/api/v1/events", {"dimensions": ["day"]}), (400, "bad-value"))
        self.assertEqual(self.problem("/api/v1/events?after=x", {}), (400, "bad-value"))
        self.assertEqual(self.problem("/api/v1/search?q=a"), (400, "bad-value"))
        self.assertEqual(self.problem("/api/v1/recipients"), (400, "bad-value"))
        self.assertEqual(self.problem("/api/v1/recipients?address=ann%40example.com&limit=0"), (400, "bad-request"))
        self.assertEqual(self.problem("/api/v1/messages/none"), (404, "not-found"))
        for text in ("' OR 1=1 --", "%%", "checkpoint('x')", "\\'", "query_table"):
            self.assertEqual(self.get("/api/v1/search?q=" + urllib.parse.quote(text))["people"], [])
        page = self.get("/api/v1/recipients?address=ANN%40example.com&limit=1")
        self.assertEqual(page["messages"][0]["state"], "bounced")
        page = self.get(f"/api/v1/recipients?address=ann%40example.com&limit=1&after={page['next']}")
        self.assertEqual((page["messages"][0]["state"], "next" in page), ("clicked", False))
