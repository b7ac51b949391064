import re

import pytest

from casebase.console.kit.table import decode_position, encode_position
from casebase.kernel.errors import InvalidInputError

NOTES = "/console/gallery/notes"


def titles(html):
    return re.findall(r'class="row-link"[^>]*>([^<]+)<', html)


def link(html, rel):
    found = re.search(rf'href="([^"]+)" rel="{rel}"', html)
    return found and found[1].replace("&amp;", "&")


async def walk(client, url, *, between=None):
    seen = []
    while url:
        html = (await client.get(url)).text
        seen += titles(html)
        if between:
            await between()
        url = link(html, "next")
    return seen


@pytest.mark.parametrize("sort", ["-created_at", "created_at", "title", "-title", "amount", "-amount"])
async def test_pages_neither_skip_nor_repeat_while_rows_arrive(console, member, sort):
    expected = [f"Note {number:02}" for number in range(25)]
    await console.add_notes(*expected)

    async def insert():
        await console.add_notes("Note 00 new", "Note 99 new")

    seen = [
        title for title in await walk(member, f"{NOTES}?sort={sort}", between=insert) if "new" not in title
    ]
    assert sorted(seen) == expected
    assert len(seen) == len(set(seen))


async def test_sorting_turns_round(console, member):
    await console.add_notes("B", "A", "C")
    assert titles((await member.get(f"{NOTES}?sort=title")).text) == ["A", "B", "C"]
    html = (await member.get(f"{NOTES}?sort=-title")).text
    assert titles(html) == ["C", "B", "A"]
    assert 'aria-sort="descending"><a href="/console/gallery/notes?sort=title"' in html


async def test_filters_narrow_and_stay_in_links(console, member):
    await console.add_notes(*[f"Won {n}" for n in range(12)], status="won")
    await console.add_notes("Lost", status="lost")
    html = (await member.get(f"{NOTES}?status=won&search=won")).text
    assert len(titles(html)) == 10
    assert "status=won" in link(html, "next")
    assert "search=won" in link(html, "next")
    assert len(await walk(member, f"{NOTES}?status=won&search=won")) == 12


async def test_unknown_sort_and_choice_count_as_absent(console, member):
    await console.add_notes("A")
    assert titles((await member.get(f"{NOTES}?sort=password_hash&status=nonsense")).text) == ["A"]


async def test_empty_list_and_empty_result_say_different_things(member):
    assert "Nothing here yet" in (await member.get(NOTES)).text
    html = (await member.get(f"{NOTES}?search=zebra")).text
    assert "Nothing matches" in html
    assert "Clear filters" in html


async def test_only_rows_of_ones_own_tenants_are_listed(console, member):
    await console.create_tenant("other")
    await console.add_notes("Mine")
    await console.add_notes("Theirs", tenant="other")
    assert titles((await member.get(NOTES)).text) == ["Mine"]


def test_position_survives_the_url():
    position = {"value": "2026-11-21T10:00:00+00:00", "id": "ü/+=", "amount": 1.5, "none": None}
    assert decode_position(encode_position(position)) == position


@pytest.mark.parametrize("text", ["%%%", "x", "bnVsbA", "WzFd", "ü"])
def test_damaged_position_is_refused(text):
    with pytest.raises(InvalidInputError):
        decode_position(text)
