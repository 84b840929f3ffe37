"""`python -m peers NAME load|prepare|ask …`: one piece of a peer's work in a process of its own."""

import importlib
import json
import sys
from pathlib import Path

name, work, *arguments = sys.argv[1:]
peer = importlib.import_module(f"peers.{name}_peer")
if work == "ask":
    source, questions, repeat, *table = arguments
    peer.ask(source, json.loads(Path(questions).read_text()), int(repeat), *table)
else:
    getattr(peer, work)(*arguments)
