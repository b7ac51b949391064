"""Read a request's body whole, bounded, and as strict JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable
from typing import Any, Final, NoReturn

from python_multipart.multipart import parse_options_header
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from casebase.kernel.errors import CasebaseError, InvalidInputError

MAX_DEPTH: Final = 64

_FORMS: Final = frozenset({b"multipart/form-data", b"application/x-www-form-urlencoded"})
# No text of the database has NUL, and half of a surrogate pair is no text at all.
_UNSTORABLE: Final = re.compile("[\0\ud800-\udfff]")


class BodyTooLargeError(CasebaseError):
    """The request's body is larger than allowed."""

    code = "body_too_large"
    status = 413


class UnsupportedMediaTypeError(CasebaseError):
    """The request's body must be JSON."""

    code = "unsupported_media_type"
    status = 415


class MalformedJsonError(CasebaseError):
    """The body is not strict JSON: RFC 8259 without duplicate names, NUL, lone surrogates or deep nesting."""

    code = "malformed_json"
    status = 400


class _RefusedError(ValueError):
    pass


async def read_body(headers: dict[bytes, bytes], receive: Receive, limit: int) -> bytes:
    """Return the body; raise ``BodyTooLargeError`` once its declared or received length passes the limit."""
    declared = headers.get(b"content-length", b"0")
    if not declared.isdigit() or int(declared) > limit:
        raise BodyTooLargeError(hint=f"The limit is {limit} bytes.")
    message = await receive()
    body: bytes = message.get("body", b"")
    if message.get("more_body"):
        chunks, size = [body], len(body)
        while message.get("more_body"):
            message = await receive()
            chunks.append(message.get("body", b""))
            size += len(chunks[-1])
            if size > limit:
                raise BodyTooLargeError(hint=f"The limit is {limit} bytes.")
        body = b"".join(chunks)
    if len(body) > limit:
        raise BodyTooLargeError(hint=f"The limit is {limit} bytes.")
    return body


def bounded(headers: dict[bytes, bytes], receive: Receive, limit: int) -> Receive:
    """Return ``receive`` for a body that is read as it comes; it raises ``BodyTooLargeError`` as ``read_body`` does."""
    declared = headers.get(b"content-length", b"0")
    if not declared.isdigit() or int(declared) > limit:
        raise BodyTooLargeError(hint=f"The limit is {limit} bytes.")
    size = 0

    async def receive_bounded() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > limit:
            raise BodyTooLargeError(hint=f"The limit is {limit} bytes.")
        return message

    return receive_bounded


def require_json(headers: dict[bytes, bytes]) -> None:
    """Raise ``UnsupportedMediaTypeError`` unless the declared type is ``application/json`` or ``…+json``."""
    declared = headers.get(b"content-type", b"")
    kind, _, parameters = declared.lower().partition(b";")
    kind = kind.strip()
    if kind != b"application/json" and not (kind.startswith(b"application/") and kind.endswith(b"+json")):
        raise UnsupportedMediaTypeError(hint="Send Content-Type: application/json.")
    if b"charset" in parameters and b"utf-8" not in parameters.replace(b"utf8", b"utf-8"):
        raise UnsupportedMediaTypeError(hint="JSON is UTF-8.")


def require_utf8_form(headers: Iterable[tuple[bytes, bytes]]) -> None:
    """Raise ``UnsupportedMediaTypeError`` if a form is declared to be in another charset than UTF-8.

    Starlette decodes with whatever codec the client names: some make half surrogate pairs, some fail or are slow.
    """
    for name, value in headers:
        # Read as Starlette reads it, and each: a client may send two.
        if name == b"content-type":
            kind, parameters = parse_options_header(value)
            if kind in _FORMS and parameters.get(b"charset", b"utf-8").lower() not in (b"utf-8", b"utf8"):
                raise UnsupportedMediaTypeError("A form must be in UTF-8.", hint="Name no other charset.")


def strict_json(body: bytes) -> tuple[str, Any]:
    """Return the body's text and its parsed value; raise ``MalformedJsonError`` naming the rule it breaks."""
    try:
        text = body.decode()
        value = _DECODER.decode(text)
    except _RefusedError as error:
        raise MalformedJsonError(str(error)) from None
    except UnicodeDecodeError:
        raise MalformedJsonError("The body is not valid UTF-8.") from None
    except RecursionError:
        raise MalformedJsonError(f"The body nests deeper than {MAX_DEPTH} levels.") from None
    except json.JSONDecodeError as error:
        raise MalformedJsonError(
            f"The body is not valid JSON at line {error.lineno}, column {error.colno}."
        ) from None
    except ValueError:
        raise MalformedJsonError("A number has too many digits.") from None
    # Walking the value costs more than parsing it, so only text that could break these rules is walked.
    if "\\u" in text or text.count("{") + text.count("[") > MAX_DEPTH:
        _inspect(value)
    return text, value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _RefusedError("An object of the body names a member twice.")
    return members


def _refuse_constant(_: str) -> NoReturn:
    raise _RefusedError("NaN and Infinity are not JSON.")


def _finite(digits: str) -> float:
    value = float(digits)
    if value in (float("inf"), float("-inf")):
        raise _RefusedError("A number is too large.")
    return value


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_unique, parse_constant=_refuse_constant, parse_float=_finite
)


def _inspect(value: Any) -> None:
    level, depth = [value], 0
    while level:
        depth += 1
        # A scalar inside the deepest allowed object is one step further down.
        if depth > MAX_DEPTH + 1:
            raise MalformedJsonError(f"The body nests deeper than {MAX_DEPTH} levels.")
        below: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                below += item.keys()
                below += item.values()
            elif isinstance(item, list):
                below += item
            elif isinstance(item, str) and _UNSTORABLE.search(item):
                raise MalformedJsonError("A text of the body contains NUL or half of a surrogate pair.")
        level = below


async def refuse_nul(request: Request) -> None:
    """Raise ``InvalidInputError`` naming the parameters of path and query that hold NUL, which no text here has."""
    parameters = (*request.path_params.items(), *request.query_params.multi_items())
    if found := sorted({name for name, value in parameters if "\0" in str(value)}):
        message = "must not contain NUL"
        errors = [{"field": name, "rule": "pattern", "message": message} for name in found]
        raise InvalidInputError(detail={"errors": errors})


def refuse_unstorable(form: FormData) -> None:
    """Raise ``InvalidInputError`` naming the fields of a form that hold NUL or half of a surrogate pair."""
    texts = ((name, v if isinstance(v, str) else v.filename or "") for name, v in form.multi_items())
    if found := sorted({name for name, text in texts if _UNSTORABLE.search(name + text)}):
        message = "must not contain NUL or half of a surrogate pair"
        errors = [{"field": name, "rule": "pattern", "message": message} for name in found]
        raise InvalidInputError(detail={"errors": errors})


class BoundedBody:
    """Read every request's body before its route runs: bounded everywhere, strict JSON below ``/v1``, forms in UTF-8.

    Routes get the same bytes again, so modules use plain FastAPI routers and none can forget a rule.
    ``/rest/v1`` reads its own body, once. Routes that take files (``Module.uploads``) read theirs too, once they
    know who sends it: any bytes, up to ``upload_limit``.
    """

    def __init__(
        self, app: ASGIApp, limit: int, uploads: Collection[re.Pattern[str]] = (), upload_limit: int = 0
    ) -> None:
        self._app = app
        self._limit = limit
        self._uploads = tuple(uploads)
        self._upload_limit = upload_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102  # ASGI
        if scope["type"] != "http" or scope["path"].startswith("/rest/v1/"):
            await self._app(scope, receive, send)
            return
        require_utf8_form(scope["headers"])
        headers = dict(scope["headers"])
        if b"transfer-encoding" not in headers and headers.get(b"content-length", b"0") == b"0":
            await self._app(scope, receive, send)
            return
        if any(upload.fullmatch(scope["path"]) for upload in self._uploads):
            await self._app(scope, bounded(headers, receive, self._upload_limit), send)
            return
        body = await read_body(headers, receive, self._limit)
        if body and scope["path"].startswith("/v1/"):
            require_json(headers)
            strict_json(body)
        given = False

        async def again() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, again, send)


def idempotency_key(headers: dict[bytes, bytes]) -> str | None:
    """Return the ``Idempotency-Key``; raise ``InvalidInputError`` if it is empty, long or not ASCII."""
    raw = headers.get(b"idempotency-key")
    if raw is None:
        return None
    if not 1 <= len(raw) <= 255 or not all(0x21 <= byte <= 0x7E for byte in raw):
        raise InvalidInputError(
            detail={
                "errors": [
                    {
                        "field": "Idempotency-Key",
                        "rule": "pattern",
                        "message": "Send 1 to 255 visible ASCII characters.",
                    }
                ]
            }
        )
    return raw.decode("ascii")
