#!/usr/bin/env python3
"""Measures Sesame beside its peers: the same data, the same two cores, one run. `make bench` calls it.

    bench/run.py                          all suites at 1 M events
    bench/run.py --suite ingest           events over HTTP
    bench/run.py --suite import --large   import of 10 M events
    bench/run.py --suite pages --huge     pages over 100 M events
    bench/run.py --quick                  a small run that shows everything works; its numbers mean little

Ratios are of Sesame to the peer: 3.0× means three times as fast, or a third of the memory or bytes. Tables go to
the screen and to bench/results/.
"""

import argparse
import os
import platform
import shutil
import sys
import tempfile
from datetime import datetime, timezone
from pathlib import Path

import imports
import ingest
import pages
import queries
from peers import sesame_peer

EVENTS_PER_MESSAGE = 3.9
SUITES = {"import": imports.run, "query": queries.run, "pages": pages.run, "ingest": ingest.run}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suite", choices=[*SUITES, "all"], default="all")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--messages", type=int, help="messages to simulate (about four events each)")
    size.add_argument("--large", action="store_true", help="10 M events instead of 1 M")
    size.add_argument("--huge", action="store_true", help="100 M events; for query and pages, needs 70 GB of disk")
    size.add_argument("--quick", action="store_true", help="20,000 events")
    parser.add_argument("--peers", default="duckdb,clickhouse,spark", help="peers to measure beside Sesame")
    parser.add_argument("--repeat", type=int, default=5, help="runs of a question; the median counts")
    parser.add_argument("--keep", type=Path, help="folder for data and lakes, kept and used again")
    options = parser.parse_args()
    events = 10_000_000 if options.large else 100_000_000 if options.huge else 20_000 if options.quick else 1_000_000
    options.messages = options.messages or round(events / EVENTS_PER_MESSAGE)
    options.peers = [name for name in options.peers.split(",") if name]
    return options


def machine():
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    return f"{os.cpu_count()} cores ({model}), {memory:.0f} GiB, {platform.system()} {platform.release()}"


def main():
    options = arguments()
    if not sesame_peer.BINARY.exists():
        sys.exit(f"{sesame_peer.BINARY} is not there; run: make build")
    folder = options.keep or Path(tempfile.mkdtemp(prefix="sesame-bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    results = Path(__file__).parent / "results"
    results.mkdir(exist_ok=True)
    try:
        for name, suite in SUITES.items():
            if options.suite not in (name, "all"):
                continue
            text = "\n\n".join([f"# {name}", f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC · {machine()}",
                                suite(folder, options)])
            (results / f"{name}-{options.messages}.md").write_text(text + "\n")
            print(text + "\n")
    finally:
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
