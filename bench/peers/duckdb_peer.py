"""DuckDB: `read_json` with declared types into partitioned Parquet; questions on one Parquet file sorted by time."""

import shape
from measure import report, timed

TYPES = {shape.TEXT: "VARCHAR", shape.TIME: "TIMESTAMPTZ", shape.INTEGER: "BIGINT", shape.FLAG: "BOOLEAN",
         shape.TEXT_LISTS: "MAP(VARCHAR, VARCHAR[])"}


def type_of(field):
    if isinstance(field, list):
        return type_of(field[0]) + "[]"
    if isinstance(field, dict):
        return "STRUCT(" + ", ".join(f'"{name}" {type_of(inner)}' for name, inner in field.items()) + ")"
    return TYPES[field]


def columns():
    return shape.flat_columns(
        first=lambda items: f"{items}[1]",
        emails=lambda items: f"list_transform({items}, lambda r: r.emailAddress)",
        either=lambda *items: f"coalesce({', '.join(items)})",
        domain=lambda address: f"split_part({address}, '@', 2)")


def connect():
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = false; SET threads = 2")
    return connection


def load(source, target):
    types = ", ".join(f"'{name}': '{type_of(field)}'" for name, field in shape.EVENT.items())
    query = f"""
        SELECT {shape.select_list(columns(), '"')},
               year(event_at) AS year, month(event_at) AS month, day(event_at) AS day
        FROM read_json('{source}', format = 'newline_delimited', columns = {{{types}}})"""
    copied = connect().execute(
        f"COPY ({query}) TO '{target}' (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (year, month, day))")
    report(events=copied.fetchone()[0])


def copy(query, target):
    """Rows into one Parquet file, in the order that the query gives them."""
    connection = connect()
    connection.execute("SET preserve_insertion_order = true")
    connection.execute(f"COPY ({query}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)")


def ask(source, questions, repeat, table="events"):
    connection = connect()
    connection.execute(f"CREATE VIEW {table} AS FROM read_parquet('{source}')")
    answers = [timed(lambda: connection.execute(sql).to_arrow_table(), repeat) for sql in questions]
    for answer in answers:
        answer["rows"] = [list(row.values()) for row in answer["rows"].to_pylist()]
    report(answers=answers)
