"""Files handed to a browser."""

from __future__ import annotations

from typing import Protocol

from starlette.responses import Response


class Attachment(Protocol):
    """What a module knows of a file it keeps."""

    @property
    def file_name(self) -> str:
        """What a download is called."""
        ...

    @property
    def content_type(self) -> str | None:
        """What its content was found to be."""
        ...


def download(file: Attachment, content: bytes) -> Response:
    """Return the response that hands a file to a browser to keep, not to show, whoever drew or sent it."""
    return Response(
        content,
        media_type=file.content_type,
        headers={
            "content-disposition": f'attachment; filename="{file.file_name}"',
            "content-security-policy": "default-src 'none'; sandbox",
            "cache-control": "private, no-store",
            "x-content-type-options": "nosniff",
        },
    )
