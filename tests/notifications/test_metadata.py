"""What would reach or name somebody never gets into a notification's metadata: not as key, value, number or deep within.

The numbers are made here, with right check digits, by the rules of those who issue them; ids, dates and counts go through.
"""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, date, datetime
from typing import Any, Final

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stdnum.no import fodselsnummer
from stdnum.se import personnummer

from tests.notifications.conftest import MakeMentor

KARI: Final = "29029600013"
"""A fødselsnummer of a leap day."""


def norwegian(day: int, month: int, year: int, number: int) -> str | None:
    """The eleven digits with their two check digits, where the number has any (Skatteetaten)."""
    digits = f"{day:02}{month:02}{year:02}{number:03}"
    for weights in ((3, 7, 6, 1, 8, 9, 4, 5, 2), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)):
        check = -sum(weight * int(digit) for weight, digit in zip(weights, digits, strict=True)) % 11
        if check == 10:
            return None
        digits += str(check)
    return digits


def swedish(day: int, month: int, year: int, number: int) -> str:
    """The ten digits with their check digit (Skatteverket SKV 704)."""
    digits = f"{year:02}{month:02}{day:02}{number:03}"
    doubled = (int(digit) * (2 - n % 2) for n, digit in enumerate(digits))
    return digits + str(-sum(each // 10 + each % 10 for each in doubled) % 10)


DAYS = st.integers(1, 28)
MONTHS = st.integers(1, 12)
YEARS = st.integers(0, 99)
NUMBERS = st.integers(0, 999)
FODSELSNUMMER = st.builds(norwegian, DAYS, MONTHS, YEARS, NUMBERS).filter(bool)
D_NUMBER = st.builds(norwegian, DAYS.map(lambda day: day + 40), MONTHS, YEARS, NUMBERS).filter(bool)
PERSONNUMMER = st.builds(swedish, DAYS, MONTHS, YEARS, NUMBERS)
SAMORDNINGSNUMMER = st.builds(swedish, DAYS.map(lambda day: day + 60), MONTHS, YEARS, NUMBERS)
# Nkom: eight digits, mobiles with 4 and 9. PTS: 07 and eight digits.
NORWEGIAN_PHONE = st.builds(
    lambda first, rest: f"{first}{rest:07}", st.sampled_from("4923567"), st.integers(0, 9_999_999)
)
SWEDISH_PHONE = st.builds(lambda rest: f"07{rest:08}", st.integers(0, 99_999_999))


def as_written(digits: str) -> list[str]:
    """How an eleven-digit or ten-digit number of a person is written."""
    if len(digits) == 11:
        return [
            digits,
            f"{digits[:6]} {digits[6:]}",
            f"{digits[:6]}-{digits[6:]}",
            f"{digits[:2]}.{digits[2:4]}.{digits[4:6]} {digits[6:]}",
            f"fnr:{digits}.",
        ]
    return [
        digits,
        f"{digits[:6]}-{digits[6:]}",
        f"{digits[:6]}+{digits[6:]}",
        f"19{digits}",
        f"20{digits[:6]}-{digits[6:]}",
        f"pnr={digits};",
    ]


def as_dialled(digits: str) -> list[str]:
    """How a telephone number is written, in its country and from abroad."""
    if digits[0] == "0":
        mine = digits[1:]
        spaced = f"{mine[:2]} {mine[2:5]} {mine[5:7]} {mine[7:]}"
        return [
            digits,
            f"0{mine[:2]}-{mine[2:5]} {mine[5:7]} {mine[7:]}",
            f"+46{mine}",
            f"+46 (0){spaced}",
            f"0046 {spaced}",
        ]
    pairs = " ".join(digits[n : n + 2] for n in range(0, 8, 2))
    triple = f"{digits[:3]} {digits[3:5]} {digits[5:]}"
    return [
        digits,
        pairs,
        triple,
        pairs.replace(" ", "."),
        triple.replace(" ", "-"),
        f"+47{digits}",
        f"+47 {triple}",
        f"(+47) {pairs}",
        f"0047{digits}",
        f"0047 {pairs}",
        f"47{digits}",
        f"tlf. {triple}",
    ]


PERSONAL = st.one_of(
    (FODSELSNUMMER | D_NUMBER | PERSONNUMMER | SAMORDNINGSNUMMER).flatmap(
        lambda digits: st.sampled_from(as_written(str(digits)))
    ),
    (NORWEGIAN_PHONE | SWEDISH_PHONE).flatmap(lambda digits: st.sampled_from(as_dialled(digits))),
    st.emails(
        domains=st.sampled_from(["example.no", "post.example.se", "xn--bcher-kva.example", "bücher.example"])
    ),
)
PLACES: Final = (
    lambda text: {"note": text},
    lambda text: {text: 1},
    lambda text: {"a": [{"b": {"c": [1, text]}}]},
    lambda text: {"a": {text: None}},
    lambda text: {"note": f"ring {text}, takk"},
)
HARMLESS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(0, 1_000_000),
    st.uuids().map(str),
    st.dates(date(2000, 1, 1), date(2199, 12, 31)).map(date.isoformat),
    st.dates(date(2000, 1, 1), date(2199, 12, 31)).map(lambda day: day.strftime("%d.%m.%Y")),
    st.datetimes(datetime(2000, 1, 1), datetime(2199, 12, 31), timezones=st.just(UTC)).map(
        datetime.isoformat
    ),
    st.datetimes(datetime(2000, 1, 1), datetime(2199, 12, 31)).map(lambda at: f"{at.isoformat()}Z"),
    st.sampled_from(["inactivity", "home_visit", "level 2", "60/30/7"]),
)


async def test_whatever_reaches_or_names_somebody_is_seen(owner: asyncpg.Connection) -> None:
    await agree(owner, st.sampled_from(PLACES).flatmap(lambda place: PERSONAL.map(place)), is_personal=True)


async def test_ids_dates_and_counts_are_nobodys(owner: asyncpg.Connection) -> None:
    documents = st.dictionaries(
        st.sampled_from(["id", "days", "milestone", "expires_on"]),
        HARMLESS | st.lists(HARMLESS, max_size=4) | st.dictionaries(st.sampled_from("ab"), HARMLESS),
    )
    await agree(owner, documents, is_personal=False)


async def agree(owner: asyncpg.Connection, documents: st.SearchStrategy[Any], *, is_personal: bool) -> None:
    """Ask the database about many documents, in one statement, and see that it thinks as expected of each."""
    drawn: list[str] = []

    @settings(
        max_examples=600,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(document=documents)
    def draw(document: dict[str, Any]) -> None:
        drawn.append(json.dumps(document))

    await asyncio.to_thread(draw)
    wrong = await owner.fetch(
        "select d from unnest($1::text[]) d where notifications.holds_personal_data(d::jsonb) <> $2",
        drawn,
        is_personal,
    )
    assert [row["d"] for row in wrong] == []


@pytest.mark.parametrize(
    "metadata",
    [
        {"number": int(KARI)},
        {"number": 9001010017},
        {"number": 41234567},
        {"number": -41234567},
        {"number": 1021550066},  # of 1 February: its zero is lost in a number
        {"text": "４１２３４５６７"},
        {"text": "\u0664\u0661\u0662\u0663\u0664\u0665\u0666\u0667"},
        {"text": "412\u00a034\u00a0567"},
        {"text": "412\u201134\u2011567"},
        {"text": "4123\u200b4567"},
        {"text": "kari＠example.no"},
        {"text": "kari @ example.no"},
        {"text": '"kari nord"@example.no'},
        {"text": "mailto:kari@example.no"},
        {"text": "41 - 23 - 45 - 67"},
        {"text": "+1 (212) 555-0187"},
        {"text": "1990-01-01-0017"},
    ],
)
async def test_disguises_are_seen_through(owner: asyncpg.Connection, metadata: dict[str, Any]) -> None:
    assert await owner.fetchval("select notifications.holds_personal_data($1)", json.dumps(metadata))


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"days": 30},
        {"share": 0.41234567, "mean": 12.41234567890123},
        {"at": 1764000000, "at_ms": 1764000000123},
        {"at": "2027-07-01T10:00:45.123456+00:00"},
        {"at": "2027-07-01 10:00:45.123456+02"},
        {"day": "30.07.2027"},
        {"id": "41234567-4123-4567-8123-412345678901"},
        {"ids": ["0b41ee8f-0000-4000-8000-000000000001"] * 3},
        {"counts": [10, 25, 50, 100, 250, 500]},
        {"number": "29029600014"},  # wrong check digits
    ],
)
async def test_numbers_of_nobody_go_through(owner: asyncpg.Connection, metadata: dict[str, Any]) -> None:
    assert not await owner.fetchval("select notifications.holds_personal_data($1)", json.dumps(metadata))


def test_the_makers_of_numbers_are_right() -> None:
    """So that a guard that knows nothing is not asked about numbers of nobody: another library knows these too."""
    assert fodselsnummer.is_valid(norwegian(29, 2, 96, 0))
    assert fodselsnummer.is_valid(norwegian(49, 2, 96, 1))
    assert personnummer.is_valid(swedish(1, 1, 90, 1))


async def test_the_table_refuses_it(owner: asyncpg.Connection, make_mentor: MakeMentor) -> None:
    with pytest.raises(asyncpg.CheckViolationError) as refused:
        await owner.execute(
            "insert into scenario_notifications (user_id, organization_id, scenario_type, metadata) "
            "select $1, casebase.default_tenant(), 'inactivity', $2",
            await make_mentor(),
            json.dumps({"note": f"fnr {KARI}"}),
        )
    assert refused.value.constraint_name == "metadata_holds_no_personal_data"
