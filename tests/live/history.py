"""What happens in the tests: streams and events, written as requests write them."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import SQLModel

from portal.db import Sessions
from portal.live import append, create_stream
from portal.live.models import Epoch, Event, Stream
from tests.live.node import House

EPOCH = "e1"
SILENTLY = text(
    """
    WITH head AS (UPDATE live_stream SET last_seq = last_seq + :number WHERE id = :stream RETURNING last_seq)
    INSERT INTO live_event (stream_id, seq, kind, ref, at)
    SELECT :stream, last_seq - :number + n, 'note', n, now() FROM head, generate_series(1, :number) AS n
    """
)


async def make_tables(url: str) -> None:
    engine = create_async_engine(url)
    tables = [SQLModel.metadata.tables[str(each.__tablename__)] for each in (Epoch, Stream, Event)]
    async with engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all, tables=tables)
        await connection.execute(text("INSERT INTO live_epoch (id, epoch) VALUES (1, :epoch)"), {"epoch": EPOCH})
    await engine.dispose()


class History:
    """Each call is one committed transaction."""

    def __init__(self, sessions: Sessions, house: House) -> None:
        self.sessions = sessions
        self.house = house

    async def new(self, *, readers: tuple[int, ...] = (1,)) -> int:
        """A stream that these people may read."""
        async with self.sessions() as session:
            stream = await create_stream(session)
            await session.commit()
        for person in readers:
            self.house.readable.setdefault(person, set()).add(stream)
        return stream

    async def write(self, stream: int, ref: int = 1, kind: str = "note") -> int:
        async with self.sessions() as session:
            seq = await append(session, stream, kind=kind, ref=ref)
            await session.commit()
        return seq

    async def write_many(self, stream: int, number: int, *, silently: bool = False) -> None:
        """Events about 1, 2, 3 … `silently`: as if the notification had been lost."""
        async with self.sessions() as session:
            if silently:
                await session.execute(SILENTLY, {"stream": stream, "number": number})
            else:
                for ref in range(1, number + 1):
                    await append(session, stream, kind="note", ref=ref)
            await session.commit()
