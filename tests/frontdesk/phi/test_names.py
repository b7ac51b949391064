from __future__ import annotations

import pytest

from casebase.modules.frontdesk.phi import KnownNames, scan_phi


def masked(text: str, *names: str) -> str:
    return scan_phi(text, names=KnownNames(names)).masked_text


@pytest.mark.parametrize(
    "said",
    [
        "Anna Berg",
        "anna berg",
        "ANNA BERG",
        "Berg, Anna",
        "Berg Anna",
        "A. Berg",
        "Berg A.",
        "Anna Maria Berg",
        "Anna M. Berg",
    ],
)
def test_a_name_is_found_in_the_ways_people_write_it(said: str) -> None:
    assert masked(f"It was {said}.", "Anna Maria Berg").startswith("It was [name]")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Jan van der Berg", "van der Berg, Jan"),
        ("José María García López", "García López, José María"),
        ("Nguyen Thi Minh Khai", "Minh Khai Nguyen Thi"),
    ],
)
def test_all_of_a_family_name_may_stand_first(name: str, said: str) -> None:
    assert masked(f"It was {said}.", name) == "It was [name]."


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Jürgen Müller", "Juergen Mueller"),
        ("Jürgen Müller", "Jurgen Muller"),
        ("Mueller, Jürgen", "Jürgen Müller"),
        ("Søren Kjærgaard", "Soren Kjaergaard"),
        ("Åse Dahl", "Aase Dahl"),
        ("Sarah O'Brien", "Sarah OBrien"),
        ("Sarah O'Brien", "Sarah O’Brien"),
        ("Muthu s/o Subramaniam", "Muthu s/o Subramaniam"),
    ],
)
def test_accents_and_their_spellings_meet(name: str, said: str) -> None:
    assert masked(f"Ask {said} please", name) == "Ask [name] please"


def test_a_genitive_is_a_name_too() -> None:
    assert masked("Kari Nordmanns time", "Kari Nordmann") == "[name] time"
    assert masked("John Smith's car", "John Smith") == "[name]'s car"


def test_signs_without_spaces_are_found_within_words() -> None:
    assert masked("请告诉王小明他的订单到了", "王小明") == "请告诉[name]他的订单到了"


def test_names_are_read_as_they_look() -> None:
    assert masked("タナカタロウさん、どうぞ", "ﾀﾅｶ ﾀﾛｳ") == "[name]さん、どうぞ"
    # A mark that has no letter before it is no word, nor a reason to find nobody.
    assert masked("Ada Byron", "Jo ﾞ Berg", "Ada Byron") == "[name]"


@pytest.mark.parametrize(
    "text",
    [
        "It may long be so",
        "Mark price tags",
        "the Smith",
        "John. And smiths",
        "John\nSmith",
        "John, Anna, Smith",
    ],
)
def test_words_that_are_names_are_words_where_nobody_is_meant(text: str) -> None:
    assert masked(text, "May Long", "Mark Price", "John Smith") == text


def test_a_name_of_one_word_is_any_word() -> None:
    assert masked("May comes in May", "May") == "May comes in May"
    assert masked("Frau May kommt", "May") == "Frau [name] kommt"


def test_fifty_thousand_names_are_looked_up_as_one() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    many = KnownNames(
        f"An{a}{b} Le{c}{d}o" for a in letters for b in letters for c in "abcdefgh" for d in letters[:10]
    )
    assert (
        scan_phi("Is Anxy Lehjo in? Anxy Lezzo is not.", names=many).masked_text
        == "Is [name] in? Anxy Lezzo is not."
    )
