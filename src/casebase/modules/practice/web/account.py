"""The account, and its end."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from casebase.kernel.errors import RateLimitedError, RpcError
from casebase.modules.practice.web import wording
from casebase.modules.practice.web.errors import ask_to_wait, tell
from casebase.modules.practice.web.person import Person, PersonDep
from casebase.modules.practice.web.sign_in import Password
from casebase.modules.practice.web.templating import page

router = APIRouter(prefix="/account")


@router.get("")
async def account(request: Request, person: PersonDep) -> Response:
    """Show whose account it is."""
    return page(request, "account.html", title="Account", profile=await person.call("get_profile"))


@router.get("/delete")
async def ask_to_delete(request: Request, person: PersonDep) -> Response:
    """Ask for the password, and whether they are sure."""
    return await _ask(request, person)


@router.post("/delete")
async def delete(
    request: Request,
    person: PersonDep,
    password: Password = "",
    is_sure: Annotated[str, Form()] = "",
) -> Response:
    """Delete everything of the person, whose password proves that it is they who ask."""
    if is_sure != "yes":
        return await _ask(request, person, "Tick the box if you are sure.", status_code=422)
    try:
        await request.app.state.attempts.spend(request, person.email, is_for_crowds=True)
    except RateLimitedError as error:
        tell(request, error)
        return ask_to_wait(await _ask(request, person, wording.said(error), status_code=429), error)
    if await request.app.state.accounts.check_password(person.email, password) != person.user_id:
        return await _ask(request, person, error="This is not your password.", status_code=403)
    try:
        await person.call("delete_account")
    except RpcError as error:
        if error.code != "account_has_memberships":
            raise
        return await _ask(request, person, wording.said(error), status_code=409)
    response = RedirectResponse("/practice/goodbye", status_code=303)
    request.app.state.cookies.sign_out(response)
    return response


async def _ask(
    request: Request, person: Person, message: str = "", error: str = "", status_code: int = 200
) -> Response:
    return page(
        request,
        "delete_account.html",
        title="Delete your account",
        status_code=status_code,
        profile=await person.call("get_profile"),
        message=message,
        error=error,
    )
