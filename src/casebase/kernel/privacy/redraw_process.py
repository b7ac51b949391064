"""The process in which a stranger's file is read; see ``redraw``. Request on stdin, answer on stdout."""

from __future__ import annotations

import json
import re
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any, Final

from casebase.kernel.privacy.redraw import (
    FileTooComplexError,
    FileUnreadableError,
    Masking,
    RedrawnFile,
    TextLayerMissingError,
    type_of,
)

MEMORY_BYTES: Final = 1 << 30
CPU_S: Final = 30
MAX_IMAGE_PIXELS: Final = 40_000_000

_KINDS: Final = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
_SAVE_OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "JPEG": {"quality": 90},
    "PNG": {},
    "WEBP": {"quality": 90},
}


def main() -> None:
    """Read one request, answer it with the redrawn file or the code of a refusal."""
    _confine()
    header, _, content = sys.stdin.buffer.read().partition(b"\n")
    asked = json.loads(header)
    try:
        drawn = _redraw(content, Masking(**asked) if asked else None)
    except (
        FileUnreadableError,
        FileTooComplexError,
        TextLayerMissingError,
    ) as error:
        answer: dict[str, Any] = {"code": error.code, "hint": error.hint}
        body = b""
    except MemoryError:
        answer, body = {"code": FileTooComplexError.code, "hint": None}, b""
    else:
        answer = {name: getattr(drawn, name) for name in ("content_type", "page_count", "masked_count")}
        body = drawn.content
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + body)


def _confine() -> None:
    """Give up memory, time, files and children for good, before any of the file is read."""
    if sys.platform == "win32":
        return
    import resource

    for limit, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))


def _redraw(content: bytes, masking: Masking | None) -> RedrawnFile:
    if type_of(content) == "application/pdf":
        return _redraw_pdf(content, masking)
    if masking is not None:
        raise TextLayerMissingError(hint="Send a PDF with text, not a picture of one.")
    return _redraw_image(content)


def _redraw_pdf(content: bytes, masking: Masking | None) -> RedrawnFile:
    from casebase.kernel.privacy.masked_pdf import redraw_pdf

    drawn = redraw_pdf(content, None if masking is None else finder(masking))
    return RedrawnFile(drawn.content, "application/pdf", drawn.page_count, drawn.masked_count)


def _redraw_image(content: bytes) -> RedrawnFile:
    import io

    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = MAX_IMAGE_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    content_type = type_of(content)
    assert content_type is not None
    kind = _KINDS[content_type]
    try:
        # No other decoder is tried, whatever follows the first bytes.
        image = Image.open(io.BytesIO(content), formats=(kind,))
        image.load()
        upright = ImageOps.exif_transpose(image)
        # A new picture takes over what is seen alone: text chunks, profiles, further frames and what is painted
        # under full transparency stay behind.
        bare = Image.new("RGB", upright.size, "white")
        is_seen_through = upright.has_transparency_data
        seen = upright.convert("RGBA" if is_seen_through else "RGB")
        bare.paste(seen, mask=seen if is_seen_through else None)
        out = io.BytesIO()
        bare.save(out, kind, **_SAVE_OPTIONS[kind])
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise FileTooComplexError(hint=f"A picture may have {MAX_IMAGE_PIXELS} pixels.") from None
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise FileUnreadableError from error
    return RedrawnFile(out.getvalue(), content_type, 1, 0)


def finder(masking: Masking) -> Callable[[str], Iterator[tuple[int, int]]]:
    """Return what finds the spans of a text to black out: personal data, and what ``masking`` names."""
    from casebase.kernel.privacy import detectors

    terms = dict.fromkeys(masking.terms, "")
    patterns = [re.compile(pattern, re.IGNORECASE) for pattern in masking.patterns]

    def find(text: str) -> Iterator[tuple[int, int]]:
        for found in detectors.find(text, subject=masking.subject, terms=terms):
            yield found.start, found.end
        for pattern in patterns:
            for match in pattern.finditer(text):
                yield match.span()

    return find


if __name__ == "__main__":
    main()
