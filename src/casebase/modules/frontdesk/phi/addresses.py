"""Postal addresses in the shapes of the United Kingdom, the US, Singapore, Norway, Sweden and Germany."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from casebase.modules.frontdesk.phi.hits import Hit, Line, PhiType


class Shape(NamedTuple):
    """A part of an address: what shows that it is worth a look, how it is written, how sure it is."""

    sign: re.Pattern[str]
    pattern: re.Pattern[str]
    score: float


def addresses(line: Line) -> Iterator[Hit]:
    """Find streets with a house number, units, and postal codes of a few doors; neighbours are one address."""
    found = [
        Hit(*match.span(), PhiType.ADDRESS, shape.score)
        for shape in _SHAPES
        if shape.sign.search(line.text)
        for match in shape.pattern.finditer(line.text)
    ]
    found += [
        Hit(*match.span(), PhiType.ADDRESS, 0.6)
        for match in _LOWER.finditer(line.text)
        if not _NO_STREET.search(match[0]) and _CUE.search(line.before(match.start()))
    ]
    merged: Hit | None = None
    for hit in sorted(found):
        if merged is None:
            merged = hit
        elif hit.start <= merged.end or _BETWEEN.fullmatch(line.text, merged.end, hit.start):
            score = max(hit.score, merged.score, 0.9)
            merged = Hit(merged.start, max(hit.end, merged.end), PhiType.ADDRESS, score)
        else:
            yield _with_flat(line, merged)
            merged = hit
    if merged is not None:
        yield _with_flat(line, merged)


def _with_flat(line: Line, hit: Hit) -> Hit:
    flat = _FLAT.search(line.before(hit.start, 16))
    return hit._replace(start=hit.start - len(flat[0])) if flat else hit


_WORD: Final = r"[A-ZÀ-ÖØ-Þ][\w'’-]{0,24}\.?"
_STREETS: Final = (
    "Road|Rd|Street|St|Avenue|Ave|Crescent|Cres|Lane|Ln|Terrace|Boulevard|Blvd|Gardens|Grove|Mews|Parade|Highway|Hwy"
    "|Parkway|Pkwy|Quay|Circle"
)
_WAYS: Final = "Drive|Dr|Close|Walk|Way|Place|Pl|Link|Rise|View|Hill|Loop|Central|Court|Ct|Square|Sq|Row|Park"
_NO_THING: Final = r"(?! (?!(?:in|is|near|and|or|please|for|on|now)\b|Apt|Unit|[NSEW]\b)[A-Za-z])"
"""After a word that is as often something else: "2 Large Way Finder signs"."""
_UNIT: Final = r"(?:,? (?:Apt|Apartment|Unit|Suite|Ste|Flat|Floor)\.? [\w-]{1,6}\b)?"
_STATES: Final = (
    "A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|P[AR]|RI|S[CD]|T[NX]|UT|V[AT]"
    "|W[AIVY]"
)
_COMPOUND: Final = (
    "veien|vegen|vei|veg|gata|gaten|gate|plassen|plass|bakken|stien|svingen|torget|gatan|vägen|gränden|gränd|torg"
    "|stigen|backen|straße|strasse|str\\.|weg|platz|allee|allé|gasse|damm|ufer|chaussee|steig|markt|ring"
)
_COMPOUND_ENDS: Final = "|".join(
    sorted({re.escape(word.replace("\\", "")[-3:]) for word in _COMPOUND.split("|")})
)
"""Of one length, so that a place where a number begins can be judged by what stands before it."""
_ARTICLE: Final = r"(?!(?:Der|Die|Das|Den|Det|Ein|Vår|Unser)\b)"
_CODE: Final = r"(?:[A-Z]{1,2}-)?(?:[0-9]{4,5}|[0-9]{3} [0-9]{2})"
_TOWN: Final = rf"{_CODE} {_WORD}(?: {_WORD})?"
_HOUSE: Final = r"[0-9]{1,3}(?: ?[A-Za-z]\b)?(?![0-9]|[.,:][0-9])"
_UNITS: Final = (
    r"(?! ?(?:k?m|km/t|meter|min|minut|minuten|minutter|person"
    r"|uhr|kr|euro?|€|%|stück|stk|times?|[ap]m|vor|nach)\b)"
)
_UK_CODE: Final = (
    r"(?<![\w-])(?:[A-PR-UWYZ][0-9][0-9A-HJKPSTUW]?|[A-PR-UWYZ][A-HK-Y][0-9][0-9ABEHMNPRVWXY]?)"
    r" ?[0-9][ABD-HJLNP-UW-Z]{2}(?![\w-])"
)


def _shape(sign: str, pattern: str, score: float, flags: int = 0) -> Shape:
    return Shape(re.compile(sign, flags), re.compile(pattern, flags), score)


_SHAPES: Final = (
    # 12 High Street; 7 Church Lane, York
    _shape(
        rf"\b(?:{_STREETS}|{_WAYS})\b",
        rf"(?<![\w.:#/-])[0-9]{{1,5}}(?:-[0-9]{{1,4}})?[A-Za-z]?,? (?:{_WORD} |[0-9]{{1,3}}(?:st|nd|rd|th) ){{1,4}}?"
        rf"(?:(?:{_STREETS})\b|(?:{_WAYS})\b{_NO_THING})\.?(?: (?:[NS]?[EW]|[NS])\b)?(?: [0-9]{{1,3}}\b)?{_UNIT}"
        rf"(?:,(?: {_WORD}){{1,2}}(?=,| [A-Z]{{1,2}}[0-9]|\.?$))?",
        0.85,
    ),
    # SW1A 2AA
    _shape(r"[0-9][A-Z]{2}\b", _UK_CODE, 0.75),
    # Springfield, IL 62704
    _shape(
        r"\b[A-Z]{2} {1,2}[0-9]{5}",
        rf"(?:{_WORD} ){{0,2}}{_WORD},? (?:{_STATES}) {{1,2}}[0-9]{{5}}(?:-[0-9]{{4}})?(?![\w-])",
        0.8,
    ),
    _shape("box", r"\bP\.?O\.? ?Box [0-9]{1,6}\b", 0.85, re.IGNORECASE),
    # Storgata 15, 0184 Oslo; Kungsgatan 44 A; Goethestr. 12a, 80336 München
    _shape(
        rf" (?=[0-9])(?<=(?i:{_COMPOUND_ENDS}) )",
        rf"(?<![\w-])(?:{_WORD} ){{0,2}}?"
        rf"(?:[A-ZÀ-ÖØ-Þ][a-zà-ÿ-]{{1,24}}?(?:{_COMPOUND})|{_ARTICLE}{_WORD} (?i:{_COMPOUND}))"
        rf" {_HOUSE}{_UNITS}(?:,? ?{_TOWN})?",
        0.85,
    ),
    # Am Kirchplatz 3, 50667 Köln; Lilla Torg 5, 211 34 Malmö: any name, where a postal code and a town follow
    _shape(
        rf"[0-9] ?[A-Za-z]?, ?{_CODE} [A-ZÀ-ÖØ-Þ]",
        rf"(?<![\w-])(?:{_WORD} |den |der |dem ){{0,3}}{_WORD} {_HOUSE}, ?{_TOWN}",
        0.8,
    ),
    # Blk 123 Ang Mo Kio Avenue 3 #05-67 Singapore 560123
    _shape(
        r"\b[Bb][Ll]",
        rf"\b(?:[Bb]lk|[Bb]lock|BLK|BLOCK) [0-9]{{1,4}}[A-Za-z]?(?:,? {_WORD}){{1,5}}(?: [0-9]{{1,3}}\b)?",
        0.85,
    ),
    _shape(
        "[0-9][A-Z]? [JLBK]",
        rf"(?<![\w.-])[0-9]{{1,4}}[A-Z]? (?:Jalan|Jln|Lorong|Lor|Bukit|Kampong) (?:{_WORD}|[0-9]{{1,3}})",
        0.85,
    ),
    _shape("#[0-9]", r"(?<!\w)#[0-9]{1,2}-[0-9]{1,4}(?![0-9])", 0.8),
    _shape("[Ss]", r"\b(?:[Ss]ingapore|SINGAPORE|S) ?(?:\([0-9]{6}\)|[0-9]{6}(?![0-9]))", 0.85),
)
_FLAT: Final = re.compile(r"\b(?:Flat|Apt|Unit|Suite) \w{1,4},? $")
_LOWER: Final = re.compile(
    r"(?<![\w.:#/-])[0-9]{1,4}[a-z]? (?:[a-z']{3,20} ){1,3}(?:road|street|avenue|crescent|lane|terrace|drive|close)\b"
)
_NO_STREET: Final = re.compile(
    r"\b(?:minutes?|hours?|km|miles?|the|days?|and|from|people|our|your|this|that|for)\b"
)
_CUE: Final = re.compile(
    r"\b(?:liv(?:e|es|ing)|address|deliver\w{0,2}|ship|send|mail|home|moved|stay\w{0,3})\b", re.IGNORECASE
)
_BETWEEN: Final = re.compile(rf"[ ,]{{1,3}}(?:{_WORD}[ ,]{{1,2}}){{0,3}}|[ ,]{{0,3}}")
