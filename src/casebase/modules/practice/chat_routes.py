"""``/v1/practice/sessions/{id}/messages``: say something, and read the answer as it is made."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Header, Request
from pydantic import BaseModel
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from casebase.kernel.http import VerifiedCaller
from casebase.modules.practice.conversations import Answer, Event, WholeAnswer
from casebase.modules.practice.models import AskedMessage, NewMessage
from casebase.modules.practice.running import practice_of

router = APIRouter()

_HEARTBEAT_S: Final = 15
_EVENT_ID: Final = re.compile(r"([0-9a-f-]{36}):([0-9]{1,5})")


class ToldAnswer(BaseModel):
    """An answer as JSON: what was said, and what came of it."""

    message: AskedMessage
    answer: WholeAnswer


_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "model": ToldAnswer,
        "description": "Events message, chunk, then done or error; as JSON, where that is accepted alone, all of it.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}

LastEventId = Annotated[
    str | None,
    Header(alias="Last-Event-ID", max_length=64, description="The id of the last event that arrived."),
]


class Said(NewMessage):
    """Something to say, under an id that is the sender's own: sent again under it, nothing is added."""

    client_id: UUID


@router.post(
    "/sessions/{session_id}/messages",
    response_class=StreamingResponse,
    responses=_RESPONSES,
    summary="Say something and have it answered",
)
async def say(
    session_id: UUID,
    message: Said,
    request: Request,
    caller: VerifiedCaller,
    last_event_id: LastEventId = None,
) -> Response:
    """Stream the answer as server-sent events: ``message``, a ``chunk`` {text} for each piece, ``done`` or ``error``.

    The answer is finished and kept whoever listens. Sent again under the same ``client_id``, it goes on after
    ``Last-Event-ID``, with the bytes that were missed; one that failed is made anew. With ``Accept: application/json``
    it is waited for.
    """
    conversations = practice_of(request).conversations
    answer = await conversations.say(
        caller.principal, session_id, message.chat_type, message.content, message.client_id
    )
    return await told(answer, request, last_event_id)


@router.get(
    "/sessions/{session_id}/answers/{answer_id}",
    response_class=StreamingResponse,
    responses=_RESPONSES,
    summary="Read an answer",
)
async def read_answer(
    session_id: UUID,
    answer_id: UUID,
    request: Request,
    caller: VerifiedCaller,
    last_event_id: LastEventId = None,
) -> Response:
    """Stream an answer after ``Last-Event-ID``, or from its beginning, while it is made or later."""
    answer = await practice_of(request).conversations.open(caller.principal, session_id, answer_id)
    return await told(answer, request, last_event_id)


async def told(answer: Answer, request: Request, last_event_id: str | None) -> Response:
    """Tell an answer after the last event that arrived: streamed, or whole where JSON alone is accepted."""
    accepted = {kind.partition(";")[0].strip() for kind in request.headers.get("accept", "").split(",")}
    if "application/json" in accepted and "text/event-stream" not in accepted:
        with answer.listening():
            return JSONResponse({"message": answer.message, "answer": _plain(await answer.whole())})
    return _Stream(answer, _position(answer, last_event_id))


class _Stream(StreamingResponse):
    """Counted while it is sent, however that ends; one too many is refused instead."""

    def __init__(self, answer: Answer, after: int) -> None:
        super().__init__(
            _stream(answer, after),
            media_type="text/event-stream",
            headers={"cache-control": "no-store", "x-accel-buffering": "no"},
        )
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._answer.listening():
            await super().__call__(scope, receive, send)


def _plain(whole: Any) -> Mapping[str, Any]:
    return {name: getattr(whole, name) for name in whole.__slots__}


def _position(answer: Answer, last_event_id: str | None) -> int:
    """Return the position of the last event that arrived; -1 for none, or one of another answer."""
    found = _EVENT_ID.fullmatch(last_event_id or "")
    return int(found[2]) if found is not None and found[1] == answer.answer_id else -1


async def _stream(answer: Answer, after: int) -> AsyncGenerator[bytes, None]:
    async with aclosing(answer.events(after)) as events:
        coming: asyncio.Task[Event] | None = None
        try:
            while True:
                coming = coming or asyncio.create_task(anext(events))
                done, _ = await asyncio.wait([coming], timeout=_HEARTBEAT_S)
                if not done:
                    # What stands in between closes a connection that is silent for long.
                    yield b": waiting\n\n"
                    continue
                try:
                    event = coming.result()
                except StopAsyncIteration:
                    return
                finally:
                    coming = None
                yield event.encode()
        finally:
            if coming is not None:
                coming.cancel()
                await asyncio.wait([coming])
