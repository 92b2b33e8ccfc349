"""All rows of a database out to files and back, by COPY: the same for every PostgreSQL, with no program beside it."""

from pathlib import Path
from typing import Any, TypedDict

import asyncpg

TABLES = """
SELECT c.relname AS name,
       array_agg(a.attname::text ORDER BY a.attnum) FILTER (WHERE a.attgenerated = '') AS columns
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND c.relname <> 'alembic_version'
GROUP BY c.relname ORDER BY c.relname
"""
SEQUENCES = "SELECT sequencename AS name, last_value FROM pg_sequences WHERE schemaname = current_schema() AND last_value IS NOT NULL"
REFERENCES = """
SELECT conrelid::regclass::text AS of, quote_ident(conname) AS name, pg_get_constraintdef(oid) AS definition
FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::regnamespace AND conparentid = 0
"""


class Contents(TypedDict):
    """What was copied: columns and number of rows by table, the last value by sequence."""

    tables: dict[str, dict[str, Any]]
    sequences: dict[str, int]


async def copy_out(connection: "asyncpg.Connection[Any]", folder: Path) -> Contents:
    """Write each table to a file of its name, all as of one moment."""
    tables = {}
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        for table in await connection.fetch(TABLES):
            said = await connection.copy_from_table(table["name"], columns=table["columns"], output=folder / table["name"])
            tables[table["name"]] = {"columns": table["columns"], "rows": int(said.split()[-1])}
        sequences = {each["name"]: each["last_value"] for each in await connection.fetch(SEQUENCES)}
    return {"tables": tables, "sequences": sequences}


async def copy_in(connection: "asyncpg.Connection[Any]", folder: Path, contents: Contents) -> None:
    """Replace all rows by those in `folder`, within the caller's transaction.

    References are taken away meanwhile and made again, which checks them: tables may point at one another in a circle."""
    present = [each["name"] for each in await connection.fetch(TABLES)]
    references = await connection.fetch(REFERENCES)
    for each in references:
        await connection.execute(f"ALTER TABLE {each['of']} DROP CONSTRAINT {each['name']}")
    for table in present:
        await connection.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
        await connection.execute(f'TRUNCATE "{table}"')
    for table, described in contents["tables"].items():
        await connection.copy_to_table(table, columns=described["columns"], source=folder / table)
    for sequence, value in contents["sequences"].items():
        await connection.execute("SELECT setval(quote_ident($1)::regclass, $2)", sequence, value)
    for each in references:
        await connection.execute(f"ALTER TABLE {each['of']} ADD CONSTRAINT {each['name']} {each['definition']}")
    for table in present:
        await connection.execute(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')


async def is_empty(connection: "asyncpg.Connection[Any]") -> bool:
    """Has nobody ever been entered?"""
    if await connection.fetchval("SELECT to_regclass('person')") is None:
        return True
    return not await connection.fetchval("SELECT EXISTS (SELECT FROM person)")
