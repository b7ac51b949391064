"""Structured logs on stderr, one JSON object a line or coloured text, without secrets and personal data."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Final

import structlog

from casebase.kernel.config import Settings

_SECRET_NAME: Final = re.compile(
    r"(?:^|_)(?:password|passwd|secret|token|authorization|cookie|api_?key|jwt|dsn|database_url|email|phone)s?$",
    re.I,
)
_SECRET_TEXT: Final = (
    (re.compile(r"\beyJ[\w-]{5,}\.[\w-]+\.[\w-]*"), "[token]"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}"), r"\1 [token]"),
    (re.compile(r"(\w+://)[^\s/@]*@"), r"\1[credentials]@"),
    (re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+"), "[email]"),
)


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask tokens, credentials and e-mails in every value; drop a value whose name says that it is secret."""
    for name, value in event.items():
        event[name] = "[redacted]" if _is_secret(name) else _clean(value)
    return event


_KNOWN_NAMES: Final[dict[str, bool]] = {}


def _is_secret(name: str) -> bool:
    known = _KNOWN_NAMES.get(name)
    if known is None:
        known = bool(_SECRET_NAME.search(name))
        # Names are written in code, so they are few; a name made from data must not fill the memory.
        if len(_KNOWN_NAMES) < 1000:
            _KNOWN_NAMES[name] = known
    return known


def _clean(value: Any) -> Any:
    kind = type(value)
    if kind is str:
        if _is_suspicious(value):
            for pattern, mask in _SECRET_TEXT:
                value = pattern.sub(mask, value)
        return value
    if value is None or kind in (int, float, bool):
        return value
    if isinstance(value, dict):
        return {str(k): "[redacted]" if _is_secret(str(k)) else _clean(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(item) for item in value]
    return _clean(str(value))


def _is_suspicious(text: str) -> bool:
    # What every text that one of the patterns changes holds; most hold none of it, and one search a pattern is slow.
    lower = text.lower()
    return "@" in lower or "eyj" in lower or "bearer" in lower or "basic" in lower


def configure_logging(settings: Settings) -> None:
    """Send structlog's and the standard library's records to stderr in one form, as ``settings`` ask."""
    level = getattr(logging, settings.log_level.upper())
    start: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    finish: list[structlog.typing.Processor] = [
        structlog.processors.ExceptionRenderer(_frames),
        redact,
        _render_json
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()),
    ]
    # Our own records, one a request, don't take the way through the standard library: it costs more than a request.
    structlog.configure(
        processors=[*start, *finish],
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*start, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *finish],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for chatty in ("apprise", "httpx", "httpcore"):
        logging.getLogger(chatty).setLevel(max(level, logging.WARNING))


def _render_json(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> str:
    # Redacted values are JSON's own types, so this takes no encoder made for the line as structlog's does.
    return json.dumps(event)


def _frames(exc_info: structlog.typing.ExcInfo) -> str:
    """Name the error and where it arose, without its message: drivers and parsers quote values in theirs."""
    kind, error, trace = exc_info
    cause = error.__cause__ or error.__context__
    lines = [kind.__name__ + (f" from {type(cause).__name__}" if cause is not None else "")]
    while trace is not None:
        code = trace.tb_frame.f_code
        lines.append(f"{code.co_filename}:{trace.tb_lineno} {code.co_qualname}")
        trace = trace.tb_next
    return "\n".join(lines)
