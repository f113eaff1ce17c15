"""The network between a process and its server, made worse: slow, narrow, swallowing, cut."""

import asyncio
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Self

from psycopg.conninfo import conninfo_to_dict, make_conninfo

CHUNK = 65_536
SLICES_A_SECOND = 20


class Wire:
    """A TCP port on loopback whose connections go to a server, as well or badly as it is told.

    Args:    to: the server, as host and port, or the path of its socket. port: ours; 0 = a free one.
    """

    def __init__(self, to: tuple[str, int] | str, port: int = 0) -> None:
        self._to, self.port = to, port
        self.latency = 0.0
        """What is sent arrives so much later, either way [s]."""
        self.rate = 0
        """Bytes a second of each connection and direction; 0 = any."""
        self.swallows = False
        """What is sent gets lost, also the news that somebody closed a connection: it stays open on the other side."""
        self._refuses = False
        self._open: set[asyncio.StreamWriter] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(started)), daemon=True)
        self._thread.start()
        assert started.wait(10)

    def cut(self) -> None:
        """End every connection, and every new one at once, until it is mended."""
        self._refuses = True
        self._call(self._end_all)

    def mend(self) -> None:
        """All is well again; what was swallowed stays lost, and connections that are open stay as they are."""
        self.latency, self.rate, self.swallows, self._refuses = 0.0, 0, False, False

    def close(self) -> None:
        """End it all."""
        self._call(self._closed.set)
        self._thread.join(10)

    def _call(self, work: object) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(work)  # type: ignore[arg-type]  # any function will do

    async def _serve(self, started: threading.Event) -> None:
        self._loop, self._closed = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._connected, "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        started.set()
        async with server:
            await self._closed.wait()
            self._end_all()
            while self._open:
                await asyncio.sleep(0.01)

    def _end_all(self) -> None:
        for writer in self._open:
            writer.transport.abort()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refuses:
            writer.transport.abort()
            return
        try:
            if isinstance(self._to, str):
                there, onward = await asyncio.open_unix_connection(self._to)
            else:
                there, onward = await asyncio.open_connection(*self._to)
        except OSError:
            writer.transport.abort()
            return
        self._open |= {writer, onward}
        try:
            await asyncio.gather(self._carry(reader, onward), self._carry(there, writer))
        finally:
            self._open -= {writer, onward}
            writer.transport.abort()
            onward.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(64)
        delivering = asyncio.create_task(self._deliver(under_way, writer))
        with suppress(OSError):
            while chunk := await reader.read(CHUNK):
                if not self.swallows:
                    await under_way.put((time.monotonic() + self.latency, chunk))
        if self.swallows:
            delivering.cancel()
            await self._closed.wait()
        else:
            await under_way.put((time.monotonic() + self.latency, b""))
            await delivering

    async def _deliver(self, under_way: "asyncio.Queue[tuple[float, bytes]]", writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while True:
                due, chunk = await under_way.get()
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                if not chunk:
                    break
                while chunk:
                    size = max(1, self.rate // SLICES_A_SECOND) if self.rate else len(chunk)
                    writer.write(chunk[:size])
                    await writer.drain()
                    chunk = chunk[size:]
                    if self.rate:
                        await asyncio.sleep(1 / SLICES_A_SECOND)
        writer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def wire_to(url: str) -> tuple[Wire, str]:
    """A wire to a database, and its URL by that way."""
    parts = conninfo_to_dict(url)
    host, port = str(parts.get("host") or "127.0.0.1"), int(parts.get("port") or 5432)
    wire = Wire(str(Path(host) / f".s.PGSQL.{port}") if host.startswith("/") else (host, port))
    return wire, make_conninfo(url, host="127.0.0.1", port=str(wire.port))
