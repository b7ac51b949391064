"""Make an uploaded file safe to keep: what is stored is drawn anew from its pixels, never the bytes that came.

So it carries no EXIF, GPS or author, no script, no attachment, no second file behind the picture. Reading what a
stranger made is done in a process of its own, with little memory and time and none of our secrets.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any, Final

from casebase.kernel.errors import CasebaseError, ConfigurationError

WALL_CLOCK_S: Final = 60
# Each takes up to a gigabyte; those who come later wait here.
_CHILDREN: Final = ThreadPoolExecutor(max_workers=2, thread_name_prefix="casebase-redraw")


class FileTypeUnsupportedError(CasebaseError):
    """Its content is no PDF, JPEG, PNG or WebP, whatever its name or declared type says."""

    code = "file_type_unsupported"
    status = 415


class FileTooLargeError(CasebaseError):
    """The file is larger than allowed."""

    code = "file_too_large"
    status = 413


class FileUnreadableError(CasebaseError):
    """The file is damaged or locked."""

    code = "file_unreadable"
    status = 422


class FileTooComplexError(CasebaseError):
    """The file takes more pages, pixels, memory or time than a document needs."""

    code = "file_too_complex"
    status = 422


class TextLayerMissingError(CasebaseError):
    """A page has no text that can be searched, so nothing on it can be masked."""

    code = "text_layer_missing"
    status = 422


_REFUSALS: Final[dict[str, type[CasebaseError]]] = {
    error.code: error for error in (FileUnreadableError, FileTooComplexError, TextLayerMissingError)
}


@dataclass(frozen=True, slots=True)
class Masking:
    """What to black out besides the personal data that every text is searched for."""

    subject: Sequence[str] = ()
    """The known person's own details."""
    terms: Sequence[str] = ()
    """Names to hide."""
    patterns: Sequence[str] = ()
    """Regular expressions, upper and lower case alike."""


@dataclass(frozen=True, slots=True)
class RedrawnFile:
    """A file that holds pixels and nothing else."""

    content: bytes
    content_type: str
    page_count: int
    masked_count: int
    """How many places were blacked out."""


def type_of(content: bytes) -> str | None:
    """Return the type that the first bytes tell, if it is one that is kept; they may still lie."""
    # A PDF must begin at once: readers also take one that begins a kilobyte into something else.
    beginnings = {
        b"%PDF-": "application/pdf",
        b"\xff\xd8\xff": "image/jpeg",
        b"\x89PNG\r\n\x1a\n": "image/png",
    }
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for beginning, kind in beginnings.items() if content.startswith(beginning)), None)


async def redraw(content: bytes, masking: Masking | None = None) -> RedrawnFile:
    """Return a PDF, JPEG, PNG or WebP as a new file of its pixels; with ``masking``, a PDF with its text blacked out.

    The type is told by the content. Raises ``FileTypeUnsupportedError``, ``FileUnreadableError``,
    ``FileTooComplexError``; with ``masking`` also ``TextLayerMissingError`` for a scan or a picture, as what can't
    be searched can't be masked; ``ConfigurationError`` without the extra ``files``.
    """
    if type_of(content) is None:
        raise FileTypeUnsupportedError(hint="Send a PDF, JPEG, PNG or WebP.")
    request = json.dumps(asdict(masking) if masking else None).encode() + b"\n" + content
    answer = await asyncio.get_running_loop().run_in_executor(_CHILDREN, _run, request)
    header, _, redrawn = answer.partition(b"\n")
    told: dict[str, Any] = json.loads(header)
    if "code" in told:
        raise _REFUSALS[told["code"]](hint=told["hint"])
    return RedrawnFile(redrawn, **told)


def _run(request: bytes) -> bytes:
    command = [sys.executable, "-I", "-B", "-m", "casebase.kernel.privacy.redraw_process"]
    try:
        # An empty environment: our settings hold the database's password.
        done = subprocess.run(command, input=request, capture_output=True, timeout=WALL_CLOCK_S, env={})
    except subprocess.TimeoutExpired:
        raise FileTooComplexError from None
    if done.returncode == 0:
        return done.stdout
    if b"ModuleNotFoundError" in done.stderr:
        raise ConfigurationError(
            "Reading uploaded files needs the extra 'files'.", hint="pip install 'casebase[files]'"
        )
    # Killed by a limit, or by what is in the file: no words of the child are passed on, they may quote it.
    raise FileTooComplexError
