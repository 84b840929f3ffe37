"""Sesame itself, by its command line."""

import json
import os
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


def knows_repeat():
    """Whether `sesame sql` can time a statement inside one warm process."""
    help_text = subprocess.run([BINARY, "sql", "--help"], capture_output=True, text=True).stdout
    return "--repeat" in help_text and "--timing" in help_text


def ask(home, sql, repeat):
    """Seconds and rows of a question.

    `seconds` is the median inside a warm process where Sesame offers that, else of whole processes; `process` is
    always the latter: what a user at a shell waits for.
    """
    walls, rows = [], None
    for _ in range(repeat + 1):
        start = time.perf_counter()
        answer = subprocess.run(command(home, "sql", "--format", "json", sql), capture_output=True, check=True)
        walls.append(time.perf_counter() - start)
        rows = [list(row.values()) for row in json.loads(answer.stdout)]
    process = statistics.median(walls[1:])
    return {"seconds": warm_seconds(home, sql, repeat) if knows_repeat() else process, "process": process, "rows": rows}


def warm_seconds(home, sql, repeat):
    """Median of `sesame sql --repeat N --timing`: one line `seconds: X` a run on the standard error."""
    answer = subprocess.run(
        command(home, "sql", "--format", "json", "--repeat", repeat + 1, "--timing", sql), capture_output=True, text=True, check=True)
    seconds = [float(line.split()[1]) for line in answer.stderr.splitlines() if line.startswith("seconds:")]
    return statistics.median(seconds[1:])
