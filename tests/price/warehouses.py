"""The engines that run our SQL as it stands: a PostgreSQL of this machine, duckdb, SQLite, Spark."""

import csv
import io
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from tests.price.proof import _from_arrow, spark

Types = Mapping[str, str]
"""The SQL type of each column, where it is not a whole number of 64 bits."""
Run = Callable[[str, pl.DataFrame, Types], pl.DataFrame]
"""A query asked of a table, which is called ``structures``."""
WAREHOUSES = ("postgres", "duckdb", "sqlite", "spark")


def created(table: pl.DataFrame, types: Types) -> str:
    """The table's definition."""
    kinds = {"event": "TEXT", **types}
    quoted = {name: name.replace('"', '""') for name in table.columns}
    columns = ", ".join(f'"{quoted[name]}" {kinds.get(name, "BIGINT")}' for name in table.columns)
    return f"CREATE TABLE structures ({columns})"


def in_duckdb(query: str, table: pl.DataFrame, types: Types) -> pl.DataFrame:
    import duckdb

    with duckdb.connect() as database:
        database.execute(created(table, types))
        database.register("given", table.to_arrow())
        database.execute("INSERT INTO structures SELECT * FROM given")
        return _from_arrow(database.sql(query).to_arrow_table())


def in_sqlite(query: str, table: pl.DataFrame, types: Types) -> pl.DataFrame:
    with sqlite3.connect(":memory:") as database:
        database.execute(created(table, types))
        holes = ", ".join("?" * table.width)
        database.executemany(f"INSERT INTO structures VALUES ({holes})", table.iter_rows())
        found = database.execute(query)
        names = [column[0] for column in found.description]
        return pl.DataFrame(found.fetchall(), schema=names, orient="row", infer_schema_length=None)


def in_spark(query: str, table: pl.DataFrame, types: Types) -> pl.DataFrame:
    frame = spark().createDataFrame(table.to_arrow())
    kinds = {name: types.get(name, "STRING" if name == "event" else "BIGINT") for name in table.columns}
    frame.selectExpr(
        *(f"CAST(`{name}` AS {kind}) AS `{name}`" for name, kind in kinds.items())
    ).createTempView("structures")
    try:
        return _from_arrow(spark().sql(query).toArrow())
    finally:
        spark().catalog.dropTempView("structures")


@contextmanager
def postgres() -> Iterator[Run]:
    """A PostgreSQL server of its own: on a socket in a temporary folder, by a user who is not root."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    place = (installed[-1] if installed else Path(shutil.which("initdb") or "initdb")).parent
    user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
    with TemporaryDirectory(prefix="pg-") as folder:
        if user:
            shutil.chown(folder, "postgres", "postgres")

        def call(program: str, *words: str, given: str = "") -> str:
            command = [*user, f"{place}/{program}", *words]
            done = subprocess.run(
                command,
                input=given,
                capture_output=True,
                text=True,
                cwd=folder,
                check=False,
                env={"LC_ALL": "C.UTF-8"},
            )
            assert done.returncode == 0, done.stderr
            return done.stdout

        call("initdb", "-D", f"{folder}/data", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync")
        settings = f"-k {folder} -c listen_addresses= -c fsync=off -c shared_buffers=16MB"
        call("pg_ctl", "-D", f"{folder}/data", "-o", settings, "-l", f"{folder}/log", "-w", "start")

        def run(query: str, table: pl.DataFrame, types: Types) -> pl.DataFrame:
            text = (
                f"DROP TABLE IF EXISTS structures;\n{created(table, types)};\n"
                f"COPY structures FROM STDIN WITH (FORMAT csv, HEADER);\n{table.write_csv()}\\.\n{query};\n"
            )
            words = ("-h", folder, "-U", "postgres", "-q", "-X", "-v", "ON_ERROR_STOP=1", "--csv")
            answer = call("psql", *words, given=text)
            names, *rows = csv.reader(io.StringIO(answer))
            cells = [[cell or None for cell in row] for row in rows]
            return pl.DataFrame(cells, schema=dict.fromkeys(names, pl.String), orient="row")

        try:
            yield run
        finally:
            call("pg_ctl", "-D", f"{folder}/data", "-m", "immediate", "-w", "stop")
