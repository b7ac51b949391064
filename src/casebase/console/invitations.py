"""The page that an invitation's link opens: join by signing in, or by choosing a password for a new account."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Annotated, Any, Final
from uuid import UUID

import fastapi
from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from casebase.console.accounts import Accounts, hash_password, is_password
from casebase.console.cookies import Cookies
from casebase.console.kit.form import Field, Form
from casebase.console.kit.page import page
from casebase.console.staff import find_staff
from casebase.kernel.errors import InvalidInputError, RateLimitedError, RpcError

router = APIRouter(prefix="/invitations")

Token = Annotated[str, Path(max_length=100)]

_SIGN_IN: Final = Form(
    fields=(
        Field("password", "Your password", "password", is_required=True, autocomplete="current-password"),
    ),
    submit="Sign in and join",
)
_SIGN_UP: Final = Form(
    fields=(
        Field(
            "password",
            "Choose a password",
            "password",
            hint="At least 10 characters.",
            is_required=True,
            autocomplete="new-password",
        ),
        Field("again", "The same again", "password", is_required=True, autocomplete="new-password"),
    ),
    submit="Join",
)
_JOIN: Final = Form(fields=(), submit="Join")


@router.get("/{token}")
async def show(request: Request, token: Token) -> Response:
    """Say what the invitation offers, and ask for what is needed to take it."""
    accounts: Accounts = request.app.state.accounts
    return await _invitation_page(request, await accounts.find_invitation(token))


@router.post("/{token}")
async def join(
    request: Request,
    token: Token,
    password: Annotated[str, fastapi.Form(max_length=1000)] = "",
    again: Annotated[str, fastapi.Form(max_length=1000)] = "",
) -> Response:
    """Make whoever the invitation is for a member, and sign them in."""
    accounts: Accounts = request.app.state.accounts
    cookies: Cookies = request.app.state.cookies
    invitation = await accounts.find_invitation(token)
    if invitation is None:
        return await _invitation_page(request, None)
    staff = await find_staff(request)
    try:
        if staff is not None:
            await accounts.use_invitation(token, user_id=staff.user_id)
            return RedirectResponse("/console/", status_code=303)
        await request.app.state.attempts.spend(request, invitation["email"])
        user_id = await _join(accounts, token, invitation, password, again)
    except RateLimitedError as error:
        message = "Too many tries. Wait a minute, then try again."
        response = await _invitation_page(request, invitation, message, status_code=429)
        response.headers["retry-after"] = str(error.retry_after)
        return response
    except InvalidInputError as error:
        return await _invitation_page(request, invitation, error.message, status_code=422)
    except RpcError as error:
        # Used or withdrawn since it was read; or the account was made meanwhile, whose password is asked for now.
        if error.code not in ("invitation_not_found", "user_exists"):
            raise
        return await _invitation_page(request, await accounts.find_invitation(token), status_code=409)
    response = RedirectResponse("/console/", status_code=303)
    cookies.sign_in(request, response, await accounts.open_session(user_id))
    return response


async def _join(
    accounts: Accounts, token: str, invitation: dict[str, Any], password: str, again: str
) -> UUID:
    if invitation["user_id"] is not None:
        if not await is_password(password, invitation["password_hash"]):
            raise InvalidInputError("The password is wrong.")
        return await accounts.use_invitation(token, user_id=UUID(invitation["user_id"]))
    if password != again:
        raise InvalidInputError("The two passwords are not the same.")
    hashed = await asyncio.to_thread(hash_password, password)
    return await accounts.use_invitation(token, password_hash=hashed)


async def _invitation_page(
    request: Request, invitation: dict[str, Any] | None, message: str = "", status_code: int = 200
) -> Response:
    staff = await find_staff(request)
    form: Form | None = None
    if invitation is None:
        status_code = 404
    elif staff is not None:
        form = _JOIN if staff.email.lower() == invitation["email"] else None
    elif invitation["user_id"] is not None:
        form = _SIGN_IN if invitation["password_hash"] else None
    elif invitation["can_sign_up"]:
        form = _SIGN_UP
    response = page(
        request,
        "console/invitation.html",
        title="Invitation" if invitation else "This invitation is over",
        invitation=invitation,
        form=form and replace(form, action=request.url.path, message=message),
        status_code=status_code,
    )
    # The token in the address is for nobody else.
    response.headers["referrer-policy"] = "no-referrer"
    cookies: Cookies = request.app.state.cookies
    cookies.remember_visitor(request, response)
    return response
