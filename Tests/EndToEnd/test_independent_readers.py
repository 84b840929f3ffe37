"""Readers that share no code with Sesame see its tables row for row as Sesame does, before and after compaction."""

import importlib.util
import unittest
from pathlib import Path

from sesame import SesameTestCase, simulate

try:
    import deltalake
    import duckdb
except ImportError as error:
    raise unittest.SkipTest(f"{error}; run: scripts/setup --tests") from None

# Delta keeps them in the folder names; how a reader types them is its own affair.
PARTITION = ("year", "month", "day")


def delta_extension():
    """DuckDB's delta extension as the wheel brings it, so that no test needs the network."""
    folder = Path(importlib.util.find_spec("duckdb_extension_delta").origin).parent
    return next(folder.rglob("delta.duckdb_extension"))


class IndependentReaders(SesameTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.outside = duckdb.connect(config={"allow_unsigned_extensions": True})
        cls.outside.execute(f"SET TimeZone = 'UTC'; LOAD '{delta_extension()}'")
        cls.addClassCleanup(cls.outside.close)
        events, cls.truth = simulate(cls.folder, 3000, "--duplicates", "0.05", "--out-of-order", "0.1")
        lines = events.read_bytes().splitlines(keepends=True)
        # Several imports of the same days leave several files in a partition: something to merge.
        for part in range(4):
            path = cls.folder / f"part-{part}.ndjson"
            path.write_bytes(b"".join(lines[part::4]))
            cls.sesame.load(path)

    def assert_agreement(self, source, folder):
        """Compares as bags of rows: nothing missing, nothing over, no value changed."""
        ours = self.sesame.table(source, self.folder / "ours.parquet")
        table = str(self.sesame.lake / folder)
        readers = {
            "deltalake": deltalake.DeltaTable(table).to_pyarrow_table(),
            "DuckDB": self.outside.sql(f"SELECT * FROM delta_scan('{table}')").to_arrow_table(),
        }
        self.outside.register("ours", ours)
        for name, theirs in readers.items():
            with self.subTest(f"{source} with {name}"):
                self.outside.register("theirs", theirs)
                columns = ", ".join(f'"{column}"' for column in theirs.column_names if column not in PARTITION)
                self.assertEqual(self.types("ours", columns), self.types("theirs", columns))
                self.assertEqual(len(ours), len(theirs))
                for left, right in (("ours", "theirs"), ("theirs", "ours")):
                    over = self.outside.sql(f"{self.rows(left, columns)} EXCEPT ALL {self.rows(right, columns)}")
                    self.assertEqual(over.fetchmany(1), [], f"in {left}, not in {right}")

    def types(self, relation, columns):
        return [row[:2] for row in self.outside.sql(f"DESCRIBE SELECT {columns} FROM {relation}").fetchall()]

    def rows(self, relation, columns):
        """Rows as text: DuckDB's EXCEPT takes minutes for nested columns as they are."""
        return f"SELECT CAST(one AS VARCHAR) FROM (SELECT {columns} FROM {relation}) AS one"

    def assert_all_tables_agree(self):
        self.assertEqual(self.sesame.value("SELECT count(*) FROM events"), self.truth["events"])
        self.assert_agreement("events", "events")
        self.assert_agreement("messages", "messages")

    def files(self, table):
        return len(deltalake.DeltaTable(str(self.sesame.lake / table)).file_uris())

    def test_before_and_after_compaction(self):
        self.assert_all_tables_agree()
        before = self.files("events")
        self.sesame.run("lake", "compact")
        self.assertLess(self.files("events"), before)
        self.assert_all_tables_agree()
        self.sesame.verify()

    def test_datasets(self):
        orders = "".join(f"{number},{number / 4},2026-07-{number % 28 + 1:02}\n" for number in range(500))
        self.sesame.run("dataset", "add", "orders", self.file("orders.csv", "id,amount,day\n" + orders))
        self.assert_agreement("orders", "datasets/orders")

    def test_refused_records_are_readable_too(self):
        self.sesame.load(self.file("bad.json", "{broken\n"), expect=65)
        self.assert_agreement("refused", "refused")

    def test_rebuilding_from_the_raw_bytes_gives_the_same_events(self):
        # Which of several copies of an event is kept may differ, and with it the file it came in.
        everything = "SELECT * EXCLUDE (received_at, origin) FROM events ORDER BY event_id"
        before = self.sesame.sql(everything)
        self.sesame.run("lake", "rebuild")
        self.assert_same_rows(self.sesame.sql(everything), before)
        self.assert_all_tables_agree()
        self.sesame.verify()
