"""The file store: a private folder, S3 or anything that speaks its protocol (Supabase Storage), through obstore.

A path is words of letters, digits, ``-`` and ``_`` parted by slashes, so that none can climb out of the store; its
last word is random, so that none can be guessed. What a file is (type, size, whose) is the database's to know.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit
from urllib.request import url2pathname
from uuid import uuid4

from casebase.kernel.config import Settings
from casebase.kernel.errors import (
    CasebaseError,
    ConfigurationError,
    DependencyUnavailableError,
    NotFoundError,
)

if TYPE_CHECKING:
    from obstore.store import ObjectStore

_PATH: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}(?:/[A-Za-z0-9][A-Za-z0-9_-]{0,99}){0,7}")
_SCHEMES: Final = ("file", "s3", "gs", "az", "memory")
# No upload takes as long, so an older file without a row is nobody's.
_ORPHAN_AGE: Final = timedelta(hours=1)
_SWEEP_BATCH: Final = 1000
# What a put that was killed leaves in a folder: obstore writes there under such a name, then renames.
_HALF_WRITTEN: Final = re.compile(r".*#\d+")


class FilePathError(CasebaseError):
    """A path of the file store is words of letters, digits, hyphens and underscores, parted by slashes."""

    code = "file_path_invalid"


class FileMissingError(NotFoundError):
    """The file is not in the store."""

    code = "file_missing"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of the store, as a listing tells of it."""

    path: str
    size_bytes: int
    modified_at: datetime


def new_path(*folders: object) -> str:
    """Return a path below ``folders`` that nobody can guess: its last part is 122 random bits."""
    return _checked("/".join([*map(str, folders), str(uuid4())]))


class FileStore:
    """Keep files where ``CASEBASE_FILES_URL`` says; the store is opened by its first use.

    Every method raises ``DependencyUnavailableError`` while the store is away, ``ConfigurationError`` when the
    extra ``files`` or the URL is missing or wrong, ``FilePathError`` for a path that is none of ours.
    """

    def __init__(self, settings: Settings) -> None:
        self._url = settings.files_url
        self._home = settings.home

    async def put(self, path: str, content: bytes, content_type: str) -> None:
        """Write a file, whole or not at all."""
        store, checked = self._store, _checked(path)
        # One request even for a large file: parts of a killed upload would stay in the bucket, unlisted.
        attributes = None if self._folder else {"Content-Type": content_type}
        with _translated():
            await store.put_async(checked, content, attributes=attributes, use_multipart=False)

    async def get(self, path: str) -> bytes:
        """Return a file's content; raise ``FileMissingError`` when it is gone."""
        store, checked = self._store, _checked(path)
        with _translated():
            return bytes(await (await store.get_async(checked)).bytes_async())

    async def delete(self, path: str) -> None:
        """Remove a file; one that is already gone is fine, so that an erasure can be repeated."""
        store, checked = self._store, _checked(path)
        with _translated(), suppress(FileNotFoundError):
            await store.delete_async(checked)

    async def discard(self, path: str) -> None:
        """Delete a file that no row tells of; while the store is away it stays, for ``sweep`` to come back for."""
        with suppress(DependencyUnavailableError):
            await self.delete(path)

    async def list(self, folder: str = "") -> AsyncIterator[StoredFile]:
        """Yield the files below a folder, or all, in no order."""
        store, prefix = self._store, _checked(folder) if folder else None
        with _translated():
            async for batch in store.list(prefix):
                for found in batch:
                    yield StoredFile(found["path"], found["size"], found["last_modified"])

    async def sweep(
        self, folder: str, find_orphans: Callable[[Sequence[str]], Awaitable[Sequence[str]]]
    ) -> int:
        """Delete the files of ``folder`` that an upload or removal left behind when it died; return how many.

        ``find_orphans`` says which of some paths no row has. Running it again is harmless.
        """
        # The store's own clock stamped the files, and it does not move with ours.
        before = datetime.now(UTC) - _ORPHAN_AGE
        old = [file.path async for file in self.list(folder) if file.modified_at < before]
        removed = 0
        for start in range(0, len(old), _SWEEP_BATCH):
            orphans = await find_orphans(old[start : start + _SWEEP_BATCH])
            for path in orphans:
                await self.delete(path)
            removed += len(orphans)
        return removed + await self.remove_half_written(_ORPHAN_AGE.total_seconds())

    async def remove_half_written(self, older_than_s: float) -> int:
        """Remove what killed writers left in a local folder and return how many; other stores keep no halves."""
        return (
            await asyncio.to_thread(_remove_half_written, self._folder, older_than_s) if self._folder else 0
        )

    @cached_property
    def _folder(self) -> Path | None:
        if self._url is None:
            return self._home / "files"
        parts = urlsplit(self._url)
        return Path(url2pathname(parts.path)) if parts.scheme == "file" else None

    @cached_property
    def _store(self) -> ObjectStore:
        try:
            from obstore.exceptions import BaseError
            from obstore.store import LocalStore, from_url
        except ImportError:
            raise ConfigurationError(
                "Storing files needs the extra 'files'.", hint="pip install 'casebase[files]'"
            ) from None
        if self._folder:
            try:
                # Names in it are ids, but what the files hold is nobody else's on this machine.
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            except OSError as error:
                raise ConfigurationError(f"CASEBASE_FILES_URL: {error.strerror}.") from None
            return LocalStore(self._folder, automatic_cleanup=True)
        assert self._url is not None
        if urlsplit(self._url).scheme not in _SCHEMES:
            raise ConfigurationError(f"CASEBASE_FILES_URL begins with one of {', '.join(_SCHEMES)}.")
        try:
            # The library goes on trying for three minutes; whoever uploads waits that long.
            return from_url(
                self._url, retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=10)}
            )
        except (BaseError, ValueError):
            # The library's words repeat the URL, which may hold a key.
            raise ConfigurationError("CASEBASE_FILES_URL is not the URL of a store.") from None


def _checked(path: str) -> str:
    if not _PATH.fullmatch(path):
        raise FilePathError
    return path


@contextmanager
def _translated() -> Iterator[None]:
    from obstore.exceptions import BaseError

    try:
        yield
    except FileNotFoundError:
        raise FileMissingError from None
    except (BaseError, OSError) as error:
        # Not chained: the library's message tells addresses and paths.
        kind = type(error).__name__
        raise DependencyUnavailableError("The file store does not answer.", detail={"reason": kind}) from None


def _remove_half_written(folder: Path, older_than_s: float) -> int:
    removed = 0
    for path in folder.rglob("*#*"):
        if _HALF_WRITTEN.fullmatch(path.name) and path.lstat().st_mtime < time.time() - older_than_s:
            path.unlink(missing_ok=True)
            removed += 1
    return removed
