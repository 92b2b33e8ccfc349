"""Reads past the ORM's own machinery, for the pages that everybody opens all day: the same rows at a third of the cost."""

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import asyncpg
from sqlalchemy import ClauseElement, PoolProxiedConnection, Select, inspect
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.dialects.postgresql.asyncpg import dialect
from sqlalchemy.orm import Mapper
from sqlalchemy.orm.attributes import instance_state

from portal.db import Instant, Session, Table

OWN = "own connection"
AS_OF = "pg_current_snapshot()::text AS as_of"
PARAMETER = re.compile(r"\$\d+")


async def rows(session: Session, statement: str, *given: Any) -> Sequence[Any]:
    """What a reading statement ($1, $2 …) finds.

    It sees what the session has flushed, and begins no transaction: a page that only reads spares BEGIN and COMMIT.
    """
    return await _found(session, lambda driver: driver.fetch(statement, *given))


async def rows_of_all(session: Session, statement: str, given: Sequence[Sequence[Any]]) -> Sequence[Any]:
    """What the statement finds with the first of what is `given`, then with the second …, asked in one trip and in one transaction, where
    the session has not begun one: each sees what those before it have written, and if one of them fails nothing is done."""
    if len(given) == 1:
        return await rows(session, statement, *given[0])
    return await _found(session, lambda driver: driver.fetchmany(statement, given))


async def _found(session: Session, ask: Callable[["asyncpg.Connection[Any]"], Awaitable[Sequence[Any]]]) -> Sequence[Any]:
    lent = await _connection(session)
    driver: asyncpg.Connection[Any] = lent.driver_connection  # type: ignore[assignment]
    try:
        return await ask(driver)
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


def relate(entity: Table, **beside: Any) -> None:
    """Sets relationships to what was read beside the entity, as the ORM's loader does."""
    entity.__dict__.update(beside)


class Question:
    """A reading statement ($1, $2 …) that everybody asks all day: who asks while the database is being asked is asked for with the
    others, in one statement. It asks for nothing but what tables hold: no now(), no counter. `kinds` are PostgreSQL's types of what it is
    asked with, None for what is always the same."""

    def __init__(self, text: str, kinds: Sequence[str | None]) -> None:
        self._text = text
        self._kinds = kinds
        own = {f"${number}": f"given_{number}" for number, kind in enumerate(kinds, 1) if kind}
        arrays = (f"{place}::{kinds[int(place[1:]) - 1]}[]" for place in own)
        one = PARAMETER.sub(lambda place: f"asked.{own[place[0]]}" if place[0] in own else place[0], text)
        self._for_one = f"SELECT told.*, {AS_OF} FROM ({text}) AS told"
        self._for_many = f"""
            SELECT found.*, {AS_OF}, asked.who FROM unnest({", ".join(arrays)}) WITH ORDINALITY AS asked({", ".join(own.values())}, who)
            CROSS JOIN LATERAL (SELECT told.*, row_number() OVER () AS nth FROM ({one}) AS told) AS found
            ORDER BY asked.who, found.nth
        """

    async def rows(self, session: Session, *given: Any) -> Sequence[Any]:
        """What the statement finds, with more columns at the end: as_of, and two where it was asked for many. What is read is as it was
        after this was called, or where the session stands still; one that has begun a transaction, and may have written, asks for
        itself."""
        if session.has_begun:
            return await rows(session, self._for_one, *given)
        known: Sequence[Any] | None = session.known((self, given))
        if known is not None:
            return known

        async def ask(asked: Sequence[Sequence[Any]]) -> Sequence[Sequence[Any]]:
            if len(asked) == 1:
                return [await rows(session, self._for_one, *asked[0])]
            together = zip(self._kinds, zip(*asked, strict=True), strict=True)
            found: list[list[Any]] = [[] for _ in asked]
            for row in await rows(session, self._for_many, *(values if kind else values[0] for kind, values in together)):
                found[row["who"] - 1].append(row)
            return found

        told = await session.readings.in_one_round(self, given, ask, session.let_go)
        if told:
            session.keep((self, given), told, told[0]["as_of"])
        return told


class Statement:
    """A statement with its parameters by name (:name), compiled once."""

    def __init__(self, statement: ClauseElement) -> None:
        compiled = statement.compile(dialect=dialect())
        self._text = str(compiled)
        self._constants = compiled.params
        self._order = compiled.positiontup or []  # type: ignore[attr-defined]
        self._given = [compiled.binds[name] for name in self._order]  # type: ignore[attr-defined]

    async def rows(self, session: Session, **given: Any) -> Sequence[Any]:
        """Every row. Inside the session's transaction if it has begun one; else a statement that writes is durable when this returns."""
        session.move_on()
        return await rows(session, self._text, *self._values(given))

    async def rows_of_all(self, session: Session, given: Sequence[dict[str, Any]]) -> Sequence[Any]:
        """Every row of each, in order, as `rows_of_all` finds them."""
        session.move_on()
        return await rows_of_all(session, self._text, [self._values(each) for each in given])

    def _values(self, given: dict[str, Any]) -> Sequence[Any]:
        values = self._constants | given
        return [values[name] for name in self._order]


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
        kinds = [str(each.type.compile(dialect=dialect())) if each.required else None for each in self._given]
        self._question = Question(self._text, kinds)

    async def all(self, session: Session, **given: Any) -> list[tuple[Any, ...]]:
        """Every row, with the statement's parameters by name."""
        found = await self._question.rows(session, *self._values(given))
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
