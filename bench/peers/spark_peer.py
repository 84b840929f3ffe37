"""PySpark, `local[2]`: the job that many run today. Read JSON with a schema, flatten, write partitioned Parquet."""

import shape
from measure import report

TYPES = {shape.TEXT: "STRING", shape.TIME: "TIMESTAMP", shape.INTEGER: "BIGINT", shape.FLAG: "BOOLEAN",
         shape.TEXT_LISTS: "MAP<STRING, ARRAY<STRING>>"}


def type_of(field):
    if isinstance(field, list):
        return f"ARRAY<{type_of(field[0])}>"
    if isinstance(field, dict):
        return "STRUCT<" + ", ".join(f"`{name}`: {type_of(inner)}" for name, inner in field.items()) + ">"
    return TYPES[field]


def columns():
    return shape.flat_columns(
        first=lambda items: f"{items}[0]",
        emails=lambda items: f"transform({items}, r -> r.emailAddress)",
        either=lambda *items: f"coalesce({', '.join(items)})",
        domain=lambda address: f"split_part({address}, '@', 2)")


def load(source, target):
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

    spark = (SparkSession.builder.master("local[2]").appName("bench").config("spark.ui.enabled", "false")
             .config("spark.driver.memory", "2g").config("spark.sql.session.timeZone", "UTC")
             .config("spark.sql.ansi.enabled", "false").config("spark.driver.bindAddress", "127.0.0.1")
             .config("spark.driver.host", "127.0.0.1").config("spark.sql.parquet.compression.codec", "zstd").getOrCreate())
    spark.sparkContext.setLogLevel("ERROR")
    schema = ", ".join(f"`{name}` {type_of(field)}" for name, field in shape.EVENT.items())
    spark.read.schema(schema).json(str(source)).createOrReplaceTempView("input")
    flat = spark.sql(f"SELECT {shape.select_list(columns(), '`')} FROM input")
    (flat.selectExpr("*", "year(event_at) AS year", "month(event_at) AS month", "day(event_at) AS day")
     .write.partitionBy("year", "month", "day").parquet(str(target)))
    report(events=spark.read.parquet(str(target)).count())
    spark.stop()
    # The Java process is waited for, so that its work counts as this process's.
    gateway = SparkContext._gateway
    gateway.shutdown()
    gateway.proc.stdin.close()
    gateway.proc.wait()
