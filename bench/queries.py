"""The query suite: the questions of questions.sql, warm, on Sesame's lake, plain DuckDB and a ClickHouse MergeTree."""

import itertools
import json
import math
import re
import statistics
import sys
from pathlib import Path

import traffic
from imports import fresh
from measure import ProcessFailed, markdown, python_peer, reported
from peers import sesame_peer

LABELS = {"duckdb": "DuckDB", "clickhouse": "ClickHouse"}
EXPLANATION = """Sesame's times are of statements in one `sesame sql` session, which runs each in a sandboxed process of its
own; its peers' are inside one warm process. *shell* is a whole `sesame sql` from start to end."""


def run(folder, options):
    home = traffic.lake(folder, options.messages)
    questions = read_questions(traffic.something(home))
    print("query: sesame", file=sys.stderr)
    answers = {"sesame": [sesame_peer.ask(home, question["sql"], options.repeat) for question in questions]}
    notes = []
    for name in [name for name in LABELS if name in options.peers]:
        print(f"query: {name}", file=sys.stderr)
        try:
            answers[name] = peer_answers(folder, home, name, questions, options.repeat)
        except ProcessFailed as failure:
            notes.append(f"{LABELS[name]} failed: {failure}")
    return "\n\n".join([f"Warm, median of {options.repeat}, milliseconds.",
                        table(["question", "Sesame", "shell"], questions, answers, "process"),
                        *disagreements(questions, answers), *notes, EXPLANATION])


def peer_answers(folder, home, name, questions, repeat):
    parquet = folder / "query-sorted.parquet"
    if not parquet.exists():
        sesame_peer.export(home, parquet)
    source = parquet
    if name == "clickhouse":
        source = fresh(folder / "query-clickhouse")
        python_peer(name, "prepare", parquet, source)
    asked = folder / f"questions-{name}.json"
    asked.write_text(json.dumps([question.get(name, question["sql"]) for question in questions]))
    return reported(python_peer(name, "ask", source, asked, repeat))["answers"]


def read_questions(values):
    """Title, SQL, and the words of other dialects of each question."""
    text = (Path(__file__).parent / "questions.sql").read_text()
    questions = []
    for piece in re.split(r"^-- (?=\d\d )", text, flags=re.MULTILINE)[1:]:
        title, body = piece.split("\n", 1)
        for key, value in values.items():
            body = body.replace("{%s}" % key, value)
        sql, *other = re.split(r"^-- clickhouse\n", body, flags=re.MULTILINE)
        questions.append({"title": title, "sql": sql.strip(), **({"clickhouse": other[0].strip()} if other else {})})
    return questions


def table(headers, questions, answers, second):
    """A row a question: Sesame's median, its `second` time, and the peers' medians with how many times as long they take."""
    peers = [name for name in LABELS if name in answers]
    rows = []
    for place, question in enumerate(questions):
        ours = answers["sesame"][place]
        row = [question["title"], milliseconds(ours["seconds"]), milliseconds(ours[second])]
        for name in peers:
            theirs = answers[name][place]["seconds"]
            row += [milliseconds(theirs), f"{theirs / ours['seconds']:.2f}×"]
        rows.append(row)
    total = ["geometric mean", milliseconds(mean(answers["sesame"])), ""]
    for name in peers:
        total += [milliseconds(mean(answers[name])), f"{mean(answers[name]) / mean(answers['sesame']):.2f}×"]
    return markdown([*headers, *(label for name in peers for label in (LABELS[name], "Sesame is"))], [*rows, total])


def milliseconds(seconds):
    return f"{seconds * 1e3:.1f}"


def mean(answers):
    return statistics.geometric_mean(max(answer["seconds"], 1e-6) for answer in answers)


def disagreements(questions, answers):
    """A time means nothing if the answer is another: every peer's rows are compared with Sesame's."""
    for name in [name for name in answers if name != "sesame"]:
        wrong = [question["title"] for question, theirs, ours in zip(questions, answers[name], answers["sesame"])
                 if ours["rows"] is not None and not same(theirs["rows"], ours["rows"], question.get("tolerance", 1e-9))]
        if wrong:
            yield f"{LABELS[name]} answers otherwise: {'; '.join(wrong)}."


def same(left, right, tolerance):
    """Whether two lists of rows say the same, however they write it; numbers but for a part of them."""
    pairs = zip(itertools.chain(*left), itertools.chain(*right))
    return list(map(len, left)) == list(map(len, right)) and all(same_value(*pair, tolerance) for pair in pairs)


def same_value(left, right, tolerance):
    try:
        return math.isclose(float(left), float(right), rel_tol=tolerance)
    except (TypeError, ValueError):
        return plain(left) == plain(right)


def plain(value):
    """A value as text, times in one spelling."""
    text = "" if value is None else str(value)
    time = re.match(r"(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d:\d\d))?(\.\d{1,3})?", text)
    return f"{time[1]} {time[2] or '00:00:00'}{(time[3] or '').rstrip('0').rstrip('.')}" if time else text
