"""ClickHouse in process (chdb): a typed `JSONEachRow` insert into a MergeTree on disk; questions on that MergeTree."""

import json

import shape
from measure import report, timed

TYPES = {shape.TEXT: "Nullable(String)", shape.TIME: "Nullable(DateTime64(3, 'UTC'))", shape.INTEGER: "Nullable(Int64)",
         shape.FLAG: "Nullable(Bool)", shape.TEXT_LISTS: "Map(String, Array(String))"}

# What a careful user would declare; everything else follows from the expressions.
OVERRIDES = {"event_type": "LowCardinality(String)", "event_at": "DateTime64(3, 'UTC')",
             "configuration_set": "LowCardinality(String)", "bounce_type": "LowCardinality(Nullable(String))",
             "bounce_subtype": "LowCardinality(Nullable(String))", "recipient_domain": "LowCardinality(String)"}
MERGE_TREE = "ENGINE = MergeTree PARTITION BY toYYYYMM(event_at) ORDER BY (event_type, event_at)"
SETTINGS = """max_threads = 2, max_insert_threads = 2, date_time_input_format = 'best_effort',
    input_format_skip_unknown_fields = 1, input_format_null_as_default = 1,
    input_format_json_defaults_for_missing_elements_in_named_tuple = 1, input_format_json_ignore_unknown_keys_in_named_tuple = 1,
    max_partitions_per_insert_block = 0"""


def type_of(field, inside_list=False):
    if isinstance(field, list):
        return f"Array({type_of(field[0], inside_list=True)})"
    if isinstance(field, dict):
        return "Tuple(" + ", ".join(f"`{name}` {type_of(inner)}" for name, inner in field.items()) + ")"
    return "String" if inside_list and field == shape.TEXT else TYPES[field]


def columns():
    typed = shape.flat_columns(
        first=lambda items: f"{items}[1]",
        emails=lambda items: f"arrayMap(r -> assumeNotNull(r.emailAddress), {items})",
        either=lambda *items: f"arrayConcat({', '.join(items)})",
        domain=lambda address: f"splitByChar('@', {address})[2]")
    return {name: f"CAST({expression} AS {OVERRIDES[name]})" if name in OVERRIDES else expression
            for name, expression in typed.items()}


def session(path):
    from chdb.session import Session

    return Session(str(path))


def load(source, target):
    structure = ", ".join(f"`{name}` {type_of(field)}" for name, field in shape.EVENT.items()).replace("'", "\\'")
    database = session(target)
    database.query(f"""
        CREATE TABLE events {MERGE_TREE} AS
        SELECT {shape.select_list(columns(), '`')}
        FROM file('{source}', 'JSONEachRow', '{structure}') SETTINGS {SETTINGS}""")
    report(events=int(database.query("SELECT count() FROM events", "TabSeparated").bytes()))


def prepare(source, target, table="events"):
    """The same rows as the sorted Parquet file, in a MergeTree without loose parts."""
    database = session(target)
    database.query(f"""
        CREATE TABLE {table} {MERGE_TREE} AS
        SELECT * REPLACE (assumeNotNull(event_at) AS event_at, CAST(assumeNotNull(event_type) AS LowCardinality(String)) AS event_type)
        FROM file('{source}', 'Parquet') SETTINGS {SETTINGS}""")
    database.query(f"OPTIMIZE TABLE {table} FINAL")


def ask(source, questions, repeat, _=None):
    database = session(source)

    def rows(sql):
        return json.loads(database.query(f"{sql} SETTINGS max_threads = 2", "JSONCompact").bytes())["data"]

    report(answers=[timed(lambda: rows(sql), repeat) for sql in questions])
