"""Texts that a careless pattern takes for ever to read: long runs of what it hopes to find an end of.

And those that a careless search does: much that is found, of many lengths, beside many places where it could stand again.
"""

from __future__ import annotations

UNITS = (
    "a", "A ", "Aa ", "1", "1 ", "1-", "12 ", "@", "a@", "a.", "a@a.", "0", "01 ", "+1", "+", "(", "( at )a ",
    "dob ", "dob 1/1/1 ", "AA00 AAAA ", "GB88 WEST 3837 8401 7001 1 ", "1 Aa ", "Aaveien ", "1 Ab Cd Ef Gh ",
    "order ", "patient no ", "mrn is no no ", "John ", "J. ", "John Smith ", "call 91234567 ", "91234567 ",
    "diagnosed with ", "type 2 ", "[name]", "[", "4111 1111 1111 1111 ", "123e4567-e89b-12d3-a456-", "Mr Aa ", "a-",
    "a'a", "e\u0301", "\ufdfa", "a\u200b", "Blk 1 Aa, ", "Aa, ", "王小", "123 45 ", "#12-", "\t", " ", "Aa. ",
    "0123 456789 ", "live 1 aa bb road", "12 March ", "一",
)  # fmt: skip


def hostile_texts(length: int) -> list[str]:
    """Make texts of about so many characters, folded."""
    runs = [unit * max(1, length // len(unit)) for unit in UNITS]
    return [*runs, "a@" + "x." * (length // 2), "a@" + "㏂" * (length // 4), _many_addresses(length)]


def _many_addresses(length: int) -> str:
    """Addresses of more and more characters, in half of the text, and words that each could stand at."""
    addresses: list[str] = []
    size = 0
    while size < length // 2:
        nth = len(addresses)
        addresses.append(f"a@b.{'c' * (nth % 60 + 1)}{'.d' * (nth // 60)}")
        size += len(addresses[-1]) + 1
    return " ".join([*addresses, "a " * (length // 4)])
