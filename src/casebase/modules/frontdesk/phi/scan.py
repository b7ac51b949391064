"""The scan: fold the text, look line by line, mask what is found."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from casebase.kernel.privacy.detectors import fold
from casebase.modules.frontdesk.phi import numbers
from casebase.modules.frontdesk.phi.addresses import addresses
from casebase.modules.frontdesk.phi.births import birth_dates
from casebase.modules.frontdesk.phi.health import beside_people, health_terms
from casebase.modules.frontdesk.phi.hits import Hit, Line, PhiType, united
from casebase.modules.frontdesk.phi.names import KnownNames, introduced_names
from casebase.modules.frontdesk.phi.repeats import repeated

Action = Literal["masked", "blocked", "alerted"]


@dataclass(frozen=True, slots=True)
class PhiFinding:
    """One stretch of the scanned text that tells about a person; none of its words is in what can be stored of it.

    ``start`` and ``end`` are places in the text as it was given; ``masked_value`` and ``context`` hold no raw value.
    """

    phi_type: PhiType
    start: int
    end: int
    score: float
    masked_value: str
    context: str


@dataclass(frozen=True, slots=True)
class PhiScan:
    """What a scan found, in order and without overlaps, and the text with ``[type]`` in place of each finding."""

    action: Action
    findings: tuple[PhiFinding, ...]
    masked_text: str
    is_blocked: bool


def scan_phi(
    text: str,
    action: Action = "masked",
    *,
    names: KnownNames | Iterable[str] = (),
    min_score: float = 0.0,
) -> PhiScan:
    """Find what identifies a person or tells of somebody's health, and mask it.

    ``names`` are full names of the tenant's customers; make them a ``KnownNames`` once for many scans. Findings scored
    lower than ``min_score`` are left out, and in the text. With the action ``blocked`` a text with any finding is
    blocked; the action is otherwise the caller's to take. Lines are scanned each by itself, so parts joined by newlines
    are found as they are alone. Takes time in proportion to the text; masking twice changes nothing.
    """
    known = names if isinstance(names, KnownNames) else KnownNames(names)
    folded, origin = fold(text)
    hits: list[Hit] = []
    at = 0
    for part in folded.split("\n"):
        hits += [
            hit._replace(start=origin[at + hit.start], end=origin[at + hit.end - 1] + 1)
            for hit in _find(part, known)
        ]
        at += len(part) + 1
    hits = list(united(hits))
    # A context is kept where the text may not be: what was too unsure for the text is masked in it all the same.
    masked, places = _masked(text, hits)
    findings = tuple(
        PhiFinding(
            hit.phi_type,
            hit.start,
            hit.end,
            hit.score,
            _masked_value(text[hit.start : hit.end], hit.phi_type),
            _context(masked, place, place + len(hit.phi_type) + 2),
        )
        for hit, place in zip(hits, places, strict=True)
        if hit.score >= min_score
    )
    if len(findings) < len(hits):
        masked, _ = _masked(text, [hit for hit in hits if hit.score >= min_score])
    return PhiScan(action, findings, masked, action == "blocked" and bool(findings))


def _find(text: str, known: KnownNames) -> list[Hit]:
    """Return what is personal in one folded line.

    A mask is one sign that nothing matches, whether it stood in the text or was put there: so a masked text is read
    as the last look of the first scan read it, and nothing more is found.
    """
    masks = [match.span() for match in _MASK.finditer(text)] if "[" in text else []
    text, origin = _collapsed(text, masks, range(len(text)))
    hits: list[Hit] = []
    for _ in range(_MAX_LOOKS):
        found = list(_look(Line(text), known))
        if not found:
            break
        hits += [hit._replace(start=origin[hit.start], end=origin[hit.end - 1] + 1) for hit in found]
        text, origin = _collapsed(text, [(hit.start, hit.end) for hit in found], origin)
    return hits


def _look(line: Line, known: KnownNames) -> Iterator[Hit]:
    hits = [*known.find(line), *introduced_names(line), *health_terms(line), *numbers.emails(line)]
    if line.digit_count:
        hits += [*birth_dates(line), *addresses(line)]
        for at_least, detect in numbers.NUMBERS:
            if line.digit_count >= at_least:
                hits += detect(line)
    if not hits:
        return
    yield from beside_people(united([*hits, *repeated(line, hits)]))


def _collapsed(
    text: str, spans: Sequence[tuple[int, int]], origin: Sequence[int]
) -> tuple[str, Sequence[int]]:
    """Return a text with one sign for each span, and where each of its characters came from."""
    if not spans:
        return text, origin
    parts, places, at = [], [], 0
    for start, end in spans:
        parts += [text[at:start], _MASKED]
        places += [*origin[at:start], origin[start]]
        at = end
    return "".join([*parts, text[at:]]), [*places, *origin[at:]]


def _masked(text: str, hits: list[Hit]) -> tuple[str, list[int]]:
    """Return the text with masks, and where each of them begins."""
    parts, places, at, length = [], [], 0, 0
    for hit in hits:
        mask = f"[{hit.phi_type}]"
        length += hit.start - at
        places.append(length)
        length += len(mask)
        parts += [text[at : hit.start], mask]
        at = hit.end
    return "".join([*parts, text[at:]]), places


def _masked_value(value: str, phi_type: PhiType) -> str:
    """Return what may be kept of a value: a card's or an account's last four digits, else its type."""
    shown = "".join(filter(str.isdecimal, fold(value)[0]))[-4:] if phi_type in _SHOWN else ""
    return f"[{phi_type} …{shown}]" if shown else f"[{phi_type}]"


def _context(masked: str, start: int, end: int) -> str:
    """Return what stands around a mask in its line, cut at spaces."""
    line_start = masked.rfind("\n", max(0, start - _AROUND), start) + 1
    line_end = masked.find("\n", end, end + _AROUND)
    first = line_start or max(0, start - _AROUND)
    last = line_end if line_end >= 0 else min(len(masked), end + _AROUND)
    before, after = masked[first:start], masked[end:last]
    if first and first != line_start:
        before = "…" + before.partition(" ")[2]
    if line_end < 0 and last < len(masked):
        after = after.rpartition(" ")[0] + "…"
    return f"{before}{masked[start:end]}{after}".strip()


_MASKED: Final = "\ufffc"
_MASK: Final = re.compile(r"\[(?:" + "|".join(PhiType) + r")\]")
_MAX_LOOKS: Final = 64
"""More than cues reach: each look uncovers what came near enough when the last one's findings became one sign."""
_AROUND: Final = 40
_SHOWN: Final = frozenset({PhiType.CARD, PhiType.IBAN})
