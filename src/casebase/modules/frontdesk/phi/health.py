"""Medications and diagnoses: words of a list, surer beside a cue or beside the person they are about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from casebase.modules.frontdesk.phi.hits import Hit, Line, PhiType, Word
from casebase.modules.frontdesk.phi.vocabulary import TERMS, Term

_ALONE, _SAID, _CUED, _BESIDE = 0.3, 0.5, 0.75, 0.85
_NEAR: Final = 60
"""How many characters may stand between a term and whom it is about."""


def health_terms(line: Line) -> Iterator[Hit]:
    """Find medications and diagnoses; a word of other matters too counts only beside a cue."""
    if TERMS.keys().isdisjoint(line.skeletons):
        return
    words = line.words
    at = 0
    while at < len(words):
        term = _term_at(words, at)
        if term is None:
            at += 1
            continue
        start, end = words[at].start, words[at + len(term.words) - 1].end
        if _CUE.search(line.before(start)) or _CUE_AFTER.match(line.after(end)):
            score = _CUED
        elif any(word.skeleton in _SAYING[term.phi_type] for word in words[max(0, at - 2) : at]):
            score = _SAID
        else:
            score = 0.0 if term.is_ambiguous else _ALONE
        if score and not (term.is_ambiguous and _FIGURATIVE.match(line.after(end))):
            yield Hit(start, end, term.phi_type, score)
        at += len(term.words)


def beside_people(hits: Iterable[Hit]) -> Iterator[Hit]:
    """Raise the score of terms that stand near somebody's name or number; hits are in order."""
    hits = list(hits)
    for number, hit in enumerate(hits):
        if hit.phi_type in _HEALTH:
            neighbours = hits[max(0, number - 3) : number + 4]
            if any(
                other.phi_type in _PEOPLE and hit.start - other.end < _NEAR and other.start - hit.end < _NEAR
                for other in neighbours
            ):
                hit = hit._replace(score=max(hit.score, _BESIDE))
        yield hit


def _term_at(words: list[Word], at: int) -> Term | None:
    for term in TERMS.get(words[at].skeleton, ()):
        said = words[at : at + len(term.words)]
        if term.words == tuple(word.skeleton for word in said):
            return term
    return None


_HEALTH: Final = frozenset({PhiType.MEDICATION, PhiType.DIAGNOSIS})
_PEOPLE: Final = frozenset(
    {
        PhiType.NAME, PhiType.MRN, PhiType.SSN, PhiType.NHS_NUMBER, PhiType.NRIC, PhiType.NORWEGIAN_ID,
        PhiType.SWEDISH_ID, PhiType.BIRTH_DATE,
    }
)  # fmt: skip
_CUE: Final = re.compile(
    r"\b(?:diagnos\w{0,6}|prescri\w{1,6}|suffer\w{0,3} from|tested positive|treated (?:for|with)|recovering from"
    r"|history of|living with|allergic to|admitted with|dose of|[0-9]+ ?m[gl] (?:of )?|verschrieben|festgestellt"
    r"|leide[nt]? an|lider (?:av|under)|foreskrevet|utskrevet|ordinerad|behandla[sd] (?:for|för|mot))",
    re.IGNORECASE,
)
_CUE_AFTER: Final = re.compile(
    r" ?(?:[0-9]{1,4} ?(?:mg|mcg|ml|µg)\b|verschrieben|festgestellt|diagnos|medication|prescription)",
    re.IGNORECASE,
)
_FIGURATIVE: Final = re.compile(r" (?:of|to|for) |-", re.IGNORECASE)
_SAYING: Final = {
    PhiType.MEDICATION: frozenset(
        {
            "take", "takes", "taking", "took", "on", "my", "her", "his", "use", "uses", "using", "need", "needs",
            "nehme", "nimmt", "bruker", "tar", "ta", "mot",
        }
    ),
    PhiType.DIAGNOSIS: frozenset(
        {
            "have", "has", "had", "having", "my", "her", "his", "with", "got", "habe", "hat", "hatte", "har", "hadde",
            "fatt", "min", "mein", "meine",
        }
    ),
}  # fmt: skip
"""The words that stand, as skeletons, right before what somebody takes or has."""
