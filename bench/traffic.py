"""Simulated traffic: a file for those who import it, and a lake for those who ask.

Equal numbers of messages are equal events, so that every suite speaks of the same."""

import json
import subprocess
import sys

from measure import ProcessFailed, measured
from peers import sesame_peer


def simulate(messages, target):
    return [sesame_peer.BINARY, "simulate", "--messages", str(messages), "--days", "30", "--seed", "7", "-o", str(target)]


def file(folder, messages):
    """The events as JSON lines, generated once a folder."""
    path = folder / f"events-{messages}.ndjson"
    if not path.exists():
        print(f"simulating {messages:,} messages", file=sys.stderr)
        measured(simulate(messages, path))
    return path


def lake(folder, messages):
    """A home with the events imported and merged, made once a folder; no file lies between, which for 100 M events would be of 140 GB."""
    home = folder / "query-sesame"
    if not home.exists():
        print(f"importing {messages:,} simulated messages", file=sys.stderr)
        events = subprocess.Popen(simulate(messages, "-"), stdout=subprocess.PIPE)
        measured(sesame_peer.command(home, "import", "--no-rollups", "-"), stdin=events.stdout)
        events.stdout.close()
        if events.wait():
            raise ProcessFailed(f"sesame simulate: exit {events.returncode}")
        measured(sesame_peer.command(home, "lake", "compact"))
    return home


def something(home):
    """Something to look up: a delivery in the middle of the time, its campaign and its week."""
    middle = "SELECT min(sent_at) + (max(sent_at) - min(sent_at)) / 2 FROM messages"
    found = measured(sesame_peer.command(home, "sql", "--format", "json", f"""
        SELECT message_id, recipients[1] AS recipient, tags['campaign'][1] AS campaign, strftime(sent_at, '%Y-%m-%d 00:00:00') AS day
        FROM events WHERE event_type = 'Delivery' AND event_at >= ({middle}) ORDER BY event_at, event_id LIMIT 1"""))
    return {**json.loads(found.output)[0], "week": "2026-07-25 00:00:00"}
