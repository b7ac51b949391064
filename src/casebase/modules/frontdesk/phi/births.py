"""Dates of birth: a date alone is nobody's, so only what is said to be one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from casebase.modules.frontdesk.phi.hits import Hit, Line, PhiType


def birth_dates(line: Line) -> Iterator[Hit]:
    """Find dates, in figures or in words, that are said to be somebody's birth; a year alone is not one."""
    if not _BORN.search(line.said):
        return
    for match in _DATE.finditer(line.said):
        if not _is_possible(match):
            continue
        before = line.said[max(0, match.start() - 64) : match.start()]
        said = None
        for said in _BORN.finditer(before):  # noqa: B007 - the last one
            pass
        if (
            said is not None
            and not _ELSEWHERE.search(before, said.end())
            and not _NOT_A_PERSON.search(before)
        ):
            yield Hit(*match.span(), PhiType.BIRTH_DATE, 0.95 if _YEAR.search(match[0]) else 0.7)
        elif _BORN_AFTER.match(line.said[match.end() : match.end() + 48]):
            yield Hit(*match.span(), PhiType.BIRTH_DATE, 0.9)


def _is_possible(match: re.Match[str]) -> bool:
    if compact := match["compact"]:
        return 1 <= int(compact[4:6]) <= 12 and 1 <= int(compact[6:]) <= 31
    said = (match[group] for group in ("month", "day", "one", "other", "day_before", "day_after"))
    numbers = [int(number) for number in said if number]
    return all(1 <= number <= 31 for number in numbers) and (len(numbers) < 2 or min(numbers) <= 12)


_MONTH: Final = (
    r"(?:jan(?:uar[iy]?)?|feb(?:ruar[iy]?)?|mar(?:ch|s)?|märz|apr(?:il)?|ma[ijy]|june?|juni?|july?|juli|aug(?:ust|usti)?"
    r"|sept?(?:ember)?|o[ck]t(?:ober)?|nov(?:ember)?|de[csz](?:ember)?)\b\.?"
)
_DATE: Final = re.compile(
    rf"""(?<![\w./-])(?:
        (?P<compact>(?:19|20)[0-9]{{6}})
      | (?:19|20)[0-9]{{2}}[./-](?P<month>[0-9]{{1,2}})[./-](?P<day>[0-9]{{1,2}})
      | (?P<one>[0-9]{{1,2}})[./ -]{{1,2}}(?P<other>[0-9]{{1,2}})[./ -]{{1,2}}(?:(?:19|20)[0-9]{{2}}|[0-9]{{2}})
      | (?P<day_before>[0-9]{{1,2}})(?:st|nd|rd|th|\.)?(?:[ ]of)?[ -]?{_MONTH}
            (?:,?[ -]?(?:(?:19|20)[0-9]{{2}}|'?[0-9]{{2}}))?
      | {_MONTH}[ ](?P<day_after>[0-9]{{1,2}})(?:st|nd|rd|th)?(?:,?[ ](?:19|20)[0-9]{{2}})?
      | {_MONTH}[ ](?:19|20)[0-9]{{2}}
    )(?!(?!T[0-9]{{2}}:)[\w/]|[.-][0-9])""",
    re.IGNORECASE | re.VERBOSE,
)
_YEAR: Final = re.compile(r"(?:19|20)[0-9]{2}")
_BORN: Final = re.compile(
    r"\bd\.? ?o\.? ?b\b\.?|\bbirth[ _]?(?:date|day)|\bdate[ _]of[ _]birth|\bbirth\b|\bborn\b|\bfødt\b|\bfødsels?da"
    r"|\bfödelse(?:dag|dat)|\bfödd?\b|\bgeb\.|\bgeboren|\bgeburts(?:dat|tag)|\bbursdag|\bfoedt\b",
    re.IGNORECASE,
)
_BORN_AFTER: Final = re.compile(
    r"\)?,? ?(?:(?:is|was|that is|that's|er|är|ist|as) )?(?:(?:my|his|her|the|their|our|min|meine?) )?(?:\w{1,12} )?"
    r"(?:date of birth|birth ?da|d\.?o\.?b\b|født|född|geboren|geburtsdatum|bursdag|födelsedag)",
    re.IGNORECASE,
)
_ELSEWHERE: Final = re.compile(r"[!?;]|\.\s+[A-Z]|[0-9][./-][0-9]|[0-9]{3}")
"""What ends the saying: a sentence, or another number."""
_NOT_A_PERSON: Final = re.compile(
    r"part(?:y|ies)|session|booking|dinner|cake|gift|card|sale|appointment|shop|company|brand|business|feier|event|reserv"
    r"|starts?\b",
    re.IGNORECASE,
)
