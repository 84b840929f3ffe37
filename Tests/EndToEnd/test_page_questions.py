"""What pages ask when they are opened, as `make bench` asks it too: its file of questions is that of the pages."""

import json
import os
import unittest
from pathlib import Path

from pages import PagesTestCase

FILE = Path(__file__).resolve().parents[2] / "bench/page-questions.json"
PAGES = {"Safety": "/", "Deliverability": "/deliverability", "Engagement": "/engagement", "Campaigns": "/campaigns"}
RECORD = "SESAME_RECORD"


class PageQuestions(PagesTestCase):
    MESSAGES = 1_000

    def asked(self, path):
        browser = self.browser()
        bodies = []

        def note(request):
            if request.method == "POST" and request.url.endswith("/api/v1/query"):
                bodies.append(json.loads(request.post_data))

        browser.page.on("request", note)
        browser.open(path)
        browser.page.remove_listener("request", note)
        return sorted(bodies, key=json.dumps)

    def test_the_bench_asks_what_pages_ask(self):
        asked = {name: self.asked(path) for name, path in PAGES.items()}
        for name, bodies in asked.items():
            self.assertEqual(len(bodies), len({json.dumps(body) for body in bodies}), f"{name} asks something twice")
        if RECORD in os.environ:
            FILE.write_text(json.dumps(asked, indent=1) + "\n")
        self.assertEqual(
            asked, json.loads(FILE.read_text()),
            f"{FILE.name} is not what pages ask; run: {RECORD}=1 Tests/EndToEnd/run.py test_page_questions")


if __name__ == "__main__":
    unittest.main()
