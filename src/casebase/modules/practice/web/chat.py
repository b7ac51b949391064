"""A conversation: its two chats while it goes on, what was said in it afterwards, and its end."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Annotated, Any, ClassVar, Final, Literal
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Form, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from casebase.kernel.errors import CasebaseError
from casebase.modules.practice.chat_routes import LastEventId, told
from casebase.modules.practice.conversations import AnswerFailedError
from casebase.modules.practice.running import practice_of
from casebase.modules.practice.web import wording
from casebase.modules.practice.web.errors import is_streaming, tell
from casebase.modules.practice.web.person import PersonDep
from casebase.modules.practice.web.templating import is_offline, page

router = APIRouter(prefix="/sessions/{session_id}")

Chat = Literal["main", "helper"]
_PRAISED: Final = timedelta(minutes=10)
_SHOWN_AT_THE_CHAT = frozenset(
    {
        "answer_in_progress",
        "answer_rate_exceeded",
        "message_cap_reached",
        "client_id_reused",
        "invalid_input",
    }
)


class SessionCompletedError(CasebaseError):
    """This session is over for good."""

    code: ClassVar[str] = "session_completed"
    status: ClassVar[int] = 409


class SessionExpiredError(CasebaseError):
    """Nothing was said in this session for seven days."""

    code: ClassVar[str] = "session_expired"
    status: ClassVar[int] = 409


@router.get("")
async def session(
    request: Request,
    person: PersonDep,
    session_id: UUID,
    chat: Annotated[Chat, Query()] = "main",
    done: Annotated[bool, Query()] = False,
) -> Response:
    """Show the chats of a session, to go on with or to read."""
    active = await person.call("get_active_session")
    if active and active["session"]["session_id"] == str(session_id):
        return _session_page(request, active, chat)
    found = await person.call("list_messages", {"session_id": session_id})
    if not found["session"]["is_completed"]:
        raise SessionExpiredError
    # Praise is for having done it, not for each time that its address is opened.
    age = request.app.state.runtime.clock.now() - datetime.fromisoformat(found["session"]["completed_at"])
    is_fresh = done and age < _PRAISED
    return page(
        request,
        "reading.html",
        title=found["scenario"]["title"],
        session=found["session"],
        scenario=found["scenario"],
        messages=found["items"],
        current=chat,
        is_fresh=is_fresh,
        allowance=(await person.call("get_profile"))["allowance"] if is_fresh else None,
    )


@router.get("/messages")
async def go_back(session_id: UUID) -> Response:
    """Lead to the session: whoever signs in anew, or opens the address of a refusal, asks for it."""
    return RedirectResponse(f"/practice/sessions/{session_id}", status_code=303)


@router.post("/messages")
async def say(
    request: Request,
    person: PersonDep,
    session_id: UUID,
    chat_type: Annotated[Chat, Form()],
    client_id: Annotated[UUID, Form()],
    content: Annotated[str, Form()] = "",
    last_event_id: LastEventId = None,
) -> Response:
    """Say something: our script is told the answer as it is made, a form waits for the whole of it."""
    conversations = practice_of(request).conversations
    # A form sends its line breaks as two characters, a script may not; said again it has to be the same. And what no
    # keyboard types, no table keeps.
    content = content.replace("\r\n", "\n").replace("\0", "").strip()
    try:
        answer = await conversations.say(person.principal, session_id, chat_type, content, client_id)
    except CasebaseError as error:
        active = None if is_streaming(request) else await person.call("get_active_session")
        if error.code not in _SHOWN_AT_THE_CHAT or not active:
            raise
        tell(request, error)
        # What was kept already waits for its answer there, and is not to be said twice.
        was_said = (str(client_id), content) in {(m["client_id"], m["content"]) for m in active["messages"]}
        return _session_page(request, active, chat_type, error=error, kept="" if was_said else content)
    if is_streaming(request):
        return await told(answer, request, last_event_id)
    with suppress(AnswerFailedError), answer.listening():
        # The page says what got no answer, and offers to ask again.
        await answer.whole()
    return RedirectResponse(f"/practice/sessions/{session_id}?chat={chat_type}", status_code=303)


@router.get("/answers/{answer_id}")
async def answer(
    request: Request, person: PersonDep, session_id: UUID, answer_id: UUID, last_event_id: LastEventId = None
) -> Response:
    """Tell our script an answer that somebody asked for already."""
    found = await practice_of(request).conversations.open(person.principal, session_id, answer_id)
    return await told(found, request, last_event_id)


async def require_open(person: PersonDep, session_id: UUID) -> None:
    """Raise unless the session goes on, and is the person's own."""
    active = await person.call("get_active_session")
    if active and active["session"]["session_id"] == str(session_id):
        return
    found = await person.call("list_messages", {"session_id": session_id})
    raise SessionCompletedError if found["session"]["is_completed"] else SessionExpiredError


@router.get("/complete", dependencies=[Depends(require_open)])
async def ask_to_complete(request: Request, session_id: UUID) -> Response:
    """Ask whether the conversation is to be finished."""
    return _question(request, session_id, "complete")


@router.post("/complete")
async def complete(request: Request, person: PersonDep, session_id: UUID) -> Response:
    """Finish the conversation, so that it counts."""
    try:
        await person.call("complete_session", {"session_id": session_id})
    except CasebaseError as error:
        if error.code != "session_empty":
            raise
        return _question(request, session_id, "complete", error)
    return RedirectResponse(f"/practice/sessions/{session_id}?done=1", status_code=303)


@router.get("/abandon", dependencies=[Depends(require_open)])
async def ask_to_abandon(request: Request, session_id: UUID) -> Response:
    """Ask whether the conversation is to be thrown away."""
    return _question(request, session_id, "abandon")


@router.post("/abandon")
async def abandon(person: PersonDep, session_id: UUID) -> Response:
    """Throw the conversation away, with all that was said in it."""
    await person.call("abandon_session", {"session_id": session_id})
    return RedirectResponse("/practice/", status_code=303)


def _session_page(
    request: Request,
    active: dict[str, Any],
    chat: Chat,
    *,
    error: CasebaseError | None = None,
    kept: str = "",
) -> Response:
    return page(
        request,
        "session.html",
        title=active["scenario"]["title"],
        status_code=error.status if error else 200,
        **active,
        current=chat,
        running={answer["chat_type"]: answer["answer_id"] for answer in active["answers"]},
        unanswered={kind: _unanswered(active["messages"], kind) for kind in ("main", "helper")},
        # The sender's name for what is written next: the form sent twice adds nothing.
        client_ids={"main": uuid4(), "helper": uuid4()},
        refusal=wording.said(error) if error else "",
        kept=kept,
        is_offline=is_offline(request),
    )


def _unanswered(messages: list[dict[str, Any]], chat: str) -> dict[str, Any] | None:
    """Return the last message of a chat if it is the person's own."""
    last = next((m for m in reversed(messages) if m["chat_type"] == chat), None)
    return last if last and last["role"] == "user" and last["client_id"] else None


def _question(
    request: Request,
    session_id: UUID,
    end: Literal["complete", "abandon"],
    error: CasebaseError | None = None,
) -> Response:
    if error:
        tell(request, error)
    asked = {
        "complete": {
            "title": "Finish this conversation?",
            "text": "It counts as one of this week's, moves to your history and can be read again. "
            "Nothing can be added to it afterwards.",
            "submit": "Finish it",
            "is_harsh": False,
        },
        "abandon": {
            "title": "Abandon this conversation?",
            "text": "It is deleted with all that was said in both chats, and does not count.",
            "submit": "Abandon it",
            "is_harsh": True,
        },
    }[end]
    return page(
        request,
        "ending.html",
        status_code=error.status if error else 200,
        session_id=session_id,
        refusal=wording.said(error) if error else "",
        **asked,  # type: ignore[arg-type]
    )
