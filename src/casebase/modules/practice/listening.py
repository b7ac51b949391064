"""How many streams of answers somebody listens to at a time, so that one person takes up no process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from casebase.kernel.errors import RateLimitedError

MAX_STREAMS: Final = 20
"""More than anybody's tabs and devices open; each process counts its own."""
_RETRY_S: Final = 5


class TooManyStreamsError(RateLimitedError):
    """You listen to too many answers at once; close one."""

    code = "too_many_streams"


class Listeners:
    """Who listens to answers of this process."""

    def __init__(self) -> None:
        self._streams: Counter[str] = Counter()

    @contextmanager
    def one_more(self, person: str) -> Iterator[None]:
        """Count a person's stream while it lasts; raise ``TooManyStreamsError`` if it is one too many."""
        if self._streams[person] >= MAX_STREAMS:
            raise TooManyStreamsError(retry_after=_RETRY_S)
        self._streams[person] += 1
        try:
            yield
        finally:
            self._streams[person] -= 1
            if not self._streams[person]:
                del self._streams[person]
