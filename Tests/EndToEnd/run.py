#!/usr/bin/env python3
"""Runs the end-to-end tests, a file a process, and one more at once than there are cores: they wait for processes as much as they
compute. What a file says is shown when it ends; the exit code is 1 if a test failed.

    Tests/EndToEnd/run.py [test_kill …]
"""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

HERE = Path(__file__).parent
# The longest first, so that none is left over alone at the end.
LONG = [
    "test_rollups", "test_kill", "test_poller_s3", "test_erase", "test_page_settings", "test_live_kill", "test_page_access",
    "test_stream_records", "test_poller_faults", "test_page_safety", "test_faults", "test_statements",
    "test_page_engagement", "test_page_monitoring", "test_page_cohorts", "test_analytics", "test_retention",
    "test_independent_readers", "test_page_campaigns", "test_page_deliverability", "test_page_people", "test_real_set",
]


def run(module):
    start = time.monotonic()
    command = [sys.executable, "-m", "unittest", "-v", module]
    done = subprocess.run(command, cwd=HERE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return module, done.returncode, done.stdout, time.monotonic() - start


def main():
    found = {path.stem for path in HERE.glob("test_*.py")}
    modules = sys.argv[1:] or [name for name in LONG if name in found] + sorted(found - set(LONG))
    failed = []
    with ThreadPoolExecutor((os.cpu_count() or 1) + 1) as pool:
        for future in as_completed([pool.submit(run, module) for module in modules]):
            module, status, output, seconds = future.result()
            print(f"\n{module}: {'passed' if status == 0 else 'FAILED'} in {seconds:.0f} s\n{output}", flush=True)
            if status:
                failed.append(module)
    if failed:
        sys.exit(f"failed: {', '.join(sorted(failed))}")


if __name__ == "__main__":
    main()
