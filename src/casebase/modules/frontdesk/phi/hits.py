"""What a detector of the PHI scan reads, one folded line, and what it reports."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple

from casebase.kernel.privacy.detectors import UNNUMBERED


class PhiType(StrEnum):
    """What a finding tells about a person."""

    NAME = "name"
    BIRTH_DATE = "birth_date"
    MRN = "mrn"
    SSN = "ssn"
    NHS_NUMBER = "nhs_number"
    NRIC = "nric"
    NORWEGIAN_ID = "norwegian_id"
    SWEDISH_ID = "swedish_id"
    PHONE = "phone"
    EMAIL = "email"
    ADDRESS = "address"
    IBAN = "iban"
    CARD = "card"
    MEDICATION = "medication"
    DIAGNOSIS = "diagnosis"


class Hit(NamedTuple):
    """A stretch of a line, what it is, and how sure that is."""

    start: int
    end: int
    phi_type: PhiType
    score: float


class Word(NamedTuple):
    """A word of a line: its skeleton, by which spellings meet, and where it stands."""

    skeleton: str
    start: int
    end: int


class Line:
    """A folded line without newlines, as detectors read it.

    In its ``text`` ids and instants are blank: their digits are nobody's number. They stand in ``said``.
    """

    __slots__ = ("_words", "digit_count", "said", "skeletons", "text")

    def __init__(self, said: str) -> None:
        self.said = said
        self.digit_count = len(_DIGIT.findall(said))
        self.text = text = UNNUMBERED.sub(_blank, said) if self.digit_count else said
        self.skeletons = [skeleton(word) for word in _WORD.findall(text)]
        self._words: list[Word] | None = None

    @property
    def words(self) -> list[Word]:
        """Its words and where they stand: made when a line has a word that could be looked for."""
        if self._words is None:
            spans = (match.span() for match in _WORD.finditer(self.text))
            self._words = [Word(said, *span) for said, span in zip(self.skeletons, spans, strict=True)]
        return self._words

    def before(self, start: int, length: int = 48) -> str:
        """Return the few characters before a place: cues are looked for near by, so the time stays in proportion."""
        return self.text[max(0, start - length) : start]

    def after(self, end: int, length: int = 36) -> str:
        """Return the few characters after a place."""
        return self.text[end : end + length]


@lru_cache(maxsize=16384)
def skeleton(word: str) -> str:
    """Return what the spellings of a word share: Müller, Mueller and MULLER are one."""
    word = word.lower()
    if not word.isascii():
        word = "".join(
            sign for sign in unicodedata.normalize("NFKD", word) if not unicodedata.combining(sign)
        )
        word = word.translate(_LETTERS)
    return _DIGRAPH.sub(lambda match: match[0][0], word.translate(_APOSTROPHES))


def skeletons(text: str) -> tuple[str, ...]:
    """Return the skeletons of a text's words."""
    return tuple(skeleton(match[0]) for match in _WORD.finditer(text))


def united(hits: Iterable[Hit]) -> Iterator[Hit]:
    """Join what overlaps, so that nothing of a hit is left beside another; the surest says what it is."""
    group: list[Hit] = []
    end = -1
    for hit in sorted(hits):
        if group and hit.start >= end:
            yield _joined(group, end)
            group = []
        end = max(end, hit.end) if group else hit.end
        group.append(hit)
    if group:
        yield _joined(group, end)


def _joined(group: list[Hit], end: int) -> Hit:
    surest = max(group, key=lambda hit: (hit.score, hit.end - hit.start))
    return Hit(group[0].start, end, surest.phi_type, surest.score)


def _blank(match: re.Match[str]) -> str:
    return "_" * len(match[0])


_DIGIT: Final = re.compile(r"[0-9]")
# An apostrophe with one letter after it is a genitive's; marks belong to the letter before them.
_WORD: Final = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f])*(?:['’](?:[^\W_]|[\u0300-\u036f]){2,})*")
_LETTERS: Final = str.maketrans(
    {"ß": "ss", "ø": "o", "æ": "ae", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "œ": "oe"}
)
_APOSTROPHES: Final = str.maketrans("", "", "'’")
_DIGRAPH: Final = re.compile(r"[ao]e|ue|aa")
