"""Sign in, sign up where that is offered, sign out."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from casebase.console.cookies import Cookies
from casebase.console.login_attempts import LoginAttempts
from casebase.kernel.errors import CasebaseError, InvalidInputError, NotFoundError, RateLimitedError
from casebase.modules.practice.running import practice_of
from casebase.modules.practice.web import wording
from casebase.modules.practice.web.accounts import Accounts
from casebase.modules.practice.web.errors import ask_to_wait, tell
from casebase.modules.practice.web.person import find_person
from casebase.modules.practice.web.templating import page

router = APIRouter()

Email = Annotated[str, Form(max_length=254)]
Password = Annotated[str, Form(max_length=1000)]


@router.get("/sign-in")
async def ask_who(request: Request, next: str = "") -> Response:  # noqa: A002 - the name in the address
    """Ask for e-mail and password."""
    if await find_person(request):
        return RedirectResponse(_inside(next), status_code=303)
    response = _sign_in_page(request, following=next)
    if getattr(request.state, "has_ended_session", False):
        request.app.state.cookies.sign_out(response)
    return response


@router.post("/sign-in")
async def sign_in(
    request: Request,
    email: Email = "",
    password: Password = "",
    next: Annotated[str, Form()] = "",  # noqa: A002
) -> Response:
    """Open a session, or say no without saying what was wrong."""
    email = email.strip()
    attempts: LoginAttempts = request.app.state.attempts
    try:
        await attempts.spend(request, email, is_for_crowds=True)
    except RateLimitedError as error:
        tell(request, error)
        return ask_to_wait(_sign_in_page(request, wording.said(error), email, next, 429), error)
    accounts: Accounts = request.app.state.accounts
    user_id = await accounts.check_password(email, password, partial(attempts.may_try_staff, request))
    if user_id is None:
        practice_of(request).log.count("warn", "user_login_failed", source="web", reason="wrong_password")
        return _sign_in_page(request, "E-mail or password is wrong.", email, next, 401)
    response = RedirectResponse(_inside(next), status_code=303)
    cookies: Cookies = request.app.state.cookies
    cookies.sign_in(request, response, await accounts.open_session(user_id))
    return response


@router.get("/sign-up")
async def ask_newcomer(request: Request) -> Response:
    """Ask for an e-mail and a password."""
    _require_sign_up(request)
    if await find_person(request):
        return RedirectResponse("/practice/", status_code=303)
    return _sign_up_page(request)


@router.post("/sign-up")
async def sign_up(request: Request, email: Email = "", password: Password = "") -> Response:
    """Make an account and sign its owner in."""
    _require_sign_up(request)
    email = email.strip()
    accounts: Accounts = request.app.state.accounts
    try:
        await request.app.state.attempts.spend(request, email, is_for_crowds=True)
        user_id = await accounts.sign_up(email, password)
    except InvalidInputError as error:
        return _sign_up_page(request, error, email, {"password": error.message})
    except RateLimitedError as error:
        tell(request, error)
        return ask_to_wait(_sign_up_page(request, error, email), error)
    except CasebaseError as error:
        if error.code == "sign_up_elsewhere":
            return _sign_up_page(request, error, email)
        if error.code not in ("email_invalid", "user_exists"):
            raise
        return _sign_up_page(request, error, email, {"email": wording.said(error)})
    response = RedirectResponse("/practice/", status_code=303)
    cookies: Cookies = request.app.state.cookies
    cookies.sign_in(request, response, await accounts.open_session(user_id))
    return response


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """End the session in the database, so that a copy of the cookie is worth nothing."""
    cookies: Cookies = request.app.state.cookies
    if session_id := cookies.session_id(request):
        user_id = await request.app.state.accounts.close_session(session_id)
        if user_id is not None:
            practice_of(request).log.note("info", "user_logout", user_id=user_id, source="web")
    response = RedirectResponse("/practice/sign-in", status_code=303)
    cookies.sign_out(response)
    return response


@router.get("/goodbye")
async def goodbye(request: Request) -> Response:
    """Say that the account is deleted."""
    return page(request, "goodbye.html", title="Goodbye")


def _sign_in_page(
    request: Request, message: str = "", email: str = "", following: str = "", status_code: int = 200
) -> Response:
    return page(
        request,
        "sign_in.html",
        title="Sign in",
        status_code=status_code,
        message=message,
        email=email,
        following=following,
        has_sign_up=practice_of(request).settings.sign_up,
    )


def _sign_up_page(
    request: Request,
    error: CasebaseError | None = None,
    email: str = "",
    errors: dict[str, str] | None = None,
) -> Response:
    errors = errors or {}
    return page(
        request,
        "sign_up.html",
        title="Make an account",
        status_code=error.status if error else 200,
        message=wording.said(error) if error and not errors else "",
        email=email,
        errors={"email": "", "password": "", **errors},
    )


def _require_sign_up(request: Request) -> None:
    if not practice_of(request).settings.sign_up:
        raise NotFoundError


def _inside(target: str) -> str:
    """Return where to go after the sign-in: only ever a page of the site."""
    # A path from its first character on names no other host; a browser would read a backslash as a slash.
    is_ours = target.startswith("/practice/") and "\\" not in target and target.isprintable()
    return target if is_ours else "/practice/"
