"""Keep pieces of answers: all that wait are written by one call, which costs hardly more than for one of them."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from casebase.kernel.db import Session
from casebase.kernel.errors import DatabaseUnavailableError, RpcError

_BATCH: Final = 500
_RETRY_S: Final = (0.1, 0.2, 0.5, 1, 2, 4)


_Waiting = tuple[dict[str, Any], asyncio.Future[bool]]


class Keeper:
    """Write for all the answers of a process; who comes while a call is under way waits for the next."""

    def __init__(self, service: Session) -> None:
        self._service = service
        self._waiting: list[_Waiting] = []
        self._writing: asyncio.Task[None] | None = None

    async def keep(self, answer_id: str, position: int, text: str) -> bool:
        """Write a piece; false, with nothing written, if its answer was closed. Outages of seconds are waited for."""
        return await self._queue({"answer_id": answer_id, "position": position, "text": text})

    async def beat(self, answer_id: str) -> bool:
        """Tell that an answer is still worked on; false if it was closed."""
        return await self._queue({"answer_id": answer_id})

    def _queue(self, chunk: dict[str, Any]) -> asyncio.Future[bool]:
        kept: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((chunk, kept))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        return kept

    async def _write(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:_BATCH], self._waiting[_BATCH:]
            try:
                await self._settle(batch)
            except Exception as error:  # whatever it is, nobody may wait for ever
                for _, kept in batch:
                    if not kept.done():
                        kept.set_exception(error)

    async def _settle(self, batch: list[_Waiting]) -> None:
        try:
            running = await self._call([chunk for chunk, _ in batch])
        except RpcError as error:
            if error.status != 422 or len(batch) == 1:
                raise
            # One that is refused is its own answer's trouble, not that of all who speak at the moment.
            for each in batch:
                try:
                    await self._settle([each])
                except RpcError as refused:
                    if not each[1].done():
                        each[1].set_exception(refused)
        else:
            for chunk, kept in batch:
                if not kept.done():
                    kept.set_result(chunk["answer_id"] in running)

    async def _call(self, chunks: list[dict[str, Any]]) -> set[str]:
        for pause in (*_RETRY_S, None):
            try:
                reply = await self._service.call("add_answer_chunks", {"payload": {"chunks": chunks}})
            except DatabaseUnavailableError:
                if pause is None:
                    raise
                await asyncio.sleep(pause)
            else:
                return set(reply["running"])
        raise AssertionError
