"""The pages of the console itself: login, sign-out, home."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import fastapi
from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from casebase.console.cookies import Cookies
from casebase.console.kit.form import Field, Form
from casebase.console.kit.page import page
from casebase.console.staff import find_staff, require_staff
from casebase.kernel.errors import RateLimitedError

router = APIRouter()

_LOGIN = Form(
    fields=(
        Field("email", "E-mail", "email", is_required=True, autocomplete="username"),
        Field("password", "Password", "password", is_required=True, autocomplete="current-password"),
    ),
    action="/console/login",
    submit="Sign in",
)


@router.get("/login")
async def login(request: Request, next: str = "") -> Response:  # noqa: A002 - the name in the address
    """Ask for e-mail and password."""
    if await find_staff(request):
        return RedirectResponse(_inside(next), status_code=303)
    return _login_page(request, _LOGIN, next)


@router.post("/login")
async def sign_in(
    request: Request,
    email: Annotated[str, fastapi.Form(max_length=254)] = "",
    password: Annotated[str, fastapi.Form(max_length=1000)] = "",
    next: Annotated[str, fastapi.Form()] = "",  # noqa: A002
) -> Response:
    """Open a session, or say no without saying what was wrong."""
    form = _LOGIN.filled({"email": email})
    try:
        await request.app.state.attempts.spend(request, email)
    except RateLimitedError as error:
        form = replace(form, message="Too many tries. Wait a minute, then try again.")
        response = _login_page(request, form, next, status_code=429)
        response.headers["retry-after"] = str(error.retry_after)
        return response
    user_id = await request.app.state.accounts.check_password(email.strip(), password)
    if user_id is None:
        form = replace(form, message="E-mail or password is wrong, or this account has no access.")
        return _login_page(request, form, next, status_code=401)
    cookies: Cookies = request.app.state.cookies
    response = RedirectResponse(_inside(next), status_code=303)
    cookies.sign_in(request, response, await request.app.state.accounts.open_session(user_id))
    return response


@router.post("/logout")
async def sign_out(request: Request) -> Response:
    """End the session in the database, so that a copy of the cookie is worth nothing."""
    cookies: Cookies = request.app.state.cookies
    if session_id := cookies.session_id(request):
        await request.app.state.accounts.close_session(session_id)
    response = RedirectResponse("/console/login", status_code=303)
    cookies.sign_out(response)
    return response


@router.get("/", dependencies=[Depends(require_staff)])
async def home(request: Request) -> Response:
    """Show what is installed and where to go."""
    return page(request, "console/home.html", title="Home")


def _login_page(request: Request, form: Form, following: str, status_code: int = 200) -> Response:
    cookies: Cookies = request.app.state.cookies
    response = page(
        request,
        "console/login.html",
        title="Sign in",
        form=form,
        following=following,
        status_code=status_code,
    )
    cookies.remember_visitor(request, response)
    return response


def _inside(target: str) -> str:
    """Return where to go after the login: only ever a page of the console."""
    # A path from its first character on names no other host; a browser would read a backslash as a slash.
    is_ours = target.startswith("/console/") and "\\" not in target and target.isprintable()
    return target if is_ours else "/console/"
