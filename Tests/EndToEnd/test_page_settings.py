"""The page *Settings* and share links in Chromium: people, tokens, limits; who may what; what a guest of a link sees, and what not."""

import json
import urllib.error
import urllib.request

from browser import PASSWORD, SIZES, Browser, Numbers, add_user, chromium
from sesame import SesameTestCase, simulate
from server import Server


class SettingsPage(SesameTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        lines, cls.truth = simulate(cls.folder, 400, days=2)
        cls.sesame.load(lines)
        cls.owner, cls.admin, cls.viewer = (add_user(cls.sesame, f"{name}@example.com", name) for name in ("owner", "admin", "viewer"))
        cls.server = Server(cls.sesame)
        cls.addClassCleanup(cls.server.stop)
        cls.numbers = Numbers(cls.sesame, cls.server)
        cls.browsers, cls.signed_in = cls.enterClassContext(chromium()), {}

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

    def fetch(self, page, method, path, body=None, proof=True):
        """What the page's own script would get: status and JSON."""
        return page.evaluate(
            """async ([method, path, body, proof]) => {
              const csrf = document.querySelector('meta[name=csrf]').content
              const answer = await fetch(path, { method, headers: proof ? { 'x-csrf-token': csrf } : {}, body: body && JSON.stringify(body) })
              return [answer.status, await answer.json().catch(() => ({}))]
            }""", [method, path, body, proof])

    def test_an_owner_adds_somebody_changes_them_and_lets_them_go(self):
        page = self.browse(self.owner).open("/settings")
        page.get_by_role("button", name="Add somebody").press("Enter")
        page.get_by_label("E-mail address").fill("new@example.com")
        page.get_by_label("Role").select_option("analyst")
        page.get_by_role("button", name="Add them").press("Enter")
        password = page.locator(".secret code").inner_text()
        page.get_by_role("button", name="Done").press("Enter")
        page.locator("dialog").wait_for(state="detached")
        self.assertFalse(password in page.content(), "the password is still on the page")
        guest = self.browsers.new_context(base_url=self.server.url)
        self.addCleanup(guest.close)
        visit = guest.new_page()
        visit.goto("/login")
        visit.fill("input[name=email]", "new@example.com")
        visit.fill("input[name=password]", password)
        visit.click("button:has-text('Sign in')")
        visit.wait_for_selector("nav.rail")
        # Elsewhere, so that no card of the first page is refused and leads to the sign-in by itself.
        visit.goto("about:blank")
        page.get_by_role("button", name="Change new@example.com").press("Enter")
        page.get_by_role("button", name="Remove", exact=True).press("Enter")
        page.get_by_role("button", name="Remove them").press("Enter")
        page.locator("tr", has_text="new@example.com").first.wait_for(state="detached")
        visit.goto("/settings")
        self.assertIn("/login", visit.url)
        log = self.fetch(page, "GET", "/api/v1/audit?limit=20")[1]["entries"]
        actions = [(entry["actor"], entry["action"]) for entry in log if entry["object"] == "user:new@example.com"]
        self.assertEqual(actions, [
            ("user:owner@example.com", "user.remove"), ("user:new@example.com", "session.begin"), ("user:owner@example.com", "user.add")])

    def test_a_token_is_shown_once_and_works_until_it_is_revoked(self):
        page = self.browse(self.admin).open("/settings")
        page.get_by_role("button", name="New token").click()
        page.get_by_label("What it is for").fill("<b>ci</b>")
        page.get_by_role("button", name="Make it").click()
        token = page.locator(".secret code").inner_text()
        page.get_by_role("button", name="Done").click()
        row = page.locator("tr", has_text="<b>ci</b>")
        row.wait_for()

        def status():
            request = urllib.request.Request(self.server.url + "/api/v1/sources", headers={"Authorization": f"Bearer {token}"})
            try:
                with urllib.request.urlopen(request) as answer:
                    return answer.status
            except urllib.error.HTTPError as error:
                return error.code

        self.assertEqual(status(), 200)
        row.get_by_role("button").click()
        page.get_by_role("button", name="Revoke it").click()
        row.locator("text=revoked").wait_for()
        self.assertEqual(status(), 401)

    def test_a_password_is_changed_by_its_owner(self):
        email, changed = add_user(self.sesame, "carl@example.com", "viewer"), "another horse battery"
        browser, elsewhere = (Browser(self.browsers, self.server, email) for _ in range(2))
        for one in (browser, elsewhere):
            self.addCleanup(one.context.close)
        cookie = lambda one: next(each["value"] for each in one.context.cookies() if each["name"] == "sesame")
        before = cookie(browser)
        page = browser.open("/settings")
        elsewhere.page.goto("about:blank")
        page.get_by_role("button", name="Change password").press("Enter")

        def ask(current, new, again):
            for name, text in (("current", current), ("new", new), ("again", again)):
                page.fill(f"dialog [name={name}]", text)
            page.get_by_role("button", name="Change it").press("Enter")

        said = page.locator("dialog .trouble")
        for given, words in (
                ((PASSWORD, changed, changed + "!"), "The two new passwords differ."),
                (("wrong horse battery", changed, changed), "The current password is wrong."),
                ((PASSWORD, "short", "short"), "at least 12 characters")):
            ask(*given)
            said.locator(f"text={words}").wait_for()
        self.assertEqual(cookie(browser), before)
        ask(PASSWORD, changed, changed)
        page.get_by_role("button", name="Done").press("Enter")
        page.locator("dialog").wait_for(state="detached")
        self.assertNotIn(cookie(browser), (before, cookie(elsewhere)))
        # This session goes on, and its page can still change something; the other has ended.
        self.assertEqual(self.fetch(page, "POST", "/api/v1/query", {"metrics": ["sends"], "date_range": "all"})[0], 200)
        elsewhere.page.goto("/settings")
        self.assertIn("/login", elsewhere.page.url)
        for password, leads in ((PASSWORD, "/login"), (changed, "/")):
            elsewhere.page.goto("/login")
            elsewhere.page.fill("input[name=email]", email)
            elsewhere.page.fill("input[name=password]", password)
            with elsewhere.page.expect_navigation():
                elsewhere.page.click("button:has-text('Sign in')")
            self.assertEqual(elsewhere.page.url, self.server.url + leads)
        # The form that signs out has the new proof too.
        with page.expect_navigation():
            page.get_by_role("button", name="Sign out", exact=True).click()
        self.assertIn("/login", page.url)
        # The console notes that two passwords were refused.
        self.assertEqual([problem for problem in browser.problems if "Failed to load resource" not in problem], [])

    def test_limits_are_set_after_a_question(self):
        page = self.browse(self.owner).open("/settings")
        page.get_by_label("Refused records: deleted after days").fill("90")
        page.get_by_role("button", name="Save limits").click()
        page.get_by_role("button", name="Save limits").last.click()
        page.wait_for_function("() => document.querySelector('main').innerText.includes('deleted: before')")
        policy = self.fetch(page, "GET", "/api/v1/retention")[1]["policy"]
        self.assertEqual(policy, {"refused": {"delete_after_days": 90}})
        page.get_by_label("Refused records: deleted after days").fill("")
        page.get_by_role("button", name="Save limits").click()
        page.wait_for_function("() => !document.querySelector('main').innerText.includes('deleted: before')")

    def test_each_role_finds_its_own(self):
        viewer = self.browse(self.viewer, refused=True).open("/settings")
        self.assertEqual(viewer.locator(".card h2").all_inner_texts(), ["Your account"])
        self.assertEqual(viewer.get_by_role("button", name="Share").count(), 0)
        for method, path in (("GET", "/api/v1/users"), ("GET", "/api/v1/audit"), ("POST", "/api/v1/tokens"), ("POST", "/api/v1/shares")):
            self.assertEqual(self.fetch(viewer, method, path, {} if method == "POST" else None)[0], 403)
        admin = self.browse(self.admin, refused=True).open("/settings")
        self.assertEqual(admin.locator(".card h2").all_inner_texts(), ["Your account", "Tokens", "Share links", "How long data is kept", "Audit log"])
        self.assertEqual(self.fetch(admin, "PATCH", f"/api/v1/users/{self.admin}", {"role": "owner"})[1]["code"], "insufficient-role")

    def test_a_change_takes_the_proof_of_the_page(self):
        page = self.browse(self.owner, refused=True).open("/settings")
        status, problem = self.fetch(page, "POST", "/api/v1/tokens", {"name": "x", "scopes": ["admin"]}, proof=False)
        self.assertEqual((status, problem["code"]), (403, "bad-csrf-token"))
        # A form on a page of another site, which the browser sends the cookie along with or not.
        other = page.context.new_page()
        other.route("https://evil.example/", lambda route: route.fulfill(
            content_type="text/html",
            body=f'<form method=post action="{self.server.url}/api/v1/sources/x/pause"><button>win a prize</button></form>'))
        other.goto("https://evil.example/")
        with other.expect_navigation():
            other.click("button")
        self.assertIn(json.loads(other.inner_text("body"))["code"], ("unauthorized", "cross-site", "bad-csrf-token"))

    def test_a_session_that_was_planted_is_worth_nothing(self):
        """Session fixation: whoever put a cookie into the browser does not share what is begun with the password."""
        context = self.browsers.new_context(base_url=self.server.url)
        self.addCleanup(context.close)
        stranger = Browser(self.browsers, self.server, self.viewer)
        self.addCleanup(stranger.context.close)
        planted = next(cookie for cookie in stranger.context.cookies() if cookie["name"] == "sesame")
        # Elsewhere, so that no card of the page is refused and leads to the sign-in by itself.
        stranger.page.goto("about:blank")
        context.add_cookies([planted])
        page = context.new_page()
        page.request.post("/login", form={"email": self.owner, "password": PASSWORD})
        after = next(cookie for cookie in context.cookies() if cookie["name"] == "sesame")
        self.assertNotEqual(after["value"], planted["value"])
        self.assertTrue(after["httpOnly"])
        stranger.page.goto("/settings")
        self.assertIn("/login", stranger.page.url)

    def test_a_share_shows_its_page_and_nothing_else(self):
        owner = self.browse(self.owner)
        page = owner.open("/?period=all&f=isp~is~Gmail")
        page.locator("#controls").get_by_role("button", name="Share").click()
        page.get_by_role("button", name="Make a link").click()
        link = page.locator(".secret code").inner_text()
        self.assertNotIn("ses_sh_", page.url)
        guest = self.browsers.new_context(viewport={"width": 1280, "height": 900}, timezone_id="Asia/Tokyo")
        self.addCleanup(guest.close)
        visit, problems = guest.new_page(), []
        visit.on("pageerror", lambda error: problems.append(str(error)))
        visit.goto(link)
        visit.wait_for_function("() => document.querySelector('main[data-ready]') && !document.querySelector('.card[aria-busy]')")
        self.assertNotIn("ses_sh_", visit.url)
        expected = self.numbers.query(["sends"], filters=[{"field": "isp", "value": "Gmail"}])["totals"]["sends"]
        sends = visit.locator(".tile", has_text="Sends").first.locator(".tile-value").inner_text()
        self.assertEqual(sends, f"{expected:,}")
        self.assertEqual((visit.locator("nav.rail").count(), visit.locator("#controls select, #controls button").count()), (0, 0))
        self.assertIn("Shared by owner@example.com", visit.inner_text("header"))
        # What was shared holds whatever is asked.
        ask = lambda query: self.fetch(visit, "POST", "/api/v1/query", {"metrics": ["sends"], "date_range": "all", **query})
        self.assertEqual(ask({})[1]["totals"]["sends"], expected)
        self.assertEqual(ask({"filters": [{"field": "isp", "value": "Yahoo"}]})[1]["totals"]["sends"], 0)
        senders = ask({"dimensions": ["sender"]})[1]["rows"]
        self.assertTrue(senders and all(row["sender"] is None or "***@" in row["sender"] for row in senders))
        for query in ({"dimensions": ["recipient"]}, {"dimensions": ["message"]}, {"filters": [{"field": "recipient", "op": "contains", "value": "a"}]}):
            self.assertEqual(ask(query)[1]["code"], "not-shared")
        for path in ("/api/v1/sources", "/api/v1/users", "/api/v1/sql", "/api/v1/shares"):
            self.assertEqual(self.fetch(visit, "GET", path)[0], 403)
        for path in ("/settings", "/people", "/sql", "/deliverability"):
            visit.goto(self.server.url + path)
            self.assertIn("/login", visit.url)
        self.assertEqual(problems, [])
        # Ended, it is over for whoever is inside too.
        page.get_by_role("button", name="Done").click()
        owner.open("/settings")
        page.get_by_role("button", name="End the share of Safety").click()
        page.get_by_role("button", name="End it").click()
        page.locator("tr", has_text="Safety").locator("text=ended").wait_for()
        visit.goto(link)
        self.assertIn("This link works no more", visit.inner_text("body"))

    def test_a_share_ends_with_its_maker(self):
        email = add_user(self.sesame, "dora@example.com", "admin")
        maker = Browser(self.browsers, self.server, email)
        self.addCleanup(maker.context.close)
        page = maker.open("/monitoring")
        page.locator("#controls").get_by_role("button", name="Share").click()
        page.get_by_role("button", name="Make a link").click()
        link = page.locator(".secret code").inner_text()
        page.goto("about:blank")
        guest = self.browsers.new_context()
        self.addCleanup(guest.close)
        visits = []

        def opened():
            # A page that is out goes to the sign-in by itself, at any moment; another one is not disturbed by it.
            visits.append(guest.new_page())
            visits[-1].goto(link)
            return "Shared by dora@example.com" in visits[-1].inner_text("body")

        def state():
            """What the owner's list says of it."""
            return self.browse(self.owner).open("/settings").locator("tr", has_text="Monitoring").locator(".state").locator("..").inner_text()

        self.assertTrue(opened())
        self.assertIn("active", state())
        self.sesame.run("user", "set-role", email, "analyst")
        # Who is inside is out with the next look, and the link is dead.
        visits[-1].reload()
        self.assertIn("/login", visits[-1].url)
        self.assertFalse(opened())
        self.assertIn("This link works no more", visits[-1].inner_text("body"))
        self.assertIn("suspended, its maker may no longer share", state())
        self.sesame.run("user", "set-role", email, "admin")
        self.assertTrue(opened())
        self.sesame.run("user", "disable", email)
        self.assertFalse(opened())
        self.assertIn("suspended, its maker is disabled", state())
        self.sesame.run("user", "remove", email)
        add_user(self.sesame, email, "owner")
        self.assertFalse(opened())
        self.assertIn("ended, its maker was removed", state())

    def test_it_fits_a_phone_in_the_dark(self):
        page = self.browse(self.owner, scheme="dark", size="phone").open("/settings")
        self.assertLessEqual(page.evaluate("document.documentElement.scrollWidth"), 375)
