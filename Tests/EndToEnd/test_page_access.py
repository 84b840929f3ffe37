"""Every page as people need it who cannot see it well or use no mouse: axe-core finds nothing, in light and dark, and the keyboard leads everywhere."""

import re
import unittest

from axe_playwright_python.sync_playwright import Axe
from pages import PagesTestCase

PAGES = ["/", "/deliverability", "/engagement", "/campaigns", "/people", "/segments", "/cohorts", "/sql", "/monitoring", "/sources",
         "/settings"]


class Access(PagesTestCase):
    MESSAGES = 1_500

    def test_every_page_in_light_and_dark(self):
        for scheme, size in (("light", "desktop"), ("dark", "phone")):
            browser = self.browser(scheme, size)
            for path in PAGES:
                with self.subTest(path=path, scheme=scheme):
                    page = browser.open(f"{path}?period=all")
                    self.assert_fits(page, path)
                    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa"]}).response["violations"]
                    self.assertEqual(
                        [(one["id"], [node["html"][:160] for node in one["nodes"]][:3]) for one in found], [], path)

    def test_the_keyboard_leads_to_every_page(self):
        browser = self.browser()
        page = browser.open("/")
        page.keyboard.press("Tab")
        self.assertEqual(page.evaluate("document.activeElement.className"), "skip")
        reached = set()
        for _ in range(40):
            page.keyboard.press("Tab")
            reached.add(page.evaluate("document.activeElement.dataset?.page ?? ''"))
        self.assertLessEqual(set(PAGES), reached)
        page.evaluate("document.querySelector('.rail a[data-page=\"/campaigns\"]').focus()")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile("/campaigns"))
        browser.settle()
        self.assertEqual(page.locator("h1").inner_text(), "Campaigns")


if __name__ == "__main__":
    unittest.main()
