"""casebase.scrub_text and scrub_json: what they must mask, what they must leave, wherever it stands."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest
from stdnum import luhn

from tests.support.postgres import Server


@pytest.fixture(scope="module")
def scrubbing_database(pg_server: Server) -> Iterator[str]:
    """One database for all tests of this file, which only ask."""
    url = pg_server.create_database(())
    yield url
    pg_server.drop_database(url)


@pytest.fixture
async def owner(scrubbing_database: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(scrubbing_database)
    async with connection.transaction():
        await connection.execute(
            "insert into casebase.masked_terms values ('Harbour Bank', '[bank]'), ('HBK', '[bank]')"
            " on conflict do nothing"
        )
    yield connection
    await connection.close()


async def scrub(owner: asyncpg.Connection, text: str, *subject: str) -> str:
    result: str = await owner.fetchval("select casebase.scrub_text($1, $2)", text, list(subject))
    return result


@pytest.mark.parametrize(
    ("value", "mask"),
    [
        ("kim.lee+home@mail.example.co.uk", "[email]"),
        ("+65 9123 4567", "[phone]"),
        ("+6591234567", "[phone]"),
        ("9123 4567", "[phone]"),
        ("+47 22 12 34 56", "[phone]"),
        ("(212) 555-0134", "[phone]"),
        ("212-555-0134", "[phone]"),
        ("1 212.555.0134", "[phone]"),
        ("2125550134", "[phone]"),
        ("123-45-6789", "[national-id]"),
        ("123.45.6789", "[national-id]"),
        ("12345 West Maple Parkway", "[address]"),
        ("P.O. Box 4711", "[address]"),
        ("S1234567D", "[nric]"),
        ("T0123456G", "[nric]"),
        ("F1234567N", "[nric]"),
        ("M1234567K", "[nric]"),
        ("s1234567d", "[nric]"),
        ("811218-9876", "[national-id]"),
        ("19811218-9876", "[national-id]"),
        ("01010750160", "[national-id]"),
        ("GB82 WEST 1234 5698 7654 32", "[iban]"),
        ("NO9386011117947", "[iban]"),
        ("4111 1111 1111 1111", "[card]"),
        ("4111111111111111", "[card]"),
        ("123-45678-9", "[account]"),
        ("E1234567A", "[passport]"),
        ("#05-67", "[address]"),
        ("Singapore 560123", "[address]"),
        ("Blk 123A Ang Mo Kio Avenue 3", "[address]"),
        ("12 Orchard Road", "[address]"),
        ("6591234567", "[phone]"),
        ("９１２３　４５６７", "[phone]"),
        ("9123\u200b4567", "[phone]"),
        ("9123\u20114567", "[phone]"),
        ("9123–4567", "[phone]"),
        ("9123\u202c4567", "[phone]"),
        ("٩١٢٣٤٥٦٧", "[phone]"),
        ("௯௧௨௩ ௪௫௬௭", "[phone]"),
        ("Harbour Bank", "[bank]"),
        ("harbour bank", "[bank]"),
        ("HBK", "[bank]"),
    ],
)
@pytest.mark.parametrize("frame", ["{}", "call {} today", "({})", "{}, then {}", "x:{}."])
async def test_masks(owner: asyncpg.Connection, value: str, mask: str, frame: str) -> None:
    assert await scrub(owner, frame.format(value, value)) == frame.format(mask, mask)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a loan of 500000.00 over 300 months at 3.75 %",
        "on 2026-01-31 at 14:05",
        "S1234567X",
        "4111 1111 1111 1112",
        "811218-9875",
        "GB82 WEST 1234 5698 7654 33",
        "order 12345678",
        "the harbour, and its bank",
        "THBKX",
        "[email] and [phone] already",
        "11111111-2222-4333-8444-912345678901",
        "2026-12-21T18:31:04.067123+00:00",
        "2026-12-21 18:31:04.065432+00",
        "2026-12-21T18:31:04.091234Z",
        "staff:91234567-2222-4333-8444-912345678901",
        "a café’s “½” — as it was",
    ],
)
async def test_leaves(owner: asyncpg.Connection, text: str) -> None:
    assert await scrub(owner, text) == text


@pytest.mark.parametrize(
    ("number", "is_one"),
    # Each with its right check digit.
    [
        ("811218-9876", True),
        ("811278-9873", True),
        ("811201-9875", True),
        ("811231-9879", True),
        ("811200-9876", False),
        ("811232-9878", False),
        ("811260-9873", False),
        ("811292-9875", False),
        ("811318-9875", False),
        ("810018-9870", False),
    ],
)
async def test_a_personnummer_has_a_day_and_a_month(
    owner: asyncpg.Connection, number: str, is_one: bool
) -> None:
    assert luhn.is_valid(number.replace("-", ""))
    assert await owner.fetchval("select casebase.has_check_digits('personnummer', $1)", number) is is_one


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Mr Tan Ah Kow called", "Mr [name] called"),
        ("her name is Siti binte Rahman and", "her name is [name] and"),
        ("account no. 12345678901 please", "account no. [account] please"),
        ("born on 3 Feb 1980 in", "born on [birth-date] in"),
    ],
)
async def test_masks_what_the_words_around_it_tell(owner: asyncpg.Connection, text: str, masked: str) -> None:
    assert await scrub(owner, text) == masked


async def test_a_number_within_a_word_of_ours_is_masked(owner: asyncpg.Connection) -> None:
    assert await scrub(owner, "wa_91234567 and ic_S1234567D") == "wa_[phone] and ic_[nric]"


@pytest.mark.parametrize(
    ("name", "text"), [("陈伟明", "请联系陈伟明先生"), ("王伟", "王伟说"), ("Ｒａｃｈｅｌ", "ask Rachel")]
)
async def test_a_name_is_found_in_any_script(owner: asyncpg.Connection, name: str, text: str) -> None:
    assert "[subject]" in await scrub(owner, text, name)


async def test_masks_a_whole_name_before_its_parts(owner: asyncpg.Connection) -> None:
    assert (
        await scrub(owner, "Wei and Tan Wei Ming", "Tan", "Wei", "Ming", "Tan Wei Ming")
        == "[subject] and [subject]"
    )


async def test_a_number_under_a_personal_key_is_masked_an_amount_is_not(owner: asyncpg.Connection) -> None:
    document = {"phone": 91234567, "account_no": "12345678", "loan": 91234567.5, "account_balance": 500000}
    hidden = {"homePhone": 61234567, "bankAccountNo": "1234 5678 90", "account": "12-34-56 7890"}
    result = await owner.fetchval("select casebase.scrub_json($1)", json.dumps(document | hidden))
    masked = dict.fromkeys(("phone", "account_no", *hidden), "[number]")
    assert json.loads(result) == document | masked


async def test_a_telephone_number_is_one_with_a_point_too(owner: asyncpg.Connection) -> None:
    result = await owner.fetchval("select casebase.scrub_json($1)", '{"w": 6591234567.0, "loan": 750000.50}')
    assert json.loads(result) == {"w": "[phone]", "loan": 750000.5}


async def test_masks_the_known_subject_whatever_the_case(owner: asyncpg.Connection) -> None:
    text = "Spoke to TAN WEI MING (c/o unit 5) about it; tan wei ming agreed"
    expected = "Spoke to [subject] (c/o unit 5) about it; [subject] agreed"
    assert await scrub(owner, text, "Tan Wei Ming") == expected


async def test_a_subject_with_pattern_signs_is_taken_literally(owner: asyncpg.Connection) -> None:
    assert await scrub(owner, r"a.b(c)* and aXb", "a.b(c)*") == "[subject] and aXb"


async def test_is_idempotent(owner: asyncpg.Connection) -> None:
    once = await scrub(owner, "kim@example.com +65 9123 4567 S1234567D Harbour Bank 4111111111111111")
    assert await scrub(owner, once) == once == "[email] [phone] [nric] [bank] [card]"


async def test_json_is_scrubbed_in_keys_values_and_depth(owner: asyncpg.Connection) -> None:
    document = {
        "a": ["kim@example.com", {"kim@example.com": "91234567"}],
        "n": 4111111111111111,
        "m": 500000,
        "z": None,
    }
    result = await owner.fetchval("select casebase.scrub_json($1)", json.dumps(document))
    assert json.loads(result) == {
        "a": ["[email]", {"[email]": "[phone]"}],
        "n": "[card]",
        "m": 500000,
        "z": None,
    }


async def test_clients_cannot_read_the_masked_terms(owner: asyncpg.Connection) -> None:
    for role in ("anon", "authenticated", "service_role", "casebase_analyst"):
        assert not await owner.fetchval(
            "select has_table_privilege($1, 'casebase.masked_terms', 'select')", role
        )


async def test_a_module_may_keep_what_others_mask(owner: asyncpg.Connection) -> None:
    text = "levy at Harbour Bank, call 212-555-0134"
    assert await owner.fetchval("select casebase.scrub_text($1, '{}', false)", text) == (
        "levy at Harbour Bank, call [phone]"
    )
    kept = await owner.fetchval(
        "select casebase.scrub_json($1, '{}', false)", json.dumps({"bank": "Harbour Bank", "of": ["HBK"]})
    )
    assert json.loads(kept) == {"bank": "Harbour Bank", "of": ["HBK"]}


@pytest.mark.parametrize(
    "written", ["555-123-4567", "555.123.4567", "5551234567", "555/123/4567", "+1 (555) 123 4567"]
)
async def test_the_known_telephone_in_any_form(owner: asyncpg.Connection, written: str) -> None:
    text = await scrub(owner, f"call {written} at noon", "(555) 123-4567")
    assert "4567" not in text
    assert text.endswith(" at noon")


async def test_a_number_that_no_reader_can_parse_is_masked(owner: asyncpg.Connection) -> None:
    scrubbed = await owner.fetchval("select casebase.scrub_json($1)", '{"n": 1e5000, "m": 12.50}')
    assert json.loads(scrubbed) == {"n": "[number]", "m": 12.5}
