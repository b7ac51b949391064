"""The start: what is open, what is left of the week, what can be practised."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from casebase.kernel.errors import RpcError
from casebase.modules.practice.web import wording
from casebase.modules.practice.web.errors import ask_to_wait, tell
from casebase.modules.practice.web.person import Person, PersonDep
from casebase.modules.practice.web.templating import is_offline, page

router = APIRouter()


@router.get("/")
async def home(request: Request, person: PersonDep) -> Response:
    """Show the open conversation, the week's allowance and the scenarios."""
    return await _home(request, person)


@router.post("/sessions")
async def start(request: Request, person: PersonDep, scenario_id: Annotated[int, Form()]) -> Response:
    """Start a session and go there; where one is open already, go to that."""
    try:
        started = await person.call("start_session", {"scenario_id": scenario_id})
        session_id = started["session"]["session_id"]
    except RpcError as error:
        if error.code == "session_active":
            session_id = error.detail["session_id"]
        elif error.code in ("weekly_limit_reached", "scenario_inactive", "scenario_not_found"):
            tell(request, error)
            if error.status == 429:
                # Of a week that is used up the page tells by itself, until when.
                return ask_to_wait(await _home(request, person, status_code=429), error)
            return await _home(request, person, wording.said(error), error.status)
        else:
            raise
    return RedirectResponse(f"/practice/sessions/{session_id}", status_code=303)


@router.get("/sessions")
async def sessions() -> Response:
    """Lead back to the start whoever loads the answer to a refused start again."""
    return RedirectResponse("/practice/", status_code=303)


async def _home(request: Request, person: Person, refusal: str = "", status_code: int = 200) -> Response:
    profile, scenarios, active = await asyncio.gather(
        person.call("get_profile"), person.call("list_scenarios"), person.call("get_active_session")
    )
    return page(
        request,
        "home.html",
        title="Practise",
        status_code=status_code,
        profile=profile,
        scenarios=scenarios["items"],
        active=active,
        refusal=refusal,
        is_offline=is_offline(request),
    )
