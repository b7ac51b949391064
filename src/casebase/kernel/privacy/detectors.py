"""Find personal data in free text, and mask it before it goes anywhere.

One set of detectors for routes, files and exports. They go further than the database's own guard
(``casebase.scrub_text``), which stands behind them: numbers are parsed, not only matched, and check digits verified,
so that an order number is not taken for a person. Compatibility forms and invisible characters are folded first:
"９１２３ ４５６７" is read as it looks. It is a net, not a proof: personal data still has one home per module.

Sources: ISO/IEC 7812 (Luhn), ISO 13616 (IBAN), Skatteverket SKV 704 (personnummer), Skatteetaten (fødselsnummer),
ICA Singapore (NRIC and FIN), SingPost (postal codes, blocks and units).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from phonenumbers import Leniency, PhoneNumberMatcher
from stdnum import iban, luhn
from stdnum.no import fodselsnummer

Span = tuple[int, int]


class Finding(NamedTuple):
    """A stretch of a text that tells about a person, and what it is."""

    start: int
    end: int
    kind: str


def find(text: str, *, subject: Iterable[str] = (), terms: Mapping[str, str] = {}) -> list[Finding]:
    """List what is personal in a text, in order, without overlaps.

    ``subject`` holds a known person's own details (kind ``subject``), ``terms`` words and their masks (``term``).
    What overlaps is one finding, of the more specific kind.
    """
    folded, origin = fold(text)
    # The digits of an id or an instant are nobody's number.
    folded = UNNUMBERED.sub(lambda match: "_" * len(match[0]), folded)
    spans: list[Finding] = []
    for kind, detect in (
        ("subject", _words(_found_words(subject))),
        ("term", _words(_found_words(terms))),
        *_DETECTORS,
    ):
        spans += [Finding(start, end, kind) for start, end in detect(folded)]
    return [Finding(origin[f.start], origin[f.end - 1] + 1, f.kind) for f in _united(spans)]


def mask(text: str, *, subject: Iterable[str] = (), terms: Mapping[str, str] = {}) -> str:
    """Return the text with ``[kind]``, or a term's mask, in place of each finding; masking twice changes nothing.

    A text of more than ``LONGEST`` characters is returned as it is: no RPC takes one, and looking through it would hold
    up everybody else of the process.
    """
    if len(text) > LONGEST:
        return text
    subject = tuple(subject)
    masks = {_folded_word(term): shown for term, shown in terms.items()}
    # What stands beside a mask may come to look like something else; the second look finds it.
    for _ in range(_MAX_PASSES):
        findings = find(text, subject=subject, terms=terms)
        if not findings:
            break
        parts, at = [], 0
        for start, end, kind in findings:
            shown = masks.get(_folded_word(text[start:end]), "[term]") if kind == "term" else f"[{kind}]"
            parts += [text[at:start], shown]
            at = end
        masked = "".join([*parts, text[at:]])
        if masked == text:
            break
        text = masked
    return text


def mask_json(value: Any, *, keep: Collection[str] = ()) -> Any:
    """Return a JSON document with every key and text masked, but not what stands under the keys ``keep``."""
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, Mapping):
        return {mask(key): item if key in keep else mask_json(item, keep=keep) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [mask_json(item, keep=keep) for item in value]
    return value


LONGEST: Final = 10_000
"""How long a text may be at most, to be masked: what ``casebase.validation_errors`` allows any text."""
_MAX_PASSES: Final = 5
UNNUMBERED: Final = re.compile(
    r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b"
    r"|\b(?:19|20|21)\d\d-[01]\d-[0-3]\d[T ][0-2]\d:[0-5]\d:[0-6]\d(?:\.\d{1,6})?(?:Z|[+-]\d\d(?::?\d\d)?)?(?!\d)",
    re.IGNORECASE | re.ASCII,
)
_INVISIBLE: Final = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff]"
)
_LOOKS_LIKE: Final = dict.fromkeys("\u2010\u2012\u2013\u2014\u2015\u2212", "-")
_UNSPACED: Final = re.compile("[\u2e80-\ud7af]")
"""Scripts without spaces: names in them have no edges, and two signs."""


def fold(text: str) -> tuple[str, Sequence[int]]:
    """Return the text as it looks, and for each of its characters the place it came from."""
    if text.isascii():
        return text, range(len(text))
    signs = {character: _folded_sign(character) for character in set(text)}
    folded = "".join([signs[character] for character in text])
    if all(len(sign) == 1 for sign in signs.values()):
        return folded, range(len(text))
    return folded, [place for place, character in enumerate(text) for _ in signs[character]]


def folded_length(text: str) -> int:
    """Return how many characters ``fold`` makes of a text: a sign such as ``㏂`` becomes several."""
    if text.isascii():
        return len(text)
    return sum(len(_folded_sign(character)) * count for character, count in Counter(text).items())


@lru_cache(maxsize=4096)
def _folded_sign(character: str) -> str:
    if _INVISIBLE.match(character):
        return ""
    plain = unicodedata.normalize("NFKC", character)
    return "".join(_LOOKS_LIKE.get(sign) or str(unicodedata.decimal(sign, sign)) for sign in plain)


def _united(spans: list[Finding]) -> Iterator[Finding]:
    """Join what overlaps, so that nothing of a finding is left beside another; the first kind listed wins."""
    rank = {id(span): number for number, span in enumerate(spans)}
    group: list[Finding] = []
    end = 0
    for span in [*sorted(spans, key=lambda s: (s.start, s.end)), None]:
        if group and (span is None or span.start >= end):
            yield Finding(group[0].start, end, min(group, key=lambda s: rank[id(s)]).kind)
            group, end = [], 0
        if span is not None:
            group.append(span)
            end = max(end, span.end)


# Known words


def _found_words(words: Iterable[str]) -> tuple[str, ...]:
    stripped = {word.strip() for word in words}
    long_enough = {word for word in stripped if len(word) >= (2 if _UNSPACED.search(word) else 3)}
    return tuple(sorted(long_enough, key=len, reverse=True))


def _folded_word(word: str) -> str:
    return " ".join(fold(word)[0].lower().split())


@lru_cache(maxsize=64)
def _words(words: tuple[str, ...]) -> Callable[[str], Iterator[Span]]:
    if not words:
        return lambda _: iter(())
    return _matches("|".join(map(_word, words)), re.IGNORECASE)


def _word(word: str) -> str:
    spaced = r"\s+".join(map(re.escape, _folded_word(word).split()))
    return spaced if _UNSPACED.search(word) else rf"(?<![^\W_]){spaced}(?![^\W_])"


# Detectors


def _matches(
    pattern: str,
    flags: int = 0,
    *,
    accept: Callable[[str], bool] | None = None,
    longest: int | None = None,
) -> Callable[[str], Iterator[Span]]:
    """Detect a pattern whose text is accepted; if it has a group, the group is what is found.

    Of what matches beyond ``longest`` characters these are found.
    """
    compiled = re.compile(pattern, flags)
    group = 1 if compiled.groups else 0

    def detect(text: str) -> Iterator[Span]:
        for match in compiled.finditer(text):
            if accept is None or accept(match[group]):
                start, end = match.span(group)
                yield start, end if longest is None else min(end, start + longest)

    return detect


def _digits(value: str) -> str:
    return "".join(re.findall(r"[0-9]", value))


LONGEST_EMAIL: Final = 254
"""RFC 5321 leaves an address so many characters; what goes on beyond them is no part of one."""
emails: Final = _matches(r"[\w.%+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+", longest=LONGEST_EMAIL)
"""Find e-mail addresses in a folded text."""
spelled_emails: Final = _matches(
    r"\b[\w.+-]{1,64}\s?[(\[]\s?at\s?[)\]]\s?[\w-]{1,63}(?:\s?[(\[]\s?dot\s?[)\]]\s?|\.)[\w-]{2,63}(?:\.[\w-]{2,63})*",
    re.IGNORECASE,
    longest=LONGEST_EMAIL,
)
"""Find e-mail addresses written as ``somebody (at) example (dot) com``."""


_NRIC_LETTERS: Final = {
    "S": "JZIHGFEDCBA",
    "T": "JZIHGFEDCBA",
    "F": "XWUTRQPNMLK",
    "G": "XWUTRQPNMLK",
    "M": "KLJNPQRTUWX",
}
_NRIC_OFFSETS: Final = {"S": 0, "T": 4, "F": 0, "G": 4, "M": 3}


def is_nric(value: str) -> bool:
    """Tell whether a letter, seven digits and a letter are a Singaporean NRIC or FIN."""
    first, last = value[0].upper(), value[-1].upper()
    weighed = sum(w * int(d) for w, d in zip((2, 7, 6, 5, 4, 3, 2), _digits(value), strict=True))
    rest = (weighed + _NRIC_OFFSETS[first]) % 11
    return _NRIC_LETTERS[first][10 - rest if first == "M" else rest] == last


def is_card(value: str) -> bool:
    """Tell whether the digits, not all of them zero, have a card's check digit."""
    return max(_digits(value)) != "0" and luhn.is_valid(_digits(value))


def is_personnummer(value: str) -> bool:
    """Tell whether 10 or 12 digits are a Swedish personnummer or samordningsnummer."""
    # Day 61 to 91 is a coordination number; the century, if given, is not part of the sum.
    digits = _digits(value)[-10:]
    return 1 <= int(digits[2:4]) <= 12 and (int(digits[4:6]) - 1) % 60 < 31 and luhn.is_valid(digits)


def is_fodselsnummer(value: str) -> bool:
    """Tell whether 11 digits have both check digits of a Norwegian fødselsnummer or D-nummer."""
    digits = _digits(value)
    return (
        max(digits) != "0"
        and fodselsnummer.calc_check_digit1(digits) == digits[9]
        and fodselsnummer.calc_check_digit2(digits) == digits[10]
    )


_IBAN: Final = re.compile(r"\b[A-Za-z]{2}[0-9]{2}(?: ?[A-Za-z0-9]{4}){2,7}(?: ?[A-Za-z0-9]{1,3})?\b")


def ibans(text: str) -> Iterator[Span]:
    """Find the valid IBANs of a folded text."""
    for match in _IBAN.finditer(text):
        # The next word may look like one more group of it.
        ends = [match.end(), *(match.start() + at.start() for at in re.finditer(" ", match[0]))]
        for end in sorted(ends, reverse=True):
            if iban.is_valid(text[match.start() : end]):
                yield match.start(), end
                break


def _phones(text: str) -> Iterator[Span]:
    for match in PhoneNumberMatcher(text, "SG", leniency=Leniency.VALID):
        # A bracket that does not close within the number is the sentence's.
        is_open = match.raw_string.startswith("(") and match.raw_string.count("(") > match.raw_string.count(
            ")"
        )
        yield match.start + is_open, match.end


# Bounded: looking for the end of a chain from each of its links anew takes seconds.
_NAME: Final = r"[A-ZÀ-ÖØ-Þ][^\W\d_]{0,40}(?:['-][^\W\d_]{1,40}){0,3}"
_NAMES: Final = rf"{_NAME}(?:\s+(?:(?:bin|binte|binti|s/o|d/o|a/l|a/p)\s+)?{_NAME}){{0,4}}"
_STREET: Final = (
    "Road|Rd|Street|St|Avenue|Ave|Drive|Dr|Crescent|Cres|Lane|Close|Walk|Way|Place|Link|Terrace|Boulevard|Rise|View"
    "|Gardens?|Hill|Loop|Central|Quay"
)
_DAY: Final = r"[0-9]{1,4}(?:[ ./-](?:[0-9]{1,2}|[A-Za-z]{3,9}))[ ./-][0-9]{1,4}"

_DETECTORS: Final[tuple[tuple[str, Callable[[str], Iterator[Span]]], ...]] = (
    ("email", emails),
    ("email", spelled_emails),
    ("iban", ibans),
    ("nric", _matches(r"\b[STFGM][ -]?[0-9]{7}[ -]?[A-Z]\b", re.IGNORECASE, accept=is_nric)),
    (
        "passport",
        _matches(
            r"\bpassport(?:\s+(?:no\.?|number))?\s*(?::\s*)?#?([A-Z]{1,2}[0-9]{6,8}[A-Z]?)\b", re.IGNORECASE
        ),
    ),
    ("passport", _matches(r"\b[EK][0-9]{7}[A-Z]\b")),
    ("card", _matches(r"\b[0-9](?:[ -]?[0-9]){12,18}\b", accept=is_card)),
    ("national-id", _matches(r"\b(?:19|20)?[0-9]{6}[-+]?[0-9]{4}\b", accept=is_personnummer)),
    ("national-id", _matches(r"\b[0-9]{6} ?[0-9]{5}\b", accept=is_fodselsnummer)),
    (
        "account",
        _matches(
            r"\b(?:account|acct|a/c)(?:\s*(?:no\.?|number|#))?\s*(?:is\s+|:\s*)?([0-9][0-9 -]{4,18}[0-9])\b",
            re.IGNORECASE,
        ),
    ),
    ("account", _matches(r"\b[0-9]{3}-(?:[0-9]{5,6}-[0-9]{1,3}|[0-9]{3}-[0-9]{3}-[0-9])\b")),
    ("phone", _phones),
    ("phone", _matches(r"\+[0-9](?:[ ().-]{0,2}[0-9]){6,14}(?![0-9])")),
    ("phone", _matches(r"\b(?:65[ -]?)?[3689][0-9]{3}[ -]?[0-9]{4}\b")),
    ("phone", _matches(r"\b0[0-9]{1,4}[ -]?[0-9]{2,4}(?:[ -]?[0-9]{2,4}){1,3}\b")),
    (
        "birth-date",
        _matches(rf"\b(?:d\.?o\.?b\.?|date of birth|born(?: on)?)\s*(?::\s*)?({_DAY})\b", re.IGNORECASE),
    ),
    ("ip", _matches(r"(?<![0-9])(?<![0-9]\.)(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![0-9])(?!\.[0-9])")),
    ("address", _matches(r"#[0-9]{1,2}-[0-9]{1,4}(?![0-9])")),
    ("address", _matches(r"\b(?:[Ss]ingapore|SINGAPORE|S)\s*(?:\([0-9]{6}\)|[0-9]{6}(?![0-9]))")),
    (
        "address",
        _matches(
            rf"\b(?:[Bb]lk|[Bb]lock|BLK|BLOCK)\s+[0-9]{{1,4}}[A-Za-z]?\b(?:,?\s+{_NAME}\b\.?){{0,5}}(?:\s+[0-9]{{1,3}}\b)?"
        ),
    ),
    (
        "address",
        _matches(rf"\b[0-9]{{1,4}}[A-Z]?\s+(?:{_NAME}\s+){{1,4}}(?:{_STREET})\b(?:\s+[0-9]{{1,3}}\b)?"),
    ),
    (
        "address",
        _matches(
            r"\b[0-9]{1,4}[a-z]?\s+(?:[a-z']{3,20}\s+){1,3}(?:road|street|avenue|crescent)\b(?:\s+[0-9]{1,3}\b)?"
        ),
    ),
    (
        "address",
        _matches(
            rf"\b[0-9]{{1,4}}[A-Z]?\s+(?:Jalan|Jln|Lorong|Lor|Bukit|Kampong)\s+(?:{_NAME}|[0-9]+)\b(?:\s+{_NAME}\b)*"
        ),
    ),
    (
        "name",
        _matches(rf"\b(?:Mr|Mrs|Ms|Miss|Mdm|Madam|Mister|Dr|Prof)\b\.?\s+({_NAMES})"),
    ),
    (
        "name",
        _matches(rf"\b(?:[Mm]y name is|[Nn]ame is|[Nn]amed|I am|I'm|[Rr]egards,|[Ss]incerely,)\s+({_NAMES})"),
    ),
    ("name", _matches(rf"\b{_NAME}(?:\s+{_NAME}){{0,3}}\s+(?:bin|binte|binti|s/o|d/o|a/l|a/p)\s+{_NAMES}")),
)
