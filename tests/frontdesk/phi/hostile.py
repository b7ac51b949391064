"""Texts that a careless pattern takes for ever to read: long runs of what it hopes to find an end of."""

from __future__ import annotations

UNITS = (
    "a", "A ", "Aa ", "1", "1 ", "1-", "12 ", "@", "a@", "a.", "a@a.", "0", "01 ", "+1", "+", "(", "( at )a ",
    "dob ", "dob 1/1/1 ", "AA00 AAAA ", "GB88 WEST 3837 8401 7001 1 ", "1 Aa ", "Aaveien ", "1 Ab Cd Ef Gh ",
    "order ", "patient no ", "mrn is no no ", "John ", "J. ", "John Smith ", "call 91234567 ", "91234567 ",
    "diagnosed with ", "type 2 ", "[name]", "[", "4111 1111 1111 1111 ", "123e4567-e89b-12d3-a456-", "Mr Aa ", "a-",
    "a'a", "e\u0301", "\ufdfa", "a\u200b", "Blk 1 Aa, ", "Aa, ", "王小", "123 45 ", "#12-", "\t", " ", "Aa. ",
    "0123 456789 ", "live 1 aa bb road", "12 March ",
)  # fmt: skip


def hostile_texts(length: int) -> list[str]:
    return [(unit * (length // len(unit) + 1))[:length] for unit in UNITS]
