"""A site's two cookies, session and visitor, and the CSRF token that is bound to them."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import AsyncIterator
from typing import Final
from uuid import UUID

from itsdangerous import BadSignature, Signer, URLSafeSerializer
from starlette.requests import Request
from starlette.responses import Response

from casebase.kernel.errors import ForbiddenError
from casebase.kernel.http.body import refuse_unstorable
from casebase.kernel.runtime import Runtime

CSRF_FIELD: Final = "csrf_token"
CSRF_HEADER: Final = "x-csrf-token"
_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class CsrfError(ForbiddenError):
    """This form is no longer valid. Open the page again and resubmit it."""

    code = "csrf_token_invalid"


class Cookies:
    """Read and write what the browser keeps, HttpOnly and SameSite=Lax: a signed session, or a visitor's nonce.

    Each ``site`` has its own, ``<prefix>_session`` and ``<prefix>_visitor``, below its path and signed for it alone.
    """

    def __init__(self, runtime: Runtime, site: str, *, prefix: str, max_age_s: int) -> None:
        secret = runtime.session_secret
        self._sessions = URLSafeSerializer(secret, salt=f"casebase.{site}.session")
        self._csrf = Signer(secret, salt=f"casebase.{site}.csrf")
        self._path = f"/{site}"
        self._session_name, self._visitor_name = f"{prefix}_session", f"{prefix}_visitor"
        self._max_age_s = max_age_s
        self._is_behind_proxy = runtime.settings.trusted_proxy_count > 0

    def session_id(self, request: Request) -> UUID | None:
        """Return the session that the cookie names, if we signed it."""
        try:
            return UUID(self._sessions.loads(request.cookies.get(self._session_name, "")))
        except (BadSignature, ValueError, TypeError, AttributeError):
            return None

    def sign_in(self, request: Request, response: Response, session_id: UUID) -> None:
        """Give the browser a session; how long it lives is the database's to say."""
        self._set(
            request, response, self._session_name, self._sessions.dumps(session_id.hex), self._max_age_s
        )
        response.delete_cookie(self._visitor_name, path=self._path)

    def sign_out(self, response: Response) -> None:
        """Take the session from the browser."""
        response.delete_cookie(self._session_name, path=self._path)

    def csrf_token(self, request: Request) -> str:
        """Return the token for this request's forms; a visitor without a session is given a nonce to bind it to."""
        binding = self._binding(request)
        if binding is None:
            binding = request.state.new_visitor = secrets.token_urlsafe(16)
        return self._csrf.get_signature(binding).decode()

    def remember_visitor(self, request: Request, response: Response) -> None:
        """Set the nonce that ``csrf_token`` made, if it made one."""
        if nonce := getattr(request.state, "new_visitor", None):
            self._set(request, response, self._visitor_name, nonce, None)

    def is_https(self, request: Request) -> bool:
        """Tell whether the browser came by https: to us, or to the proxy that is trusted to say so."""
        return request.url.scheme == "https" or (
            self._is_behind_proxy and request.headers.get("x-forwarded-proto") == "https"
        )

    async def verify_csrf(self, request: Request) -> AsyncIterator[None]:
        """Raise ``CsrfError`` unless a writing request carries the token of its own session; close its form after.

        Every form comes by here, so none reaches a page with what the database can't keep: ``InvalidInputError``.
        """
        try:
            if request.method not in _SAFE_METHODS:
                await self._verify(request)
            yield
        finally:
            # The files that a form sent lie in temporary files.
            await request.close()

    async def _verify(self, request: Request) -> None:
        # Who never saw a page of ours has no form to read.
        if not (binding := self._binding(request)):
            raise CsrfError
        form = await request.form()
        refuse_unstorable(form)
        token = request.headers.get(CSRF_HEADER) or str(form.get(CSRF_FIELD, ""))
        expected = self._csrf.get_signature(binding).decode()
        if not hmac.compare_digest(token.encode(), expected.encode()):
            raise CsrfError

    def _binding(self, request: Request) -> str | None:
        if new := getattr(request.state, "new_visitor", None):
            return str(new)
        session_id = self.session_id(request)
        return session_id.hex if session_id else request.cookies.get(self._visitor_name) or None

    def _set(self, request: Request, response: Response, name: str, value: str, max_age: int | None) -> None:
        response.set_cookie(
            name,
            value,
            max_age=max_age,
            path=self._path,
            httponly=True,
            samesite="lax",
            secure=self.is_https(request),
        )
