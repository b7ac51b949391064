"""The detectors: what they must find, what they must leave, and what holds for any text at all."""

from __future__ import annotations

import string
import unicodedata

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from stdnum import luhn

from casebase.kernel.privacy.detectors import LONGEST, find, mask, mask_json

PERSONAL = {
    "kim.lee+home@mail.example.co.uk": "[email]",
    "kim (at) example (dot) com": "[email]",
    "+65 9123 4567": "[phone]",
    "9123 4567": "[phone]",
    "6512 3456": "[phone]",
    "+1 (415) 555-2671": "[phone]",
    "+47 22 12 34 56": "[phone]",
    "070-123 45 67": "[phone]",
    "S1234567D": "[nric]",
    "s 1234567 d": "[nric]",
    "T0123456G": "[nric]",
    "F1234567N": "[nric]",
    "M1234567K": "[nric]",
    "811218-9876": "[national-id]",
    "19811218-9876": "[national-id]",
    "01010750160": "[national-id]",
    "GB82 WEST 1234 5698 7654 32": "[iban]",
    "NO9386011117947": "[iban]",
    "4111 1111 1111 1111": "[card]",
    "123-45678-9": "[account]",
    "123-456-789-0": "[account]",
    "#05-67": "[address]",
    "Singapore 560123": "[address]",
    "Blk 123A Ang Mo Kio Avenue 3": "[address]",
    "12 Orchard Road": "[address]",
    "7 Jalan Besar": "[address]",
    "Siti binte Rahman": "[name]",
    "192.168.10.4": "[ip]",
    "E1234567A": "[passport]",
}
LONG_GAPS = ("dob", "date of birth", "passport", "passport no", "account", "Mr", "Blk", "A")
IN_CONTEXT = {
    "Mr Tan Ah Kow called": "Mr [name] called",
    "Dear Mdm. Goh, hello": "Dear Mdm. [name], hello",
    "my name is Rachel Tan.": "my name is [name].",
    "account no: 12345678901 please": "account no: [account] please",
    "passport number K7654321X": "passport number [passport]",
    "born on 3 Feb 1980 in": "born on [birth-date] in",
}
HARMLESS = [
    "",
    "a loan of 500000.00 over 300 months",
    "on 2026-01-31 at 14:05",
    "S1234567X",
    "4111 1111 1111 1112",
    "811218-9875",
    "GB82 WEST 1234 5698 7654 33",
    "order 12345678",
    "TDSR 55 %, MSR 30 %, LTV 75 %",
    "S$91,234,567.00",
    "11111111-2222-4333-8444-912345678901",
    "2026-12-21T18:31:04.067123+00:00",
    "2026-12-21 18:31:04.065432+00",
    "2026-12-21T18:31:04.091234Z",
    "I am interested in the second one",
    "[email] and [phone] already",
    "0f" * 32,
]


@pytest.mark.parametrize(("value", "shown"), PERSONAL.items())
@pytest.mark.parametrize("frame", ["{}", "see {} today", "({})", "{}; then {}", "x: {}."])
def test_masks(value: str, shown: str, frame: str) -> None:
    assert mask(frame.format(value, value)) == frame.format(shown, shown)


@pytest.mark.parametrize(("text", "masked"), IN_CONTEXT.items())
def test_masks_what_the_words_around_it_tell(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize("text", HARMLESS)
def test_leaves(text: str) -> None:
    assert find(text) == []
    assert mask(text) == text


def test_finds_where_and_what() -> None:
    text = "ask kim@example.com or 9123 4567"
    assert [(text[f.start : f.end], f.kind) for f in find(text)] == [
        ("kim@example.com", "email"),
        ("9123 4567", "phone"),
    ]


def test_reads_a_text_as_it_looks() -> None:
    for text in ("９１２３　４５６７", "9123\u200b4567", "9\u00ad1234567"):
        assert [(f.start, f.end, f.kind) for f in find(f"é {text} é")] == [(2, 2 + len(text), "phone")]


def test_knows_the_subject_and_the_terms() -> None:
    text = "RACHEL  tan asked dbs, and Rachelle the DBSX"
    masked = mask(text, subject=["Rachel Tan"], terms={"DBS": "Bank C"})
    assert masked == "[subject] asked Bank C, and Rachelle the DBSX"


def test_what_overlaps_is_one_finding_of_the_more_specific_kind() -> None:
    assert mask("kim.9123@example.com", subject=["9123"]) == "[subject]"
    assert mask("S1234567D@example.com") == "[email]"


def test_json_is_masked_in_keys_values_and_depth_but_for_what_is_kept() -> None:
    document = {"a": ["kim@example.com", {"91234567": "Mr Tan"}], "bank": "Mr Bank", "n": 5, "z": None}
    assert mask_json(document, keep={"bank"}) == {
        "a": ["[email]", {"[phone]": "Mr [name]"}],
        "bank": "Mr Bank",
        "n": 5,
        "z": None,
    }


# What holds for any text

texts = st.one_of(
    st.text(max_size=200),
    st.text(string.digits + string.ascii_letters + " .-+@/#()", max_size=200),
    st.lists(st.sampled_from([*PERSONAL, *IN_CONTEXT, *HARMLESS, "x", "9", "[", "A"]), max_size=6).map(
        " ".join
    ),
    st.lists(st.sampled_from([*PERSONAL, *HARMLESS, "1", "-", "A"]), max_size=6).map("".join),
)


@settings(deadline=None)
@given(texts)
def test_findings_are_ordered_apart_and_inside(text: str) -> None:
    at = 0
    for found in find(text):
        assert at <= found.start < found.end <= len(text)
        at = found.end


@settings(deadline=None)
@given(texts)
def test_masking_again_changes_nothing(text: str) -> None:
    once = mask(text)
    assert mask(once) == once


@settings(deadline=None)
@given(st.sampled_from([*PERSONAL]), st.text(" ,.;\n", max_size=3), st.sampled_from(["", "then", "about it"]))
def test_nothing_personal_survives_its_surroundings(value: str, between: str, after: str) -> None:
    assert value not in mask(f"{after} {between}{value}{between} {after}")


@settings(deadline=None)
@given(st.text(string.digits, min_size=12, max_size=18))
def test_any_number_with_a_cards_check_digit_is_masked(digits: str) -> None:
    assume(set(digits) != {"0"})
    assert mask(f"card {digits}{luhn.calc_check_digit(digits)}") == "card [card]"


@settings(deadline=None)
@given(st.sampled_from("STFGM"), st.text(string.digits, min_size=7, max_size=7))
def test_one_letter_of_all_makes_an_nric(first: str, digits: str) -> None:
    masked = [letter for letter in string.ascii_uppercase if mask(f"{first}{digits}{letter}") == "[nric]"]
    assert len(masked) == 1


@settings(deadline=None)
@given(st.sampled_from([*PERSONAL]), st.data())
def test_wide_forms_and_invisible_characters_hide_nothing(value: str, data: st.DataObject) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in value)
    assert unicodedata.normalize("NFKC", wide) == value
    place = data.draw(st.integers(1, len(value) - 1))
    for form in (wide, value[:place] + "\u200b" + value[place:]):
        assert mask(f"x {form} y") == mask(f"x {value} y")


@pytest.mark.parametrize("word", LONG_GAPS)
def test_a_long_gap_is_passed_over_at_once(word: str) -> None:
    """Looked at from each of its places anew, it would keep the process busy for minutes."""
    assert find(word + " " * 300_000) == []


def test_a_long_chain_of_names_is_passed_over_at_once() -> None:
    find("A-" * 150_000)


@pytest.mark.parametrize(("name", "text"), [("陈伟明", "姓名：陈伟明先生"), ("王伟", "王伟说")])
def test_a_name_in_a_script_without_spaces_is_found(name: str, text: str) -> None:
    assert mask(text, subject=[name]) == text.replace(name, "[subject]")


@pytest.mark.parametrize("number", ["9123‑4567", "9123–4567", "௯௧௨௩௪௫௬௭", "9123\u2066\u20694567"])
def test_a_number_is_read_as_it_looks(number: str) -> None:
    assert mask(f"call {number} now") == "call [phone] now"


def test_a_text_that_no_rpc_takes_is_not_looked_through() -> None:
    text = "call +65 9123 4567 " * 1000
    assert mask(text) == text
    assert "9123" not in mask(text[:LONGEST])
