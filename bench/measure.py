"""Processes measured from outside, timings from inside, and tables to read."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Usage:
    """What a process and the children it waited for took."""

    wall: float
    cpu: float
    peak: int
    output: str


class ProcessFailed(Exception):
    """A measured process that did not end well; says what it said last."""


def measured(command, **options):
    """Runs a command to its end; user + system time and peak memory come from the kernel, for all peers alike."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        start = time.perf_counter()
        process = subprocess.Popen(list(map(str, command)), stdout=out, stderr=err, **options)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if process.returncode != 0:
            raise ProcessFailed(f"{' '.join(map(str, command))[:200]}: exit {process.returncode}: {err.read()[-2000:]}")
        return Usage(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, out.read())


def python_peer(name, work, *arguments):
    """A peer's work in a fresh Python process."""
    return measured([sys.executable, "-m", "peers", name, work, *arguments], cwd=Path(__file__).parent)


def report(**values):
    """The last line of a peer's output."""
    print(json.dumps(values, default=str))


def reported(usage):
    return json.loads(usage.output.strip().splitlines()[-1])


def timed(question, repeat):
    """Median seconds and their 95th percentile after one run to warm up, and the rows, for comparing answers."""
    rows, seconds = question(), []
    for _ in range(repeat):
        start = time.perf_counter()
        question()
        seconds.append(time.perf_counter() - start)
    late = sorted(seconds)[min(repeat - 1, int(repeat * 0.95))]
    return {"seconds": statistics.median(seconds), "p95": late, "rows": rows}


def bytes_below(folder, suffix=""):
    return sum(path.stat().st_size for path in Path(folder).rglob(f"*{suffix}") if path.is_file())


def markdown(headers, rows):
    """A table with its columns aligned, fit for a terminal and for a document."""
    cells = [list(map(str, row)) for row in [headers, *rows]]
    widths = [max(map(len, column)) for column in zip(*cells)]
    lines = ["| " + " | ".join(cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths))) + " |"
             for row in cells]
    rule = "| " + " | ".join("-" * w if i == 0 else "-" * (w - 1) + ":" for i, w in enumerate(widths)) + " |"
    return "\n".join([lines[0], rule, *lines[1:]])
