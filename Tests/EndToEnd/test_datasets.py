"""Datasets beside a running server: by the command, which finds the server itself, by the API, and on the page SQL."""

import gzip
import http.client
import json
import time

from browser import Browser, Numbers, add_user, chromium
from sesame import FAILED, FORBIDDEN, LIMIT, NOT_FOUND, REFUSED_INPUT, SesameTestCase
from ses_events import event
from server import Server

MEGABYTE = 1 << 20
BROKEN = "name,orders\nJos\u00e9,2\n".encode("latin-1")


class Datasets(SesameTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = [f"p{number}@example.com" for number in range(20)]
        cls.sesame.load(cls.write("events.ndjson", "".join(
            json.dumps(event("Send", message=f"m-{address}", to=[address])) + "\n" for address in cls.people)))
        cls.owner, cls.analyst = add_user(cls.sesame), add_user(cls.sesame, "ines@example.com", "analyst")
        cls.tokens = {scope: json.loads(cls.sesame.run("token", "add", scope, "--scope", scope, "--format", "json").out)[0]["token"]
                      for scope in ("read", "admin")}
        cls.server = Server(cls.sesame, "--max-dataset-body", MEGABYTE)
        cls.addClassCleanup(cls.server.stop)
        cls.numbers = Numbers(cls.sesame, cls.server)

    @classmethod
    def write(cls, name, text):
        path = cls.folder / name
        path.write_text(text)
        return path

    def table(self, regions, start=0):
        """A CSV of people and their regions."""
        return "email,region\n" + "".join(f"{self.people[start + place]},{region}\n" for place, region in enumerate(regions))

    def call(self, method, path, body=None, token="admin", **headers):
        """Status and JSON of an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        try:
            connection.request(method, path, body, {"Authorization": f"Bearer {self.tokens[token]}", **headers})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def regions(self, name):
        """Sends by region, as the server's own query joins them."""
        rows = self.numbers.query(["sends"], [f"{name}.region"], join={name: {"recipient": "email"}})["rows"]
        return {row[f"{name}.region"]: row["sends"] for row in rows if row[f"{name}.region"] is not None}

    def uploads(self):
        folder = self.sesame.home / "workspaces/default/uploads"
        return list(folder.iterdir()) if folder.exists() else []

    def names(self):
        return [dataset["name"] for dataset in self.call("GET", "/api/v1/datasets", token="read")[1]["datasets"]]

    def test_the_command_has_the_server_do_it(self):
        one, two = self.write("one.csv", self.table(["EU", "EU", "US"])), self.write("two.csv", self.table(["US"], start=3))
        said = self.sesame.run("dataset", "add", "orders", one).out
        self.assertIn(f"orders: 3 rows from {one}, 2 columns", said)
        self.assertRegex(said, r"region +string")
        # The next question joins with them.
        self.assertEqual(self.regions("orders"), {"EU": 2, "US": 1})
        self.assertIn("orders", self.sesame.run("dataset", "add", "orders", two, expect=FORBIDDEN).err)
        self.sesame.run("dataset", "add", "orders", two, "--append")
        self.assertEqual(self.regions("orders"), {"EU": 2, "US": 2})
        other = self.write("other.csv", "a\n1\n")
        self.assertIn("has no column 'email'", self.sesame.run("dataset", "add", "orders", other, "--append", expect=FORBIDDEN).err)
        self.sesame.run("dataset", "add", "orders", two, "--replace")
        self.assertEqual(self.regions("orders"), {"US": 1})
        self.assertIn("orders", self.sesame.run("dataset", "list").out)
        self.sesame.run("dataset", "drop", "orders")
        self.assertNotIn("orders", self.names())
        self.assertIn("there is no dataset 'orders'", self.sesame.run("dataset", "drop", "orders", expect=NOT_FOUND).err)
        # The token that the command made for itself is gone with it.
        tokens = json.loads(self.sesame.run("token", "list", "--format", "json").out)
        self.assertEqual({token["state"] for token in tokens if "dataset" in token["name"]}, {"revoked"})
        self.sesame.verify()

    def test_the_command_says_what_is_wrong_with_a_file(self):
        for name, content, status, words in [
                ("broken.csv", BROKEN, REFUSED_INPUT, "broken.csv cannot be read"),
                ("empty.csv", "", REFUSED_INPUT, "is empty"),
                ("large.csv", "a\n" + "1\n" * MEGABYTE, LIMIT, "--max-dataset-body"),
                ("table.xls", "a\n1\n", FAILED, "does not say what it holds")]:
            with self.subTest(name):
                result = self.sesame.run("dataset", "add", "broken", self.file(name, content), expect=status)
                self.assertIn(words, result.err)
                self.assertNotIn("uploads", result.err)
        self.assertIn("there is no file", self.sesame.run("dataset", "add", "broken", self.folder / "no.csv", expect=NOT_FOUND).err)
        self.assertNotIn("broken", self.names())
        self.assertEqual(self.uploads(), [])

    def test_the_api_takes_adds_replaces_and_drops(self):
        path = "/api/v1/datasets/api_orders"
        status, made = self.call("PUT", path, self.table(["EU"] * 4))
        self.assertEqual((status, made["rows"], [column["name"] for column in made["columns"]]), (200, 4, ["email", "region"]))
        self.assertEqual(self.regions("api_orders"), {"EU": 4})
        self.assertEqual(self.call("PUT", path, self.table(["EU"]))[1]["code"], "dataset-conflict")
        lines = json.dumps({"email": self.people[5], "region": "US"}).encode()
        self.assertEqual(self.call("PUT", f"{path}?mode=append", gzip.compress(lines))[0], 200)
        self.assertEqual(self.regions("api_orders"), {"EU": 4, "US": 1})
        self.assertEqual(self.call("PUT", f"{path}?mode=replace", b"[" + lines + b"]")[0], 200)
        self.assertEqual(self.regions("api_orders"), {"US": 1})
        self.assertEqual(self.call("DELETE", path)[0], 200)
        self.assertNotIn("api_orders", self.names())
        log = self.call("GET", "/api/v1/audit?limit=50")[1]["entries"]
        self.assertEqual(
            [entry["action"] for entry in log if entry["object"] == "dataset:api_orders"],
            ["dataset.drop", "dataset.replace", "dataset.append", "dataset.create"])

    def test_what_is_refused_leaves_nothing(self):
        path = "/api/v1/datasets/refused_orders"
        self.assertEqual(self.call("PUT", path, "a\n1\n", token="read")[1]["code"], "insufficient-scope")
        status, problem = self.call("PUT", f"{path}?file=orders.csv", BROKEN, **{"Content-Type": "text/csv"})
        self.assertEqual((status, problem["code"]), (400, "unreadable"))
        self.assertIn("orders.csv cannot be read", problem["detail"])
        self.assertNotIn(str(self.sesame.home), problem["detail"])
        self.assertEqual(self.call("PUT", path, b"a" * (MEGABYTE + 1))[1]["code"], "body-too-large")
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        connection.putrequest("PUT", path)
        connection.putheader("Authorization", f"Bearer {self.tokens['admin']}")
        connection.putheader("Content-Length", "500000")
        connection.endheaders(b"a,b\n" + b"1,2\n" * 10_000)
        deadline = time.monotonic() + 30
        while not self.uploads():
            self.assertLess(time.monotonic(), deadline, "the upload does not begin")
        connection.close()
        while self.uploads():
            self.assertLess(time.monotonic(), deadline, "half an upload stays")
        self.assertNotIn("refused_orders", self.names())
        self.sesame.verify()

    def test_a_file_that_was_being_received_when_the_server_was_killed_goes(self):
        home = self.new_home()
        half = home.home / "workspaces/default/uploads/half"
        half.parent.mkdir(parents=True)
        half.write_text("ann@example.com")
        server = Server(home)
        self.addCleanup(server.stop)
        self.assertFalse(half.exists())

    def test_a_dataset_is_added_on_the_page(self):
        file = self.write("My Orders 2026.csv", self.table(["EU", "US"]))
        with chromium() as browsers:
            browser = Browser(browsers, self.server, self.analyst)
            page = browser.open("/sql")
            page.get_by_role("button", name="Add a dataset").press("Enter")
            page.set_input_files("dialog input[type=file]", file)
            self.assertEqual(page.input_value("dialog input[name=name]"), "my_orders_2026")
            self.assertEqual(page.locator("dialog select").count(), 0, "an analyst changes nothing that others use")
            page.get_by_role("button", name="Add it").click()
            page.locator("dialog h2", has_text="my_orders_2026 is ready").wait_for()
            self.assertIn("2 rows of My Orders 2026.csv", page.inner_text("dialog"))
            page.get_by_role("button", name="Done").click()
            page.locator(".catalog-table summary", has_text="my_orders_2026").wait_for()
            self.assertEqual(browser.problems, [])
            owner = Browser(browsers, self.server, self.owner, "dark", "phone")
            page = owner.open("/sql")
            page.get_by_role("button", name="Add a dataset").click()
            page.set_input_files("dialog input[type=file]", file)
            page.get_by_role("button", name="Add it").click()
            page.locator("dialog .trouble", has_text="There is a dataset my_orders_2026 already").wait_for()
            self.assertLessEqual(page.evaluate("document.documentElement.scrollWidth"), 375)
            page.select_option("dialog select", "append")
            page.get_by_role("button", name="Add it").click()
            page.locator("dialog h2", has_text="my_orders_2026 is ready").wait_for()
            # The console notes the one that was refused.
            self.assertEqual([problem for problem in owner.problems if "Failed to load resource" not in problem], [])
        self.assertEqual(self.sesame.value("SELECT count(*) FROM my_orders_2026"), 4)
