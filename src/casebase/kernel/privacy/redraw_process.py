"""The process in which a stranger's file is read; see ``redraw``. Request on stdin, answer on stdout."""

from __future__ import annotations

import json
import re
import sys
import warnings
from collections.abc import Iterator
from typing import Any, Final

from casebase.kernel.privacy.redraw import (
    FileTooComplexError,
    FileTypeUnsupportedError,
    FileUnreadableError,
    Masking,
    RedrawnFile,
    TextLayerMissingError,
)

MEMORY_BYTES: Final = 1 << 30
CPU_S: Final = 30
MAX_IMAGE_PIXELS: Final = 40_000_000

_IMAGE_TYPES: Final = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
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
        FileTypeUnsupportedError,
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
    # pdfium would also take a PDF that begins a kilobyte into something else.
    if content.startswith(b"%PDF-"):
        return _redraw_pdf(content, masking)
    drawn = _redraw_image(content)
    if masking is not None:
        raise TextLayerMissingError(hint="Send the PDF that the bank sent.")
    return drawn


def _redraw_pdf(content: bytes, masking: Masking | None) -> RedrawnFile:
    from casebase.kernel.privacy.masked_pdf import redraw_pdf

    drawn = redraw_pdf(content, None if masking is None else _finder(masking))
    return RedrawnFile(drawn.content, "application/pdf", drawn.page_count, drawn.masked_count)


def _redraw_image(content: bytes) -> RedrawnFile:
    import io

    from PIL import Image, ImageOps, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = MAX_IMAGE_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        image = Image.open(io.BytesIO(content), formats=tuple(_IMAGE_TYPES))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise FileTooComplexError(hint=f"A picture may have {MAX_IMAGE_PIXELS} pixels.") from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        raise FileTypeUnsupportedError(hint="Send a PDF, JPEG, PNG or WebP.") from None
    kind = image.format or ""
    try:
        image.load()
        upright = ImageOps.exif_transpose(image)
        # A new picture takes over pixels alone: text chunks, profiles and further frames stay behind.
        mode = "RGBA" if kind != "JPEG" and upright.has_transparency_data else "RGB"
        pixels = upright.convert(mode)
        bare = Image.new(mode, pixels.size)
        bare.paste(pixels)
        out = io.BytesIO()
        bare.save(out, kind, **_SAVE_OPTIONS[kind])
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise FileUnreadableError from error
    return RedrawnFile(out.getvalue(), _IMAGE_TYPES[kind], 1, 0)


def _finder(masking: Masking) -> Any:
    from casebase.kernel.privacy import detectors

    patterns = [re.compile(pattern, re.IGNORECASE) for pattern in masking.patterns]

    def find(text: str) -> Iterator[tuple[int, int]]:
        for found in detectors.find(text, subject=masking.subject, terms=dict.fromkeys(masking.terms, "")):
            yield found.start, found.end
        for pattern in patterns:
            for match in pattern.finditer(text):
                yield match.span()

    return find


if __name__ == "__main__":
    main()
