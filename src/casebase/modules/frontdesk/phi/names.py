"""Names: those a tenant knows, in the ways people write them, and those that somebody is introduced by."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final

from casebase.kernel.privacy.detectors import fold
from casebase.modules.frontdesk.phi.hits import Hit, Line, PhiType, Word, skeletons
from casebase.modules.frontdesk.phi.vocabulary import ORDINARY

_FULL, _LOWER, _PART, _INITIAL, _SIGNS, _INTRODUCED = 0.95, 0.8, 0.6, 0.75, 0.9, 0.6
_LONGEST: Final = 6
"""How many words of a name are looked at."""
_MOST_SIGNS: Final = 16
"""And how many signs of one without spaces: each further one is one more look at every place of a text."""


class KnownNames:
    """Make an index of people's full names once, and find them in any number of lines.

    Accents, case, the order of names, a missing middle name and an initial do not matter; a name of one word is left
    to ``introduced_names``, for it may be any word. Looking a line up costs the same for ten names and 50,000.
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._forms: dict[str, float] = {}
        self._initials: set[str] = set()
        self._signs: set[str] = set()
        for name in names:
            self._add(fold(name)[0])
        self._first = {form.partition(" ")[0] for form in (*self._forms, *self._initials)}
        self._sign_lengths = sorted({len(name) for name in self._signs}, reverse=True)

    def _add(self, name: str) -> None:
        if _UNSPACED.fullmatch(unspaced := "".join(name.split())):
            if len(unspaced) > 1:
                self._signs.add(unspaced[:_MOST_SIGNS])
            return
        all_words = skeletons(_LINKS.sub(" ", name))
        words = [word for word in all_words if word not in _TITLES][:_LONGEST]
        if len(words) < 2:
            return
        first, *middle, last = words
        orders = [
            list(skeletons(name)),
            [first, last],
            [last, first],
            # Of how many words the family name is, nobody knows.
            *(words[at:] + words[:at] for at in range(len(words))),
        ]
        for order in orders:
            self._forms[" ".join(order)] = _FULL
        for given in middle:
            self._forms[f"{first} {given[0]} {last}"] = _FULL
            # One of several family names, or two given ones.
            if given not in _PARTICLES and len(given) > 1:
                self._forms.setdefault(f"{first} {given}", _PART)
        rest = " ".join(words[1:])
        for family in {last, rest}:
            self._initials |= {f"{first[0]} {family}", f"{family} {first[0]}"}
        self._initials.add(f"{first} {last[0]}")

    def find(self, line: Line) -> Iterator[Hit]:
        """Find what is known in one line."""
        if not self._first.isdisjoint(line.skeletons):
            yield from self._find_words(line)
        if self._signs:
            for run in _UNSPACED.finditer(line.text):
                yield from self._find_signs(run[0], run.start())

    def _find_words(self, line: Line) -> Iterator[Hit]:
        words, text = line.words, line.text
        at = 0
        while at < len(words) - 1:
            if words[at].skeleton not in self._first:
                at += 1
                continue
            name = self._longest(_run(words, at, text), text)
            if name is None:
                at += 1
                continue
            count, score = name
            yield Hit(words[at].start, words[at + count - 1].end, PhiType.NAME, score)
            at += count

    def _longest(self, run: list[Word], text: str) -> tuple[int, float] | None:
        """Return how many words of a run are a name, and how sure that is."""
        for count in range(len(run), 1, -1):
            said = [word.skeleton for word in run[:count]]
            form = " ".join(said)
            if form not in self._forms and form not in self._initials and form.endswith("s"):
                form = form[:-1]
                said[-1] = said[-1][:-1]
            if form not in self._forms and form not in self._initials:
                continue
            capitals = [text[word.start].isupper() or not text[word.start].islower() for word in run[:count]]
            if form in self._forms:
                if all(capitals):
                    return count, self._forms[form]
                if not ORDINARY.issuperset(said):
                    return count, min(_LOWER, self._forms[form])
            elif all(capitals) and _is_initialled(run[:count], text):
                return count, _INITIAL
        return None

    def _find_signs(self, run: str, start: int) -> Iterator[Hit]:
        at = 0
        while at < len(run):
            known = next((n for n in self._sign_lengths if run[at : at + n] in self._signs), 0)
            if known:
                yield Hit(start + at, start + at + known, PhiType.NAME, _SIGNS)
            at += known or 1


def introduced_names(line: Line) -> Iterator[Hit]:
    """Find who is introduced by a title or by "my name is", known or not."""
    for pattern in (_TITLED, _NAMED):
        for match in pattern.finditer(line.text):
            if match[1].split()[0].lower() not in _NO_NAMES:
                yield Hit(*match.span(1), PhiType.NAME, _INTRODUCED)


def _run(words: list[Word], at: int, text: str) -> list[Word]:
    """Return the words from a place on that one name could be made of."""
    run = [words[at]]
    for previous, word in pairwise(words[at : at + _LONGEST]):
        between = text[previous.end : word.start]
        if len(between) > 3 or between.strip() not in _BETWEEN:
            break
        # A comma stands after the family name, once.
        if "," in between and "," in text[run[0].start : previous.end]:
            break
        run.append(word)
    return run


def _is_initialled(name: list[Word], text: str) -> bool:
    first, last = name[0], name[-1]
    if len(first.skeleton) == 1:
        # "A Price" and "I" are more often no initials.
        return first.skeleton not in "ai" or text[first.end : first.end + 1] == "."
    return len(last.skeleton) == 1 and (text[last.end : last.end + 1] == "." or not _goes_on(text, last.end))


def _goes_on(text: str, end: int) -> bool:
    return text[end : end + 2].lstrip()[:1].islower()


_TITLES: Final = frozenset({"mr", "mrs", "ms", "miss", "mdm", "madam", "dr", "prof", "herr", "frau", "fru"})
_PARTICLES: Final = frozenset(
    {"de", "del", "der", "den", "van", "von", "da", "di", "la", "le", "al", "el", "bin", "st"}
)
_LINKS: Final = re.compile(r"\b(?:bin|binte|binti|s/o|d/o|a/l|a/p)\b", re.IGNORECASE)
_BETWEEN: Final = frozenset({"", "-", ".", ",", "'", "’", "/"})
_UNSPACED: Final = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
_NAME: Final = r"[A-ZÀ-ÖØ-Þ][^\W\d_]{1,30}(?:['’-][^\W\d_]{1,30}){0,2}"
_NAMES: Final = rf"({_NAME}(?: {_NAME}){{0,3}})"
_TITLED: Final = re.compile(rf"\b(?:Mr|Mrs|Ms|Miss|Mdm|Mister|Dr|Prof|Herrn?|Frau|Fru)\b\.? {_NAMES}")
_NAMED: Final = re.compile(
    rf"\b(?:[Mm]y name is|[Mm]y name's|[Mm]ein Name ist|[Ii]ch hei(?:ß|ss)e|[Jj]eg heter|[Jj]ag heter|[Mm]itt navn er"
    rf"|[Mm]itt namn är) {_NAMES}"
)
_NO_NAMES: Final = frozenset(
    {"clean", "martens", "office", "oetker", "pepper", "bean", "president", "or", "and", "who"}
)
