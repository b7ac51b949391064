"""The words of ``words.toml``, as detectors look them up."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Final, NamedTuple

from casebase.modules.frontdesk.phi.hits import PhiType, skeleton, skeletons


class Term(NamedTuple):
    """A medication or a diagnosis: its words, and whether they need a cue to be one."""

    words: tuple[str, ...]
    phi_type: PhiType
    is_ambiguous: bool


_WORDS: Final = tomllib.loads(
    files("casebase.modules.frontdesk.phi").joinpath("words.toml").read_text("utf-8")
)
ORDINARY: Final = frozenset(skeleton(word) for word in _WORDS["ordinary"])
"""Words of a sentence that are also names."""


def _terms() -> dict[str, list[Term]]:
    terms: dict[str, list[Term]] = {}
    for phi_type in (PhiType.MEDICATION, PhiType.DIAGNOSIS):
        for kind in ("named", "ambiguous"):
            for phrase in _WORDS[phi_type][kind]:
                words = skeletons(phrase)
                forms = {words, (f"{words[0]}s",)} if len(words) == 1 else {words}
                for form in forms:
                    terms.setdefault(form[0], []).append(Term(form, phi_type, kind == "ambiguous"))
    for alike in terms.values():
        alike.sort(key=lambda term: len(term.words), reverse=True)
    return terms


TERMS: Final = _terms()
"""Terms by their first word, the longest first."""
