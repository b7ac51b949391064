"""Static files under names that carry their content's hash: browsers keep them for good, never a stale one."""

from __future__ import annotations

import hashlib
import mimetypes
from importlib.resources import files
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from casebase.kernel.errors import NotFoundError

PREFIX: Final = "/console/static"


class Assets:
    """The files of ``console/static``, read once."""

    def __init__(self) -> None:
        self._files: dict[str, tuple[bytes, str]] = {}
        self._names: dict[str, str] = {}
        for file in (files("casebase.console") / "static").iterdir():
            content = file.read_bytes()
            stem, _, suffix = file.name.rpartition(".")
            name = f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{suffix}"
            self._names[file.name] = name
            self._files[name] = (content, mimetypes.guess_type(file.name)[0] or "application/octet-stream")

    def url(self, name: str) -> str:
        """Return the address of a file; raise ``KeyError`` for one that is not shipped."""
        return f"{PREFIX}/{self._names[name]}"

    def router(self) -> APIRouter:
        """Serve the files."""
        router = APIRouter()

        @router.get("/static/{name}")
        async def static(name: str) -> Response:
            if name not in self._files:
                raise NotFoundError
            content, media_type = self._files[name]
            return Response(
                content,
                media_type=media_type,
                headers={"cache-control": "public, max-age=31536000, immutable"},
            )

        return router
