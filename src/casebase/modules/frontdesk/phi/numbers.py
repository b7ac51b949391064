"""Numbers that are somebody's: ids, accounts, cards, phones and e-mail addresses.

Each is parsed and its check digits verified, where it has any. One that could as well be an order's or an invoice's
counts only beside a cue, and not where a word like "order" stands right before it.

Sources: SSA (which numbers are never issued; invalid ones that became known), NHS Data Dictionary (modulus 11),
ISO/IEC 7812 (Luhn, issuers' ranges), and what the kernel's detectors name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from functools import lru_cache
from typing import Final

import phonenumbers
from stdnum.gb import nhs

from casebase.kernel.privacy import detectors
from casebase.modules.frontdesk.phi.hits import Hit, Line, PhiType


def emails(line: Line) -> Iterator[Hit]:
    """Find e-mail addresses, also those spelled out against collectors."""
    if "@" in line.text:
        yield from (Hit(start, end, PhiType.EMAIL, 0.99) for start, end in detectors.emails(line.text))
    if _SPELLED_AT.search(line.text):
        yield from (Hit(start, end, PhiType.EMAIL, 0.9) for start, end in detectors.spelled_emails(line.text))


def ibans(line: Line) -> Iterator[Hit]:
    """Find valid IBANs."""
    for start, end in detectors.ibans(line.text):
        yield Hit(start, end, PhiType.IBAN, 0.99)


def cards(line: Line) -> Iterator[Hit]:
    """Find card numbers of the issuers' ranges and lengths."""
    for match in _CARD.finditer(line.text):
        start, end = match.span(1)
        if detectors.is_card(match[1]) and _ISSUER.fullmatch(_digits(match[1])):
            cued = _CARD_CUE.search(line.before(start)) is not None
            if cued or not _is_reference(line, start):
                yield Hit(start, end, PhiType.CARD, 0.99 if cued else 0.9)


def medical_records(line: Line) -> Iterator[Hit]:
    """Find medical record numbers: these have no form of their own, so only what is called one."""
    for match in _MRN.finditer(line.text):
        if len(_digits(match[1])) >= 4:
            yield Hit(*match.span(1), PhiType.MRN, 0.9)


def social_security_numbers(line: Line) -> Iterator[Hit]:
    """Find US social security numbers that the SSA may have issued."""
    for match in _SSN.finditer(line.text):
        digits = _digits(match[0])
        if (
            digits[:3] in {"000", "666"}
            or digits[0] == "9"
            or digits[3:5] == "00"
            or digits[5:] == "0000"
            or digits in _ADVERTISED
        ):
            continue
        cued = _SSN_CUE.search(line.before(match.start())) is not None
        if cued or (match[0].count("-") == 2 and not _is_reference(line, match.start())):
            yield Hit(*match.span(), PhiType.SSN, 0.97 if cued else 0.8)


def nhs_numbers(line: Line) -> Iterator[Hit]:
    """Find NHS numbers (England, Wales, Isle of Man)."""
    for match in _NHS.finditer(line.text):
        if not nhs.is_valid(_digits(match[0])):
            continue
        cued = _NHS_CUE.search(line.before(match.start(), 60)) is not None
        if cued or (match[0].count(" ") == 2 and not _is_reference(line, match.start())):
            yield Hit(*match.span(), PhiType.NHS_NUMBER, 0.97 if cued else 0.7)


def nrics(line: Line) -> Iterator[Hit]:
    """Find Singapore's NRIC and FIN."""
    for match in _NRIC.finditer(line.text):
        if detectors.is_nric(match[0]):
            yield Hit(*match.span(), PhiType.NRIC, 0.95)


def norwegian_ids(line: Line) -> Iterator[Hit]:
    """Find fødselsnummer and D-nummer (the day 40 higher)."""
    for match in _NORWEGIAN.finditer(line.text):
        digits = _digits(match[0])
        if _is_day(int(digits[:2]) % 40, int(digits[2:4]), int(digits[4:6])) and detectors.is_fodselsnummer(
            digits
        ):
            cued = _ID_CUE.search(line.before(match.start())) is not None
            if cued or not _is_reference(line, match.start()):
                yield Hit(*match.span(), PhiType.NORWEGIAN_ID, 0.97 if cued else 0.85)


def swedish_ids(line: Line) -> Iterator[Hit]:
    """Find personnummer and samordningsnummer (the day 60 higher)."""
    for match in _SWEDISH.finditer(line.text):
        digits = _digits(match[0])[-10:]
        if not (
            _is_day(int(digits[4:6]) % 60, int(digits[2:4]), int(digits[:2]))
            and detectors.is_personnummer(match[0])
        ):
            continue
        cued = _ID_CUE.search(line.before(match.start())) is not None
        # Ten bare digits are too often something else.
        if cued or (len(match[0]) > 10 and not _is_reference(line, match.start())):
            yield Hit(*match.span(), PhiType.SWEDISH_ID, 0.97 if cued else 0.85)


def phones(line: Line) -> Iterator[Hit]:
    """Find phone numbers: international ones, and national ones of the regions that are served."""
    for match in _INTERNATIONAL.finditer(line.text):
        digits = match[0]
        for end in (match.end(), *(match.start() + at for at in _last_gaps(digits))):
            said = line.text[match.start() : end]
            if _is_phone("+" + _digits(said).removeprefix("00"), None):
                yield Hit(match.start(), end, PhiType.PHONE, 0.95)
                break
        else:
            if digits.startswith("+"):
                yield Hit(*match.span(), PhiType.PHONE, 0.6)
    for pattern, regions, needs_cue in _NATIONAL:
        for match in pattern.finditer(line.text):
            start, end = match.span(1)
            if _is_reference(line, start):
                continue
            cued = _PHONE_CUE.search(line.before(start, 60)) is not None or bool(
                _PHONE_AFTER.match(line.after(end))
            )
            bare = needs_cue or match[1].isdigit()
            if bare and not cued and match[1] != line.text.strip():
                continue
            if any(_is_phone(_digits(match[1]), region) for region in regions):
                yield Hit(start, end, PhiType.PHONE, 0.9 if cued else 0.7)


NUMBERS: Final[tuple[tuple[int, Callable[[Line], Iterator[Hit]]], ...]] = (
    (12, ibans),
    (13, cards),
    (4, medical_records),
    (9, social_security_numbers),
    (10, nhs_numbers),
    (7, nrics),
    (11, norwegian_ids),
    (10, swedish_ids),
    (7, phones),
)
"""Detectors, and how many digits a line has at least where they find anything."""


def _digits(value: str) -> str:
    return "".join(filter(str.isdigit, value))


def _is_day(day: int, month: int, year: int) -> bool:
    try:
        # 29 February of a century's unknown year: 2000 had one.
        date(2000 + year, month, day)
    except ValueError:
        return False
    return True


def _is_reference(line: Line, start: int) -> bool:
    """Tell whether a word right before a number says that it is a thing's."""
    return _REFERENCE.search(line.before(start)) is not None


def _last_gaps(number: str) -> list[int]:
    """Return where a number may end before its last groups: what follows may be another number."""
    return [
        at for at in range(len(number) - 1, 7, -1) if not number[at].isdigit() and number[at - 1].isdigit()
    ][:4]


@lru_cache(maxsize=4096)
def _is_phone(number: str, region: str | None) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number, region))
    except phonenumbers.NumberParseException:
        return False


_SPELLED_AT: Final = re.compile(r"[(\[] ?at ?[)\]]", re.IGNORECASE)
_REFERENCE: Final = re.compile(
    r"(?:order|ordre|invoice|faktura|rechnung|ticket|track|trace|spor|booking|bokning|buchung|ref|reference|referanse"
    r"|serial|serie|seri|sku|part|model|modell|article|artikel|barcode|isbn|ean|version|batch|lot|case|sak|ärende|po|kid"
    r"|transaction|transaksjon|receipt|quote|parcel|shipment|kunde|kund|customer|kunden|meter|code|kode|voucher|item"
    r"|auftrag|bestell|beställning|best|vorgang|sendung|kolli|paket|flight|policy|account|saldo|total|amount|sum)"
    r"(?:s?(?:ing|ings|ungs|s)?(?:numbers?|nummer|nr|no|id|code))?\.?"
    r"(?:[ :#.=-]|\b(?:no|nr|numbers?|nummer|id|code|is|was|er|är|ist|of)\b){0,8}$",
    re.IGNORECASE,
)
_CARD: Final = re.compile(
    r"(?<![0-9])(?=((?:[0-9]{4}[ -]?){3}[0-9]{4}|3[0-9]{3}[ -]?[0-9]{6}[ -]?[0-9]{4,5}|[0-9]{13,19})(?![0-9]))"
)
_CARD_CUE: Final = re.compile(r"card|visa|amex|american express|kort|karte|charge", re.IGNORECASE)
_ISSUER: Final = re.compile(
    r"4(?:[0-9]{12}|[0-9]{15}|[0-9]{18})|5[1-5][0-9]{14}|2[2-7][0-9]{14}|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}"
    r"|35[0-9]{14}|6(?:011|[45][0-9]{2})[0-9]{12}|62[0-9]{14,17}|(?:50|5[6-8]|6[0-9])[0-9]{11,17}"
)
_MRN: Final = re.compile(
    r"(?<![^\W_])(?:mrn|m\.r\.n\.|(?:medical|health|unit|patient) record"
    r"|(?:hospital|hosp\.?|patient|chart)(?: (?:no|number|id|nr)\b|(?= ?#))|patient-?id|patient\w{0,2}n(?:umme)?r"
    r"|pasientn(?:umme)?r|journaln(?:umme)?r|falln(?:umme)?r|fallzahl)"
    r"(?:[ :#.=-]|\b(?:no|nr|num|numbers?|id|is|was|er|är|ist)\b){0,8}"
    r"((?:mrn-?)?[a-z]{0,3}-?[0-9](?:-?[0-9a-z]){2,14})(?![\w-])",
    re.IGNORECASE,
)
_SSN: Final = re.compile(r"(?<![\w.-])[0-9]{3}([ .-]?)[0-9]{2}\1[0-9]{4}(?![\w-])")
_SSN_CUE: Final = re.compile(r"\bssn\b|\bsocial\b|\bs\.s\.n", re.IGNORECASE)
_ADVERTISED: Final = frozenset({"078051120", "219099999"})
_NHS: Final = re.compile(r"(?<![\w.+-])[0-9]{3}([ -]?)[0-9]{3}\1[0-9]{4}(?![\w-])")
_NHS_CUE: Final = re.compile(r"\bn\.?h\.?s\b", re.IGNORECASE)
_NRIC: Final = re.compile(r"\b[STFGM][ -]?[0-9]{7}[ -]?[A-Z]\b", re.IGNORECASE)
_NORWEGIAN: Final = re.compile(r"(?<![\w-])[0-9]{6} ?[0-9]{5}(?![\w-])")
_SWEDISH: Final = re.compile(r"(?<![\w-])(?:19|20)?[0-9]{6}[-+]?[0-9]{4}(?![\w-])")
_ID_CUE: Final = re.compile(
    r"person-?n|personal (?:number|id)|\bpnr|fødsels|f(?:oe|o)dselsn|\bfnr|\bd-n|samordn|id-?num|\bid\b",
    re.IGNORECASE,
)
_INTERNATIONAL: Final = re.compile(r"(?:\+|(?<![\w.+-])00)[1-9](?:[ ().-]{0,3}[0-9]){6,14}(?![0-9])")
_PHONE_CUE: Final = re.compile(
    r"\b(?:call|phone|ph\b|tele|tel\b|tlf|mob\b|mobil|cell|ring|text\b|sms|whats ?app|reach|contact|landline|line|hp\b"
    r"|hand ?phone|fax|number|nummer|dial|try\b|erreich|rufen|anruf|handy|signal)",
    re.IGNORECASE,
)
_PHONE_AFTER: Final = re.compile(
    r"[ (,]{1,3}(?:mobile?|cell|phone|tel|tlf|whats ?app|home|work|office|is my)\b", re.IGNORECASE
)
_NATIONAL: Final = (
    (
        re.compile(
            r"(?<![\w.+/-])((?:1[ -])?(?:\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}[ .-])[2-9][0-9]{2}[ .-][0-9]{4}"
            r"|[2-9][0-9]{2}[2-9][0-9]{6})(?![\w-])"),
        ("US",),
        False,
    ),
    (
        re.compile(r"(?<![\w.+/(-])(?<![0-9]{4} [0-9]{4} )(?!(?:[0-9]{2}[/-]){2}[0-9]{4})"
            r"(\(?0[1-9](?:[ /)-]{0,2}[0-9]){6,10})(?![\w-])"),
        ("GB", "SE", "DE"),
        False,
    ),
    (
        re.compile(
            r"(?<![\w.+/-])([3689][0-9]{3}[ -]?[0-9]{4}|65[ -]?[3689][0-9]{3}[ -]?[0-9]{4})(?![\w-])(?! ?[0-9]{3})"
        ),
        ("SG", "NO"),
        True,
    ),
    (
        re.compile(r"(?<![\w.+/-])([2-9][0-9]{7}|[2-9][0-9]{2} [0-9]{2} [0-9]{3}|[2-9][0-9](?: [0-9]{2}){3})(?![\w-])"),
        ("NO",),
        True,
    ),
)  # fmt: skip
