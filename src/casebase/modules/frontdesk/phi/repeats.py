"""What was found once, found again wherever its line says it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from casebase.kernel.privacy.detectors import LONGEST_EMAIL
from casebase.modules.frontdesk.phi.hits import Hit, Line


class _Said:
    """What values have in common so far: the parts that may follow, and the hit whose value ends here."""

    __slots__ = ("following", "hit")

    def __init__(self) -> None:
        self.following: dict[str, _Said] = {}
        self.hit: Hit | None = None


def repeated(line: Line, hits: Iterable[Hit]) -> Iterator[Hit]:
    """Find a value again where it stands without the cue that it was found by: it is told all the same.

    From each word on the line is read, for all values at once, as far as one of them goes. So a part of it is read no
    more often than a value may have words, however many values there are, and of however many lengths.
    """
    if len(line.words) < 2:
        return
    values = _Said()
    for hit in hits:
        if hit.end - hit.start <= _LONGEST:
            _learn(values, line.text, hit)
    for word in line.words:
        said: _Said | None = values
        at, known = word.start, None
        while said and (part := _PART.match(line.text, at)) and (said := said.following.get(part[0])):
            at = part.end()
            if said.hit and not line.text[at : at + 1].isalnum():
                known = said.hit._replace(start=word.start, end=at)
        if known:
            yield known


def _learn(values: _Said, text: str, hit: Hit) -> None:
    said = values
    for part in _PART.findall(text, _EDGE.match(text, hit.start, hit.end).end(), hit.end):  # type: ignore[union-attr]
        said = said.following.setdefault(part, _Said())
    if said is not values:
        said.hit = said.hit or hit


_LONGEST: Final = LONGEST_EMAIL
"""Longer ones are addresses that run into one another: a text of nothing else would be read anew from each word on."""
_PART: Final = re.compile(r"[^\W_]+|[\W_]")
_EDGE: Final = re.compile(r"[\W_]*")
