"""Counts the statements that a page asks of the database, whichever way they go."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import event

from portal.app import Portal

NO_STATEMENTS = ("BEGIN", "COMMIT", "ROLLBACK")
NO_PAGES = ("live ", "job ", "sweeping")  # tasks that look at something now and then, whoever asks for a page meanwhile


@asynccontextmanager
async def counting(portal: Portal) -> AsyncIterator[list[str]]:
    """The statements of what happens inside, those through SQLAlchemy and those past it."""
    engine = portal.sessions.kw["bind"].sync_engine
    seen: list[str] = []

    def is_for_a_page() -> bool:
        task = asyncio.current_task()
        return task is None or not task.get_name().startswith(NO_PAGES)

    def by_sqlalchemy(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if is_for_a_page():
            seen.append(statement)

    def past_it(record: Any) -> None:
        if not record.query.startswith(NO_STATEMENTS):
            seen.append(record.query)

    def checked_out(connection: Any, *_more: Any) -> None:
        if is_for_a_page():
            connection.driver_connection.add_query_logger(past_it)

    def checked_in(connection: Any, *_more: Any) -> None:
        connection.driver_connection.remove_query_logger(past_it)

    listeners = (("before_cursor_execute", by_sqlalchemy), ("checkout", checked_out), ("checkin", checked_in))
    for name, listener in listeners:
        event.listen(engine, name, listener)
    yield seen
    await asyncio.sleep(0)  # asyncpg tells its loggers in the loop's next round
    for name, listener in listeners:
        event.remove(engine, name, listener)
