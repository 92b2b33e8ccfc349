"""Reads past the ORM's own machinery, for the pages that everybody opens all day: the same rows at a third of the cost."""

from collections.abc import Sequence
from typing import Any

import asyncpg
from sqlalchemy import ClauseElement, PoolProxiedConnection, Select, inspect
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.dialects.postgresql.asyncpg import dialect
from sqlalchemy.orm import Mapper
from sqlalchemy.orm.attributes import instance_state

from portal.db import Instant, Session, Table

OWN = "own connection"


async def rows(session: Session, statement: str, *given: Any) -> Sequence[Any]:
    """What a reading statement ($1, $2 …) finds.

    It sees what the session has flushed, and begins no transaction: a page that only reads spares BEGIN and COMMIT.
    """
    lent = await _connection(session)
    driver: asyncpg.Connection[Any] = lent.driver_connection  # type: ignore[assignment]
    try:
        return await driver.fetch(statement, *given)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        if driver.is_closed():
            # The connection is gone. SQLAlchemy, which has not seen that, finds out here, says so and empties its pool.
            if not session.has_begun:
                lent.invalidate()
            await (await session.connection()).exec_driver_sql("SELECT 1")
        raise


async def _connection(session: Session) -> PoolProxiedConnection:
    """That of the session's transaction, asked for once; without one a borrowed one."""
    begun = session.sync_session.get_transaction()
    if begun is None:
        return await session.borrowed()
    known: tuple[object, PoolProxiedConnection] | None = session.info.get(OWN)
    if known is not None and known[0] is begun:
        return known[1]
    found = await (await session.connection()).get_raw_connection()
    session.info[OWN] = begun, found
    return found


class Statement:
    """A statement with its parameters by name (:name), compiled once."""

    def __init__(self, statement: ClauseElement) -> None:
        compiled = statement.compile(dialect=dialect())
        self._text = str(compiled)
        self._constants = compiled.params
        self._order = compiled.positiontup or []  # type: ignore[attr-defined]

    async def rows(self, session: Session, **given: Any) -> Sequence[Any]:
        """Every row. Inside the session's transaction if it has begun one; else a statement that writes is durable when this returns."""
        values = self._constants | given
        return await rows(session, self._text, *(values[name] for name in self._order))


class Entities(Statement):
    """A statement made once, whose rows are entities of the session: tuples of what `select(A, B, …)` names, None for an outer
    join that found nothing. Search vectors are not read. Relationships are for the caller to set."""

    def __init__(self, statement: Select[*tuple[Any, ...]]) -> None:
        parts = [_Part(each["entity"]) for each in statement.column_descriptions]
        super().__init__(statement.with_only_columns(*(column for part in parts for column in part.columns)))
        self._slices = []
        start = 0
        for part in parts:
            self._slices.append((part, start, start + len(part.columns)))
            start += len(part.columns)

    async def all(self, session: Session, **given: Any) -> list[tuple[Any, ...]]:
        """Every row, with the statement's parameters by name."""
        found = await self.rows(session, **given)
        return [tuple(part.entity(session, row[start:end]) for part, start, end in self._slices) for row in map(tuple, found)]


class _Part:
    """One entity of a row."""

    def __init__(self, entity: type[Table]) -> None:
        self.mapper: Mapper[Any] = inspect(entity)
        attributes = [each for each in self.mapper.column_attrs if not isinstance(each.columns[0].type, TSVECTOR)]
        self.unread = {each.key for each in self.mapper.column_attrs} - {each.key for each in attributes}
        self.keys = [each.key for each in attributes]
        self.columns = [each.columns[0] for each in attributes]
        self.primary = [self.keys.index(self.mapper.get_property_by_column(column).key) for column in self.mapper.primary_key]
        # asyncpg gives moments in UTC, as we keep them.
        others = [(key, each.type) for key, each in zip(self.keys, self.columns, strict=True) if not isinstance(each.type, Instant)]
        self.processors = [(key, made) for key, kind in others if (made := kind.result_processor(dialect(), None))]
        assert self.mapper.polymorphic_on is None  # noqa: S101 (else the identity below would be another)

    def entity(self, session: Session, values: tuple[Any, ...]) -> Any:
        """The entity of the session with this key, made from `values` as the ORM's own loader does unless the session has it already."""
        if values[self.primary[0]] is None:
            return None
        key = (self.mapper.class_, tuple(values[n] for n in self.primary), None)
        known = session.sync_session.identity_map.get(key)
        if known is not None:
            return known
        made = self.mapper.class_manager.new_instance()
        loaded = made.__dict__
        loaded.update(zip(self.keys, values, strict=True))
        for name, process in self.processors:
            loaded[name] = process(loaded[name])
        state = instance_state(made)
        state.key, state.session_id = key, session.sync_session.hash_key
        state.expired_attributes.update(self.unread)
        session.sync_session.identity_map.add(state)
        return made
