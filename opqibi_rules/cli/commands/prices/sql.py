"""``opqibi-fees sql``: the query that prices a table where it stands."""

from datetime import date
from typing import Annotated

from opqibi_rules.cli.options import day_in, facts, option, takes
from opqibi_rules.cli.result import DONE, Result, saved_as
from opqibi_rules.messages import marked
from opqibi_rules.paper.extras import load
from opqibi_rules.tables.library import Tables

EXAMPLES = (
    "opqibi-fees sql --dialect postgres --turnovers euros",
    "opqibi-fees sql --dialect duckdb --table finance.firms --columns id,turnover,t1,t2 --turnovers decimal",
)

_on_day = day_in("--date YYYY-MM-DD", marked("The day that chooses the schedule (default: today)."))


@takes(_on_day, facts, saved_as("sql"))
def command(
    day: date,
    tables: Tables,
    result: Result,
    dialect: Annotated[str, option("--dialect NAME", marked("postgres, duckdb, sqlite or spark."))],
    turnovers: Annotated[
        str, option("--turnovers UNIT", marked("cents or euros (whole numbers), or decimal (euros)."))
    ],
    table: Annotated[
        str,
        option("--table NAME", marked("The table (default: structures); a point parts its schema from it.")),
    ] = "structures",
    columns: Annotated[
        str | None,
        option("--columns A,B,C", marked("The table’s columns to keep (default: all that can be read).")),
    ] = None,
    carry: Annotated[
        list[str],
        option("--carry HEADING", marked("A column of your own that looks like ours: kept, not read.")),
    ] = [],
) -> int:
    """Write the query."""
    load("opqibi_rules.price.columns", extra="columns")
    from opqibi_rules.price.columns import to_sql

    names = None if columns is None else [name.strip() for name in columns.split(",")]
    query = to_sql(
        dialect, on=day, table=table, columns=names, turnovers=turnovers, tables=tables, carry=carry
    )
    result.put({"sql": lambda: query})
    return DONE
