"""The page SQL: completion from the catalog, run by the keyboard, grid and chart, files, history, saved statements, sharing, cancelling."""

import csv
import urllib.parse

from browser import SIZES, Browser, add_user, chromium
from sesame import SesameTestCase, simulate
from server import Server

EVIL = "<img src=x onerror=\"document.title='owned'\">"


class SQLPage(SesameTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        events, cls.truth = simulate(cls.folder, 300)
        cls.sesame.load(events)
        (cls.folder / "orders.csv").write_text("email,region\nann@example.com,EU\n")
        cls.sesame.run("dataset", "add", "orders", cls.folder / "orders.csv")
        add_user(cls.sesame)
        add_user(cls.sesame, "vera@example.com", "viewer")
        cls.server = Server(cls.sesame)
        cls.addClassCleanup(cls.server.stop)
        browsers = chromium()
        cls.chromium = browsers.__enter__()
        cls.addClassCleanup(browsers.__exit__, None, None, None)
        cls.browser = Browser(cls.chromium, cls.server, "ann@example.com")

    def setUp(self):
        self.page = self.browser.open("/sql")
        self.page.wait_for_selector(".cm-content")
        self.page.wait_for_selector(".catalog-table")

    def write(self, text):
        self.page.locator(".cm-content").focus()
        # What browsers do themselves where a selection of several lines is typed over would break the page's policy on styles.
        self.page.keyboard.press("Control+a")
        self.page.keyboard.press("Delete")
        self.page.keyboard.insert_text(text)

    def run_statement(self, text, wait=".grid"):
        self.write(text)
        self.page.keyboard.press("Control+Enter")
        self.page.wait_for_function("() => !document.querySelector('.tools button').disabled && document.querySelector('.output').childElementCount")
        return self.page.locator(wait).first

    def cells(self):
        return [row.split("\t")[1:] for row in self.page.locator(".grid tbody tr").all_inner_texts()]

    def test_a_statement_runs_by_the_keyboard_and_gives_the_rows_that_the_command_gives(self):
        statement = "SELECT event_type, count(*) AS events FROM events GROUP BY ALL ORDER BY ALL"
        self.run_statement(statement)
        expected = [[kind, str(count)] for kind, count in self.sesame.values(statement)]
        self.assertEqual(self.cells(), expected)
        self.assertIn(f"{len(expected)} rows", self.page.locator(".output h2").inner_text())
        with self.page.expect_download() as saved:
            self.page.get_by_role("button", name="CSV").click()
        with open(saved.value.path(), newline="") as file:
            self.assertEqual(list(csv.reader(file)), [["event_type", "events"], *expected])
        with self.page.expect_download() as saved:
            self.page.get_by_role("button", name="Parquet").click()
        import pyarrow.parquet

        rows = pyarrow.parquet.read_table(saved.value.path()).to_pylist()
        self.assertEqual([[row["event_type"], str(row["events"])] for row in rows], expected)
        self.page.get_by_label("Show as").select_option("bar")
        self.page.wait_for_selector(".output canvas")
        self.assertEqual(self.browser.problems, [])

    def test_numbers_stay_exact_and_texts_stay_texts(self):
        self.run_statement(f"SELECT 9007199254740993 AS big, 0.1::DOUBLE AS part, NULL AS none, {EVIL!r} AS \"{EVIL.replace(chr(34), chr(34) * 2)}\""
                           .replace("\\'", "''"))
        self.assertEqual(self.page.locator("img").count(), 0)
        self.assertNotEqual(self.page.title(), "owned")
        self.assertEqual(self.page.locator(".grid tbody td").nth(1).inner_text(), "9007199254740993")
        self.assertEqual(self.page.locator(".grid tbody td").nth(3).inner_text(), "NULL")
        self.assertEqual(self.page.locator(".grid tbody td").nth(4).inner_text(), EVIL)

    def test_many_rows_are_shown_a_page_at_a_time_and_saved_whole(self):
        self.run_statement("SELECT range AS n FROM range(2500)")
        self.assertEqual(len(self.cells()), 100)
        self.page.get_by_role("button", name="Next").click()
        self.page.wait_for_function("() => document.querySelector('.grid tbody td').textContent === '101'")
        with self.page.expect_download() as saved:
            self.page.get_by_role("button", name="CSV").click()
        with open(saved.value.path(), newline="") as file:
            self.assertEqual([row["n"] for row in csv.DictReader(file)], [str(number) for number in range(2500)])

    def test_names_of_the_catalog_are_completed(self):
        self.write("SELECT * FROM events WHERE ")
        self.page.keyboard.type("bounce_ty")
        self.page.keyboard.press("Control+Space")
        self.page.wait_for_selector(".cm-tooltip-autocomplete li:has-text('bounce_type')")
        # For 75 ms the editor takes no key for names that it has only just shown.
        self.page.wait_for_function("since => performance.now() > since + 100", arg=self.page.evaluate("performance.now()"))
        self.page.keyboard.press("Enter")
        self.page.wait_for_function("() => !document.querySelector('.editor > div').shadowRoot.querySelector('.cm-tooltip-autocomplete')")
        self.assertIn("bounce_type", self.page.locator(".cm-content").inner_text())
        self.write("SELECT orders.")
        self.page.keyboard.type("re")
        self.page.keyboard.press("Control+Space")
        self.page.wait_for_selector(".cm-tooltip-autocomplete li:has-text('region')")
        self.page.keyboard.press("Escape")
        self.assertEqual(self.page.locator(".catalog-table summary:has-text('orders')").inner_text(), "orders dataset")

    def test_what_is_wrong_is_told_in_the_engines_words(self):
        trouble = self.run_statement("SELECT nope FROM events", ".trouble")
        self.assertIn("nope", trouble.inner_text())
        trouble = self.run_statement("DROP TABLE events", ".trouble")
        self.assertIn("not allowed", trouble.inner_text())
        self.run_statement("SELECT 1 AS one WHERE false", ".output")
        self.assertIn("gave no row", self.page.locator(".output").inner_text())

    def test_a_statement_can_be_cancelled(self):
        self.write("SELECT count(*) FROM range(1000000000000)")
        self.page.keyboard.press("Control+Enter")
        self.page.wait_for_selector("progress")
        self.page.get_by_role("button", name="Cancel").click()
        self.page.wait_for_selector("text=Cancelled.")

    def test_history_saved_statements_and_a_link(self):
        self.run_statement("SELECT 41 + 1 AS answer")
        self.assertEqual(self.cells(), [["42"]])
        self.page.get_by_role("button", name="Save").click()
        self.page.fill("dialog input", f"The answer {EVIL}")
        self.page.keyboard.press("Enter")
        self.page.wait_for_selector(".pick:has-text('The answer')")
        # All of it is there after the page was loaded anew, and so is the statement of the address.
        self.assertEqual(urllib.parse.parse_qs(urllib.parse.urlparse(self.page.url).query)["sql"], ["SELECT 41 + 1 AS answer"])
        page = self.browser.open(self.page.url.replace(self.server.url, ""))
        page.wait_for_selector(".cm-content:has-text('41 + 1')")
        page.wait_for_selector(".pick:has-text('SELECT 41 + 1')")
        page.locator(".pick:has-text('The answer')").click()
        page.get_by_role("button", name="Remove The answer").click()
        page.wait_for_selector(".pick:has-text('The answer')", state="detached")
        self.assertEqual(self.browser.problems, [])

    def test_light_and_dark_desktop_and_phone(self):
        for scheme in ("light", "dark"):
            for size, (width, height) in SIZES.items():
                with self.subTest(scheme=scheme, size=size):
                    self.page.emulate_media(color_scheme=scheme)
                    self.page.set_viewport_size({"width": width, "height": height})
                    page = self.browser.open("/sql")
                    page.wait_for_selector(".cm-content")
                    page.get_by_role("button", name="Run").click()
                    page.wait_for_selector(".grid")
                    self.assertLessEqual(page.evaluate("document.documentElement.scrollWidth"), width)
                    self.assertEqual(self.browser.problems, [])
        self.page.emulate_media(color_scheme="light")
        self.page.set_viewport_size(dict(zip(("width", "height"), SIZES["desktop"])))

    def test_a_viewer_is_told_that_the_role_does_not_allow_it(self):
        vera = Browser(self.chromium, self.server, "vera@example.com")
        page = vera.open("/sql")
        self.assertIn("Your role, viewer", page.locator(".lead").inner_text())
        self.assertEqual(page.locator(".editor").count(), 0)
        status = page.evaluate("""async () => (await fetch('/api/v1/saved', { method: 'POST', body: JSON.stringify({ kind: 'sql', name: 'x', content: {} }),
            headers: { 'x-csrf-token': document.querySelector('meta[name=csrf]').content } })).status""")
        self.assertEqual(status, 403)
        vera.context.close()
