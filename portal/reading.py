"""Reads past the ORM's own machinery, for the pages that everybody opens all day: the same rows at a third of the cost."""

from collections.abc import Sequence
from typing import Any

import asyncpg
from sqlalchemy import Select, inspect
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.dialects.postgresql.asyncpg import dialect
from sqlalchemy.orm import Mapper, make_transient_to_detached

from portal.db import Session, Table


async def rows(session: Session, statement: str, *given: Any) -> Sequence[Any]:
    """What a reading statement ($1, $2 …) finds, by the session's own connection.

    It sees what the session has flushed, and begins no transaction: a page that only reads spares BEGIN and COMMIT.
    """
    connection = await session.connection()
    driver: asyncpg.Connection[Any] = (await connection.get_raw_connection()).driver_connection  # type: ignore[assignment]
    try:
        return await driver.fetch(statement, *given)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        if not driver.is_closed():
            raise
    # The connection is gone. SQLAlchemy, which has not seen that, finds out here, says so and empties its pool.
    return (await connection.exec_driver_sql(statement, given)).all()


class Entities:
    """A statement made once, whose rows are entities of the session: tuples of what `select(A, B, …)` names, None for an outer
    join that found nothing. Search vectors are not read. Relationships are for the caller to set."""

    def __init__(self, statement: Select[*tuple[Any, ...]]) -> None:
        parts = [_Part(each["entity"]) for each in statement.column_descriptions]
        compiled = statement.with_only_columns(*(column for part in parts for column in part.columns)).compile(dialect=dialect())
        self._text = str(compiled)
        self._constants = compiled.params
        self._order = compiled.positiontup or []
        self._slices = []
        start = 0
        for part in parts:
            self._slices.append((part, start, start + len(part.columns)))
            start += len(part.columns)

    async def all(self, session: Session, **given: Any) -> list[tuple[Any, ...]]:
        """Every row, with the statement's parameters by name."""
        values = self._constants | given
        found = await rows(session, self._text, *(values[name] for name in self._order))
        return [tuple(part.entity(session, row[start:end]) for part, start, end in self._slices) for row in map(tuple, found)]


class _Part:
    """One entity of a row."""

    def __init__(self, entity: type[Table]) -> None:
        self.mapper: Mapper[Any] = inspect(entity)
        attributes = [each for each in self.mapper.column_attrs if not isinstance(each.columns[0].type, TSVECTOR)]
        self.keys = [each.key for each in attributes]
        self.columns = [each.columns[0] for each in attributes]
        self.primary = [self.keys.index(self.mapper.get_property_by_column(column).key) for column in self.mapper.primary_key]
        self.processors = [(n, made) for n, each in enumerate(self.columns) if (made := each.type.result_processor(dialect(), None))]

    def entity(self, session: Session, values: tuple[Any, ...]) -> Any:
        """The entity of the session with this key, made from `values` unless the session has it already."""
        if values[self.primary[0]] is None:
            return None
        key = self.mapper.identity_key_from_primary_key(tuple(values[n] for n in self.primary))
        known = session.sync_session.identity_map.get(key)
        if known is not None:
            return known
        loaded = list(values)
        for n, process in self.processors:
            loaded[n] = process(loaded[n])
        made = self.mapper.class_manager.new_instance()
        made.__dict__.update(zip(self.keys, loaded, strict=True))
        make_transient_to_detached(made)
        session.add(made)
        return made
