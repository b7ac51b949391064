"""Static files under names that carry their content's hash: browsers keep them for good, never a stale one."""

from __future__ import annotations

import hashlib
import mimetypes
from importlib.resources import files

from fastapi import APIRouter
from starlette.responses import Response

from casebase.kernel.errors import NotFoundError


class Assets:
    """The files of a package's ``static`` folder, read once, for the site that serves them."""

    def __init__(self, package: str, site: str) -> None:
        self._prefix = f"/{site}/static"
        self._files: dict[str, tuple[bytes, str]] = {}
        self._names: dict[str, str] = {}
        for file in (files(package) / "static").iterdir():
            content = file.read_bytes()
            stem, _, suffix = file.name.rpartition(".")
            name = f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{suffix}"
            self._names[file.name] = name
            self._files[name] = (content, mimetypes.guess_type(file.name)[0] or "application/octet-stream")

    def url(self, name: str) -> str:
        """Return the address of a file; raise ``KeyError`` for one that is not shipped."""
        return f"{self._prefix}/{self._names[name]}"

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
