"""The import suite: one file of JSON lines into each system's own columnar form, each in a process of its own."""

import json
import shutil
import sys

import traffic
from measure import ProcessFailed, bytes_below, markdown, measured, python_peer, reported
from peers import sesame_peer

LABELS = {"duckdb": "DuckDB read_json → Parquet", "clickhouse": "ClickHouse JSONEachRow → MergeTree",
          "spark": "PySpark job → Parquet"}


def run(folder, options):
    events = traffic.file(folder, options.messages)
    warm_page_cache(events)
    rows = [sesame(folder, events)]
    for name in options.peers:
        print(f"import: {name}", file=sys.stderr)
        try:
            rows.append(peer(folder, events, name))
        except ProcessFailed as failure:
            rows.append({"name": LABELS[name], "failure": str(failure)})
    return "\n\n".join([
        f"{events.stat().st_size / 1e6:,.0f} MB of JSON lines, {rows[0]['events']:,} events.",
        table(rows, rows[0]),
        rollups(folder),
        "The last three columns: how many times faster, cheaper in CPU and smaller in memory Sesame is. Times are of whole "
        "processes, start included. Sesame also drops duplicates, classifies machines, keeps the raw "
        "bytes, derives `messages`, sorts, and makes everything durable; its size is of `events` alone, as the peers' is."])


def sesame(folder, events):
    print("import: sesame", file=sys.stderr)
    home = fresh(folder / "import-sesame")
    usage = measured(sesame_peer.command(home, "import", "--json", "--no-rollups", events))
    return row("**Sesame**", usage, json.loads(usage.output)["events"],
               bytes_below(sesame_peer.tables(home) / "events", ".parquet"))


def rollups(folder):
    """What no peer does: the facts that the dashboard's queries read, which an import makes at its end where nothing else is said."""
    home = folder / "import-sesame"
    usage = measured(sesame_peer.command(home, "lake", "rollup"))
    size = bytes_below(home / "workspaces/default/lake/rollups")
    return f"The rollups of the dashboard, made after it: {usage.wall:.2f} s, {usage.cpu:.2f} s of CPU, {usage.peak / 1e6:,.0f} MB, {size / 1e6:,.0f} MB of files."


def peer(folder, events, name):
    target = fresh(folder / f"import-{name}")
    usage = python_peer(name, "load", events, target)
    size = bytes_below(target, "" if name == "clickhouse" else ".parquet")
    if name == "clickhouse":
        size = bytes_below(target / "store") or size
    return row(LABELS[name], usage, reported(usage)["events"], size)


def row(name, usage, events, size):
    return {"name": name, "events": events, "rate": events / usage.wall, "wall": usage.wall, "cpu": usage.cpu,
            "peak": usage.peak, "bytes": size / max(events, 1)}


def table(rows, ours):
    headers = ["import", "events/s", "wall s", "CPU s", "peak MB", "bytes/event", "speed", "CPU", "memory"]
    cells = []
    for one in rows:
        if "failure" in one:
            cells.append([one["name"], "failed: " + one["failure"].splitlines()[-1][:200], *[""] * 7])
            continue
        cells.append([one["name"], f"{one['rate']:,.0f}", f"{one['wall']:.2f}", f"{one['cpu']:.2f}", f"{one['peak'] / 1e6:,.0f}",
                      f"{one['bytes']:.0f}", f"{ours['rate'] / one['rate']:.2f}×", f"{one['cpu'] / ours['cpu']:.2f}×",
                      f"{one['peak'] / ours['peak']:.2f}×"])
    return markdown(headers, cells)


def warm_page_cache(path):
    """Nobody pays for the first read of the file."""
    with path.open("rb") as stream:
        while stream.read(1 << 24):
            pass


def fresh(path):
    shutil.rmtree(path, ignore_errors=True)
    return path
