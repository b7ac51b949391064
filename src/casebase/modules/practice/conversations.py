"""Answers of the partner and of the helper, made beside the requests that ask for them.

An answer belongs to the process that began it, not to the connection that asked: a client that leaves changes nothing,
and whoever comes back is told the same events, here from memory and in any other process from the tables. Each piece
is kept before it is sent, so whatever anybody saw is there after a crash too.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import AbstractContextManager, aclosing
from dataclasses import dataclass
from itertools import count
from time import monotonic
from typing import Any, Final, NamedTuple
from uuid import UUID
from weakref import WeakValueDictionary

import structlog

from casebase.kernel.ai import AiRefusedError, AiTimeoutError, ChatModel, Retry
from casebase.kernel.db import SERVICE, Database, Principal
from casebase.kernel.errors import (
    CasebaseError,
    DatabaseUnavailableError,
    ForbiddenError,
    NotFoundError,
    RpcError,
)
from casebase.modules.practice.answer_rates import AnswerRateError, AnswerRates
from casebase.modules.practice.event_log import EventLog
from casebase.modules.practice.gathering import gathered
from casebase.modules.practice.keeping import Keeper
from casebase.modules.practice.listening import Listeners
from casebase.modules.practice.prompts import Prompts
from casebase.modules.practice.refusals import note_refusal
from casebase.modules.practice.scripted import scripted_pieces

_log = structlog.get_logger(__name__)

GATHER_S: Final = 0.15
"""How long pieces are gathered after the first, which goes at once."""
_POLL_S: Final = 0.2
_BEAT_S: Final = 5.0
_GIVE_UP_S: Final = 30.0
_FINISH_S: Final = 3.0
_MARK_S: Final = 3.0
_MAX_CHARACTERS: Final = 8000
_HINT: Final = "Nothing was answered. Send it again under the same client_id."
_NOT_A_CODE: Final = re.compile(r"[^a-z]+")


class UserRequiredError(ForbiddenError):
    """A person who is signed in must ask."""

    code = "user_required"


class AnswerNotFoundError(NotFoundError):
    """There is no such answer in this session."""

    code = "answer_not_found"


class AnswerFailedError(CasebaseError):
    """Nothing was answered; sent again under its client_id, a message is answered anew."""

    code = "answer_failed"
    status = 503


class Event(NamedTuple):
    """One event of an answer: ``message``, then a ``chunk`` for each piece, then ``done`` or ``error``."""

    answer_id: str
    position: int
    name: str
    data: Mapping[str, Any]

    def encode(self) -> bytes:
        """Return it as a server-sent event."""
        data = json.dumps(self.data, ensure_ascii=False, separators=(",", ":"))
        return f"id: {self.answer_id}:{self.position}\nevent: {self.name}\ndata: {data}\n\n".encode()


@dataclass(frozen=True, slots=True)
class WholeAnswer:
    """An answer that has ended as a message."""

    answer_id: str
    message_id: str
    text: str
    is_incomplete: bool
    source: str
    """``model``, or ``scripted`` where none is set."""
    progress: Mapping[str, Any]


class Answer:
    """An answer, told from wherever its listener left off, while it is made or later."""

    def __init__(self, story: _Story, listeners: Listeners, person: str) -> None:
        self._story = story
        self._listeners, self._person = listeners, person

    def listening(self) -> AbstractContextManager[None]:
        """Count a stream of it while it lasts; raise ``TooManyStreamsError`` if it is one too many for its person."""
        return self._listeners.one_more(self._person)

    @property
    def answer_id(self) -> str:
        """Its id."""
        return self._story.answer_id

    @property
    def message(self) -> Mapping[str, Any]:
        """What was said: {answer_id, message_id, client_id, chat_type, timestamp, source, progress}."""
        return self._story.message

    async def events(self, after: int = -1) -> AsyncGenerator[Event, None]:
        """Yield its events after a position, as they come; their bytes are the same for everybody."""
        story = self._story
        if after < 0:
            yield Event(story.answer_id, 0, "message", story.message)
        position = max(after, 0)
        while True:
            for text in story.chunks[position:]:
                position += 1
                yield Event(story.answer_id, position, "chunk", {"text": text})
            if story.end is not None and position >= len(story.chunks):
                break
            await story.more(position)
        if position == len(story.chunks):
            is_failed = "code" in story.end
            data = {**story.end, "hint": _HINT} if is_failed else story.end
            yield Event(story.answer_id, position + 1, "error" if is_failed else "done", data)

    async def whole(self) -> WholeAnswer:
        """Wait for its end; raise ``AnswerFailedError`` if it has no text."""
        story = self._story
        while story.end is None:
            await story.more(len(story.chunks))
        if "code" in story.end:
            raise AnswerFailedError(detail={"reason": story.end["code"]}, hint=_HINT)
        return WholeAnswer(
            answer_id=story.answer_id,
            message_id=story.end["message_id"],
            text="".join(story.chunks),
            is_incomplete=story.end["is_incomplete"],
            source=story.end["source"],
            progress=story.end["progress"],
        )


class Conversations:
    """Have messages answered, by a language model or by a script; close it, and what runs is finished or marked."""

    def __init__(
        self,
        database: Database,
        model: ChatModel | None,
        prompts: Prompts,
        log: EventLog,
        rates: AnswerRates,
    ) -> None:
        self._database = database
        self._rates = rates
        self._service = database.session(SERVICE)
        self._model = model
        self._prompts = prompts
        self._events = log
        self._keeper = Keeper(self._service)
        self._listeners = Listeners()
        self._made: dict[str, _Made] = {}
        # Kept by who listens.
        self._elsewhere: WeakValueDictionary[str, _Elsewhere] = WeakValueDictionary()
        self._tasks: set[asyncio.Task[None]] = set()
        self._beating: asyncio.Task[None] | None = None
        self._stopping: asyncio.Task[None] | None = None

    @property
    def source(self) -> str:
        """Who answers: ``model``, or ``scripted`` where none is set."""
        return "scripted" if self._model is None else "model"

    async def say(
        self, principal: Principal, session_id: UUID, chat_type: str, content: str, client_id: UUID
    ) -> Answer:
        """Say something in a chat of the person's and have it answered; said again, it is the same answer.

        Raises the refusals of ``start_answer``, with nothing written; ``UserRequiredError`` for who is no person;
        ``AnswerRateError`` for who had too many answers made, of which what is sent again is none.
        """
        if principal.role != "authenticated" or principal.sub is None:
            raise UserRequiredError
        if self._stopping is not None:
            raise AnswerFailedError(detail={"reason": "stopping"}, hint="Ask again in a moment.")
        payload = {
            "user_id": principal.sub,
            "session_id": session_id,
            "chat_type": chat_type,
            "content": content,
            "client_id": client_id,
            "source": self.source,
        }
        too_many = await self._rates.refusal(str(principal.sub))
        if too_many is not None:
            payload["retry_after"] = too_many.retry_after
        try:
            state = await self._service.call("start_answer", {"payload": payload})
        except RpcError as error:
            if error.code == AnswerRateError.code and too_many is not None:
                raise too_many from None
            raise
        if not state["is_started"]:
            return self._answer(principal, state)
        made = self._made[state["answer_id"]] = _Made(state)
        producing = asyncio.create_task(self._produce(made, state["material"], UUID(str(principal.sub))))
        made.producing = producing
        task = asyncio.create_task(self._make(made, producing))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        if self._beating is None or self._beating.done():
            self._beating = asyncio.create_task(self._beat())
        await self._rates.count(str(principal.sub))
        return Answer(made, self._listeners, str(principal.sub))

    async def open(self, principal: Principal, session_id: UUID, answer_id: UUID) -> Answer:
        """Return an answer in a session of the person's; 404 ``answer_not_found`` for any other."""
        state = await self._database.session(principal).call("read_answer", {"answer_id": answer_id})
        if state["session_id"] != str(session_id):
            raise AnswerNotFoundError
        return self._answer(principal, state)

    def stop(self) -> None:
        """Let what runs come to its end, for some seconds; then keep what there is, marked."""
        if self._stopping is None:
            self._stopping = asyncio.create_task(self._stop())

    async def close(self) -> None:
        """Do what ``stop`` does, and wait for it."""
        self.stop()
        assert self._stopping is not None
        await self._stopping
        # One may have begun while it was told.
        await self._break_off()
        if self._beating is not None:
            self._beating.cancel()
            await asyncio.wait([self._beating])

    async def _stop(self) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_FINISH_S)
        await self._break_off()

    async def _break_off(self) -> None:
        for made in self._made.values():
            made.break_off()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_MARK_S)
        # What could not be marked by now is closed by whoever meets it, or by the sweep.
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_MARK_S)

    def _answer(self, principal: Principal, state: Mapping[str, Any]) -> Answer:
        return Answer(self._story(principal, state), self._listeners, str(principal.sub))

    def _story(self, principal: Principal, state: Mapping[str, Any]) -> _Story:
        """Return what is known of an answer, which all its listeners share: they are one person, whose it is."""
        answer_id = state["answer_id"]
        if (made := self._made.get(answer_id)) is not None:
            return made
        shared = self._elsewhere.get(answer_id)
        if shared is None or shared.end is not None:
            shared = self._elsewhere[answer_id] = _Elsewhere(self._database, principal, state)
        return shared

    async def _make(self, made: _Made, producing: asyncio.Task[str | None]) -> None:
        """See an answer to its end; producing alone is broken off, so that who listens is always told of one."""
        state = None
        try:
            await asyncio.wait([producing])
            state = await self._settle(made, "interrupted" if producing.cancelled() else producing.result())
        finally:
            producing.cancel()
            del self._made[made.answer_id]
            made.finish(state or made.ended("interrupted"))

    async def _produce(self, made: _Made, material: Mapping[str, Any], user_id: UUID) -> str | None:
        """Keep and tell its pieces; returns what they broke off with."""
        try:
            async with aclosing(
                gathered(self._source(made, material, user_id), GATHER_S, _MAX_CHARACTERS)
            ) as pieces:
                async for piece in pieces:
                    room = _MAX_CHARACTERS - sum(map(len, made.chunks))
                    if kept := piece[:room]:
                        if not await self._keeper.keep(made.answer_id, len(made.chunks) + 1, kept):
                            break  # closed meanwhile, as its session was completed
                        made.add(kept)
                    if len(piece) > room:
                        return "too_long"
        except CasebaseError as error:
            note_refusal(self._events, error, function="start_answer", user_id=user_id)
            return error.code
        except Exception as error:
            _log.exception("answer_failed")
            note_refusal(self._events, error, function="start_answer", user_id=user_id)
            return "internal_error"
        return None

    async def _settle(self, made: _Made, error_code: str | None) -> Mapping[str, Any]:
        payload = {"answer_id": made.answer_id} | ({"error_code": error_code} if error_code else {})
        for attempt in count():
            try:
                state: Mapping[str, Any] = await self._service.call("settle_answer", {"payload": payload})
            except DatabaseUnavailableError as error:
                if attempt == 5:
                    # Some process will close it; what was sent is kept.
                    return made.ended(error.code)
                await asyncio.sleep(0.2 * 2**attempt)
            except CasebaseError as error:
                # Its session is gone, and it with it.
                return made.ended(error.code)
            else:
                return state
        raise AssertionError

    async def _source(
        self, made: _Made, material: Mapping[str, Any], user_id: UUID
    ) -> AsyncGenerator[str, None]:
        chat_type = made.message["chat_type"]
        if self._model is None:
            async with aclosing(scripted_pieces(chat_type, material)) as pieces:
                async for piece in pieces:
                    yield piece
            return
        messages = await asyncio.to_thread(self._prompts.messages, chat_type, material)
        call = _Call(self._events, user_id, UUID(made.session_id), chat_type)
        async with aclosing(self._model.stream(messages, on_retry=call.retried)) as pieces:
            try:
                async for piece in pieces:
                    # PostgreSQL stores neither; and nobody waits for an answer to begin with a line break.
                    text = piece.replace("\0", "").encode(errors="replace").decode()
                    text = text if call.characters else text.lstrip()
                    if text:
                        call.heard(text)
                        yield text
                if not call.characters:
                    raise AiRefusedError(detail={"reason": "no_text"})
            except CasebaseError as error:
                call.failed(error)
                raise
        call.completed()

    async def _beat(self) -> None:
        """Tell that this process is there, for all its answers at once."""
        while self._made:
            await asyncio.sleep(_BEAT_S)
            made = list(self._made.values())
            beats = (self._keeper.beat(each.answer_id) for each in made)
            for each, beat in zip(made, await asyncio.gather(*beats, return_exceptions=True), strict=True):
                # Closed with its session, while its model was silent: its listeners need not wait for the next piece.
                if beat is False:
                    each.break_off()


class _Story:
    """What is known of an answer so far."""

    def __init__(self, state: Mapping[str, Any]) -> None:
        self.answer_id: str = state["answer_id"]
        self.session_id: str = state["session_id"]
        self.message: Mapping[str, Any] = state["message"]
        self.chunks: list[str] = [chunk["text"] for chunk in state["chunks"]]
        self.end: Mapping[str, Any] | None = state["end"]

    async def more(self, position: int) -> None:
        """Wait for pieces after a position, or the end."""
        raise NotImplementedError


class _Made(_Story):
    """An answer that this process makes."""

    def __init__(self, state: Mapping[str, Any]) -> None:
        super().__init__(state)
        self.producing: asyncio.Task[str | None] | None = None
        self._changed = asyncio.Event()

    def break_off(self) -> None:
        if self.producing is not None:
            self.producing.cancel()

    def ended(self, code: str) -> Mapping[str, Any]:
        """Return an end that could not be kept: what was told, and why there is no more."""
        chunks = [{"position": position, "text": text} for position, text in enumerate(self.chunks, 1)]
        return {"chunks": chunks, "end": {"code": code}}

    def add(self, text: str) -> None:
        self.chunks.append(text)
        self._wake()

    def finish(self, state: Mapping[str, Any]) -> None:
        # A piece may have been kept that was not told, as its acknowledgement was lost.
        self.chunks = [chunk["text"] for chunk in state["chunks"]]
        self.end = state["end"]
        self._wake()

    async def more(self, position: int) -> None:
        while len(self.chunks) <= position and self.end is None:
            await self._changed.wait()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


class _Elsewhere(_Story):
    """An answer that another process makes, or that has ended."""

    def __init__(self, database: Database, principal: Principal, state: Mapping[str, Any]) -> None:
        super().__init__(state)
        self._session = database.session(principal)
        self._listening = 0
        self._reading: asyncio.Task[None] | None = None
        self._read_at = monotonic()

    async def more(self, position: int) -> None:
        """Wait together with all who do; who is the last to leave ends the reading."""
        if not self._listening:
            self._read_at = monotonic()
        self._listening += 1
        try:
            while len(self.chunks) <= position and self.end is None:
                if self._reading is None:
                    self._reading = asyncio.create_task(self._read())
                await asyncio.wait([reading := self._reading])
                reading.result()
        finally:
            self._listening -= 1
            if not self._listening and self._reading is not None:
                self._reading.cancel()
                self._reading = None

    async def _read(self) -> None:
        try:
            await asyncio.sleep(_POLL_S)
            state = await self._session.call(
                "read_answer", {"answer_id": self.answer_id, "after": len(self.chunks)}
            )
        except DatabaseUnavailableError as error:
            if monotonic() - self._read_at > _GIVE_UP_S:
                self.end = {"code": error.code}
        except CasebaseError as error:
            self.end = {"code": error.code}  # deleted with its session
        else:
            self._read_at = monotonic()
            self.chunks += [chunk["text"] for chunk in state["chunks"]]
            self.end = state["end"]
        finally:
            if self._reading is asyncio.current_task():
                self._reading = None


class _Call:
    """What the log is told about one answer of the model: counts and durations."""

    def __init__(self, log: EventLog, user_id: UUID, session_id: UUID, chat_type: str) -> None:
        self._log = log
        self._user_id, self._session_id = user_id, session_id
        self._chat_type = chat_type
        self._began = monotonic()
        self._attempts = 1
        self._chunks = 0
        self._first_chunk_ms: int | None = None
        self.characters = 0
        self._note("debug", "api_call_started")

    def heard(self, text: str) -> None:
        self._first_chunk_ms = self._first_chunk_ms or self._duration_ms
        self._chunks += 1
        self.characters += len(text)

    def retried(self, retry: Retry) -> None:
        self._note(
            "warn",
            "api_retry_attempted",
            attempt=retry.attempt,
            retry_in_ms=round(retry.wait_s * 1000),
            **_why(retry.error),
        )
        self._attempts = retry.attempt + 1

    def completed(self) -> None:
        self._note("info", "api_call_completed", **self._measures)

    def failed(self, error: CasebaseError) -> None:
        event = "api_call_timeout" if isinstance(error, AiTimeoutError) else "api_call_failed"
        self._note("error", event, **self._measures, **_why(error))

    @property
    def _duration_ms(self) -> int:
        return round((monotonic() - self._began) * 1000)

    @property
    def _measures(self) -> dict[str, Any]:
        return {
            "attempts": self._attempts,
            "chunks": self._chunks,
            "characters": self.characters,
            "duration_ms": self._duration_ms,
            "first_chunk_ms": self._first_chunk_ms,
        }

    def _note(self, level: Any, event_type: Any, **measures: Any) -> None:
        given = {name: value for name, value in measures.items() if value is not None}
        self._log.note(
            level,
            event_type,
            user_id=self._user_id,
            session_id=self._session_id,
            chat_type=self._chat_type,
            **given,
        )


def _why(error: CasebaseError) -> dict[str, Any]:
    """Return the status, or a code for the reason."""
    if "status" in error.detail:
        return {"status": error.detail["status"]}
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", str(error.detail.get("reason", error.code))).lower()
    return {"reason": _NOT_A_CODE.sub("_", words).strip("_")[:60] or "unknown"}
