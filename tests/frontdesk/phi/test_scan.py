from __future__ import annotations

import re
import sys
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casebase.modules.frontdesk.phi import KnownNames, PhiScan, PhiType, scan_phi
from tests.frontdesk.phi.hostile import hostile_texts
from tests.frontdesk.phi.labelled import customers, sentences

NAMES = KnownNames(customers())
TEXTS = [sentence.text for sentence in sentences()]
WORDS = sorted({word for text in TEXTS for word in text.split()})
SIGNS = st.characters(codec="utf-8")

lines = st.one_of(
    st.sampled_from(TEXTS),
    st.lists(st.sampled_from(TEXTS), min_size=2, max_size=3).map(" ".join),
    st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join),
    st.text(st.one_of(SIGNS, st.sampled_from("0123456789 +-./@:#[]()\u200b\u2011\uff11\u0301")), max_size=80),
).map(lambda text: text.replace("\n", " "))
texts = st.lists(lines, max_size=4).map("\n".join)


def scan(text: str) -> PhiScan:
    return scan_phi(text, names=NAMES)


def found(result: PhiScan) -> list[tuple[str, int, int]]:
    return [(finding.phi_type, finding.start, finding.end) for finding in result.findings]


def is_said(value: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text) is not None


class TestInvariants:
    @given(texts)
    @settings(deadline=None)
    def test_spans_lie_in_the_text_in_order_and_apart(self, text: str) -> None:
        end = 0
        for finding in scan(text).findings:
            assert end <= finding.start < finding.end <= len(text)
            assert 0 < finding.score <= 1
            end = finding.end

    @given(lines)
    @settings(deadline=None)
    def test_what_is_found_is_said_nowhere_else(self, line: str) -> None:
        result = scan(line)
        for finding in result.findings:
            value = line[finding.start : finding.end]
            kept = re.sub(r"\[[a-z_]+\]", "\ufffc", result.masked_text)
            assert not is_said(value, kept)
            assert not is_said(value, re.sub(r"\[[a-z_]+\]", "\ufffc", finding.context))
            assert len(value) < 3 or value not in finding.masked_value.strip("[]").split(" ")

    @given(texts)
    @settings(deadline=None)
    def test_masking_twice_changes_nothing(self, text: str) -> None:
        masked = scan(text).masked_text
        assert scan(masked).masked_text == masked

    @given(st.lists(lines, min_size=1, max_size=4))
    @settings(deadline=None)
    def test_parts_joined_by_newlines_are_found_as_alone(self, parts: list[str]) -> None:
        at, alone = 0, []
        for part in parts:
            alone += [(kind, start + at, end + at) for kind, start, end in found(scan(part))]
            at += len(part) + 1
        whole = scan("\n".join(parts))
        assert found(whole) == alone
        assert whole.masked_text == "\n".join(scan(part).masked_text for part in parts)

    @given(texts)
    @settings(deadline=None)
    def test_only_what_was_found_is_changed(self, text: str) -> None:
        result, at, kept = scan(text), 0, []
        for finding in result.findings:
            kept += [text[at : finding.start], f"[{finding.phi_type}]"]
            at = finding.end
        assert result.masked_text == "".join([*kept, text[at:]])

    @pytest.mark.parametrize("text", hostile_texts(100_000), ids=lambda text: repr(text[:8]))
    def test_long_hostile_texts_come_to_an_end(self, text: str) -> None:
        assert len(scan(text).masked_text) > 0


def steps(text: str, names: KnownNames = NAMES) -> int:
    """Count the lines of the scan that are run for a text; what it keeps for the next one is there already."""
    scan_phi(text, names=names)
    count = 0

    def step(frame: FrameType, event: str, _: object) -> Any:
        nonlocal count
        count += 1
        return step if "/frontdesk/phi/" in frame.f_code.co_filename else None

    before = sys.gettrace()
    sys.settrace(step)
    try:
        scan_phi(text, names=names)
    finally:
        sys.settrace(before)
    return count


class TestWork:
    @pytest.mark.parametrize("nth", range(len(hostile_texts(1))))
    def test_grows_no_faster_than_the_text(self, nth: int) -> None:
        short, long = (hostile_texts(length)[nth] for length in (1500, 6000))
        assert steps(long) <= 4.5 * steps(short)

    def test_is_the_same_however_long_customers_names_are(self) -> None:
        some, many = (KnownNames("一" * signs + "三" for signs in range(2, most)) for most in (20, 199))
        assert steps("一" * 1000, many) == steps("一" * 1000, some)

    def test_of_a_name_without_spaces_its_beginning_is_known(self) -> None:
        name = "アレクサンダーハミルトンとその仲間たち"
        assert scan_phi(f"私は{name}です", names=[name]).findings[0].masked_value == "[name]"

    @pytest.mark.parametrize("said", ["ada@example.com", "ada(at)example.com"])
    def test_an_address_has_no_more_characters_than_one_may_have(self, said: str) -> None:
        (found,) = scan(said + ".an" * 1000).findings
        assert (found.phi_type, found.end - found.start) == (PhiType.EMAIL, 254)

    def test_of_two_repeated_values_the_longer_one_is_found_again(self) -> None:
        text = "dob 12 March, dob 12 March 1984: 12 March 1984 or 12 March, not 12 Marching"
        assert scan(text).masked_text == (
            "dob [birth_date], dob [birth_date]: [birth_date] or [birth_date], not 12 Marching"
        )


class TestActions:
    TEXT = "Ring me on 07911 123456."

    def test_a_text_is_blocked_only_if_asked_and_only_for_a_finding(self) -> None:
        assert scan_phi(self.TEXT, "blocked").is_blocked
        assert not scan_phi(self.TEXT, "alerted").is_blocked
        assert not scan_phi(self.TEXT).is_blocked
        assert not scan_phi("What time do you open?", action="blocked").is_blocked

    def test_what_is_less_sure_than_asked_is_left_in_the_text(self) -> None:
        text = "Do you sell aspirin?"
        assert scan_phi(text).masked_text == "Do you sell [medication]?"
        assert scan_phi(text, min_score=0.5).masked_text == text
        assert not scan_phi(text, action="blocked", min_score=0.5).is_blocked


class TestWhatIsKept:
    def test_a_context_masks_its_neighbours_too(self) -> None:
        result = scan("John Smith, born 12/03/1984, takes warfarin")
        assert {finding.context for finding in result.findings} == {
            "[name], born [birth_date], takes [medication]"
        }

    def test_a_context_masks_even_what_is_left_in_the_text(self) -> None:
        result = scan_phi("Do you sell aspirin? Ring 07911 123456", min_score=0.5)
        assert result.masked_text == "Do you sell aspirin? Ring [phone]"
        assert [finding.context for finding in result.findings] == ["Do you sell [medication]? Ring [phone]"]

    def test_a_context_is_of_its_line_and_short(self) -> None:
        text = "secret plan\n" + "word " * 40 + "ring 07911 123456 " + "word " * 40 + "\nanother line"
        (finding,) = scan(text).findings
        assert finding.context.startswith("…word ")
        assert finding.context.endswith(" word…")
        assert len(finding.context) < 100
        assert "secret" not in finding.context

    def test_only_cards_and_accounts_keep_their_last_digits(self) -> None:
        result = scan("John Smith pays with 4111 1111 1111 1111, ring 07911 123456")
        assert [finding.masked_value for finding in result.findings] == ["[name]", "[card …1111]", "[phone]"]

    @pytest.mark.parametrize(
        ("text", "mask"),
        [
            ("card ４１１１ １１１１ １１１１ １１１１", "[card …1111]"),
            ("GB82 WEST 1234 5698 7654 ３２", "[iban …5432]"),
            # What runs on as a street's number is one finding with it.
            ("card 4111 1111 1111 1111 Quill Road, Oslo", "[card …1111]"),
        ],
    )
    def test_and_nothing_but_digits(self, text: str, mask: str) -> None:
        assert [finding.masked_value for finding in scan(text).findings] == [mask]

    def test_a_value_found_once_is_masked_wherever_the_line_repeats_it(self) -> None:
        assert scan("Order 91234567, call 91234567").masked_text == "Order [phone], call [phone]"


class TestNumbers:
    @pytest.mark.parametrize(
        ("text", "masked"),
        [
            ("US cell: 4155552671", "US cell: [phone]"),
            ("4155552671", "[phone]"),
            ("We counted 4155552671 of them", "We counted 4155552671 of them"),
            ("Text me about order number 4155552671", "Text me about order number 4155552671"),
            ("Mob 07911123456, ph: 6123 4567", "Mob [phone], ph: [phone]"),
        ],
    )
    def test_bare_digits_are_a_phone_beside_a_cue_or_alone(self, text: str, masked: str) -> None:
        assert scan(text).masked_text == masked

    def test_a_social_security_number_may_have_dots_beside_its_cue(self) -> None:
        assert scan("ssn 448.51.2203").masked_text == "ssn [ssn]"
        assert scan("version 448.51.2203").masked_text == "version 448.51.2203"


class TestFolding:
    @pytest.mark.parametrize(
        ("text", "masked"),
        [
            ("ring ０７９１１ １２３４５６ now", "ring [phone] now"),
            ("ssn 448–51–2203", "ssn [ssn]"),
            ("nric S1234\u200b567\u200dD", "nric [nric]"),
            ("JOHN\u00a0SMITH", "[name]"),
            ("A\u030ase Bjørnstad ringte", "[name] ringte"),
            ("ssn: ٤٤٨-٥١-٢٢٠٣", "ssn: [ssn]"),
        ],
    )
    def test_numbers_and_names_are_read_as_they_look(self, text: str, masked: str) -> None:
        assert scan(text).masked_text == masked


class TestInstants:
    def test_an_instant_is_nobodys_unless_somebody_was_born(self) -> None:
        assert not scan(
            "created 2026-03-12T09:15:00.123456Z, id 123e4567-e89b-12d3-a456-426614174000"
        ).findings
        (born,) = scan('{"birth_date": "1984-03-12T00:00:00Z"}').findings
        assert born.phi_type == PhiType.BIRTH_DATE


class TestHealth:
    def score(self, text: str) -> float:
        (score,) = [
            f.score for f in scan(text).findings if f.phi_type in (PhiType.MEDICATION, PhiType.DIAGNOSIS)
        ]
        return score

    def test_a_word_says_more_beside_a_cue_and_most_beside_a_person(self) -> None:
        alone = self.score("Asthma leaflets are in the hall")
        cued = self.score("He was diagnosed with asthma")
        beside = self.score("John Smith was diagnosed with asthma")
        assert alone < 0.5 < cued < beside

    @pytest.mark.parametrize("text", ["I am pregnant", "She's pregnant", "My wife is pregnant"])
    def test_who_is_pregnant_has_no_cue_before_it(self, text: str) -> None:
        assert self.score(text) > 0


class TestCheckDigits:
    @pytest.mark.parametrize(
        ("valid", "invalid"),
        [
            ("NHS number 123 456 7881", "NHS number 123 456 7882"),
            ("NRIC S1234567D", "NRIC S1234567C"),
            ("card 4111 1111 1111 1111", "card 4111 1111 1111 1112"),
            ("IBAN GB82 WEST 1234 5698 7654 32", "IBAN GB82 WEST 1234 5698 7654 33"),
            ("personnummer 811218-9876", "personnummer 811218-9875"),
            ("ssn 536-22-8841", "ssn 666-22-8841"),
            ("fødselsnummer 17054026641", "fødselsnummer 17054026642"),
        ],
    )
    def test_a_number_with_a_wrong_digit_is_nobodys(self, valid: str, invalid: str) -> None:
        assert len(scan(valid).findings) == 1
        assert scan(invalid).findings == ()
