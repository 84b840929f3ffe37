"""Sesame itself, by its command line."""

import json
import os
import re
import statistics
import subprocess
import time
from pathlib import Path


ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("SESAME_BINARY", ROOT / ".build/release/sesame"))


def command(home, *arguments):
    return [str(BINARY), *map(str, arguments), "--home", str(home)]


def tables(home):
    return Path(home) / "workspaces/default/lake"


def export(home, target):
    """One Parquet file sorted by time, the best layout that plain DuckDB could wish for. It comes from the table, not
    from its folder: a folder also holds files that a compaction has replaced."""
    import duckdb
    from deltalake import DeltaTable

    files = DeltaTable(str(tables(home) / "events")).file_uris()
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'; SET threads = 2")
    connection.execute(f"""
        COPY (FROM read_parquet({files}, hive_partitioning = false) ORDER BY event_at)
        TO '{target}' (FORMAT parquet, COMPRESSION zstd)""")


def ask(home, sql, repeat):
    """Seconds and rows of a question.

    `seconds` is the median inside one long-lived `sesame sql` that reads the statements from its standard input;
    `process` is that of whole processes: what a user at a shell waits for.
    """
    walls, rows = [], None
    for _ in range(repeat + 1):
        start = time.perf_counter()
        answer = subprocess.run(command(home, "sql", "--format", "json", sql), capture_output=True, check=True)
        walls.append(time.perf_counter() - start)
        rows = [list(row.values()) for row in json.loads(answer.stdout)]
    return {"seconds": session_seconds(home, sql, repeat), "process": statistics.median(walls[1:]), "rows": rows}


def session_seconds(home, sql, repeat):
    """Median of one statement asked again and again in one session; `--timing` says `0.123 s` a statement."""
    session = subprocess.run(command(home, "sql", "--format", "json", "--timing"), input=f"{sql};\n" * (repeat + 1),
                             capture_output=True, text=True, check=True)
    seconds = [float(number) for number in re.findall(r"^([0-9.]+) s$", session.stderr, flags=re.MULTILINE)]
    return statistics.median(seconds[1:])
