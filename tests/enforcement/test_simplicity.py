"""A Simplicity export is read row by row; what cannot be used says why, and nothing of itself."""

from __future__ import annotations

import tracemalloc
from io import StringIO
from itertools import islice

import pytest

from casebase.modules.enforcement.simplicity import ColumnsMissingError, Row, read_rows

HEAD = "Case Number,Plaintiff,Defendant,Judgment Amount"


def rows(*lines: str, head: str = HEAD) -> list[Row]:
    return list(read_rows(StringIO("".join(f"{line}\r\n" for line in (head, *lines)), newline="")))


def one(head: str, cell: str) -> Row:
    (row,) = rows(f'1/24,Harbor LLC,Jordan Quill,100,"{cell}"', head=f"{HEAD},{head}")
    return row


def test_headers_are_read_however_they_are_written() -> None:
    (row,) = rows(
        "CV-1/24, Harbor  Supply LLC ,Jordan Quill,$1_0,x".replace("_", ""),
        head="INDEX  #,creditor,Judgment-Debtor, AMOUNT ,Remarks".replace("INDEX  #", "Index No."),
    )
    assert row == Row(
        1,
        {
            "case_number": "CV-1/24",
            "plaintiff_name": "Harbor Supply LLC",
            "defendant_name": "Jordan Quill",
            "judgment_amount": "10",
        },
    )


def test_a_file_without_its_columns_is_none_of_ours() -> None:
    for head in ("", "a,b,c", "Case Number;Plaintiff;Defendant;Judgment Amount"):
        with pytest.raises(ColumnsMissingError) as refused:
            rows(head=head)
        assert "judgment_amount" in refused.value.detail["columns"]


@pytest.mark.parametrize(
    ("head", "cell", "field", "value"),
    [
        ("Balance", "$12,500.50", "balance_due", "12500.50"),
        ("Balance", "900", "balance_due", "900"),
        ("Date of Judgment", "3/5/2024", "judgment_date", "2024-03-05"),
        ("Date of Judgment", "2024-03-05T00:00:00", "judgment_date", "2024-03-05"),
        ("State", "ny", "state", "NY"),
        ("Priority", "On Hold", "priority_level", "on_hold"),
        ("Zip", "11201-0001", "defendant_postcode", "11201-0001"),
    ],
)
def test_what_is_written_in_many_ways(head: str, cell: str, field: str, value: str) -> None:
    row = one(head, cell)
    assert (row.fields[field], row.reasons) == (value, [])


@pytest.mark.parametrize(
    ("head", "cell", "field"),
    [
        ("Balance", "12.500,00", "balance_due"),
        ("Balance", "(500)", "balance_due"),
        ("Balance", "1,23", "balance_due"),
        ("Balance", "٣", "balance_due"),
        ("Date of Judgment", "13/13/2024", "judgment_date"),
        ("Date of Judgment", "5.3.2024", "judgment_date"),
        ("State", "New York", "state"),
        ("Priority", "soon", "priority_level"),
        ("Plaintiff Type", "ship", "plaintiff_kind"),
        ("Debtor Phone", "none", "defendant_phone"),
        ("Debtor Email", "nobody", "defendant_email"),
        ("Court", "x" * 1001, "court"),
        ("Court", "a\0b", "court"),
        ("Court", "caf\udce9", "court"),
    ],
)
def test_what_cannot_be_used_says_why(head: str, cell: str, field: str) -> None:
    (reason,) = one(head, cell).reasons
    assert reason.startswith(f"{field}: ")
    assert cell not in reason


def test_a_rejected_row_can_be_stored() -> None:
    row = one("Court", "caf\udce9\0")
    assert row.fields["court"].encode() == "caf\ufffd\ufffd".encode()


def test_missing_cells_and_odd_rows() -> None:
    reasons = [row.reasons for row in rows("1/24,,Jordan,100", "2/24,A,B", "3/24,A,B,1,2", "4/24,A,B,0")]
    assert reasons == [
        ["plaintiff_name: is missing"],
        ["row: must have as many cells as there are headers"],
        ["row: must have as many cells as there are headers"],
        ["judgment_amount: must be more than 0"],
    ]


def test_lines_without_cells_do_not_count() -> None:
    assert [row.number for row in rows("1/24,A,B,1", "", ",,,", "2/24,A,B,1")] == [1, 2]


def test_a_cell_without_an_end_costs_its_row() -> None:
    found = rows("1/24,A,B,1", '2/24,"A' + "x" * 140_000, "3/24,A,B,1")
    assert [row.number for row in found] == [1, 2, 3]
    assert [bool(row.reasons) for row in found] == [False, True, False]


class Endless:
    """A file whose first line names the columns and that goes on with ``rest`` for ever, unless it is read to its end."""

    def __init__(self, rest: str, most: int) -> None:
        self._rest, self._most = rest, most
        self.read = 0
        self.held = 0

    def readline(self, limit: int, /) -> str:
        part = f"{HEAD}\n" if self.read == 0 else self._rest[:limit] if self.read < self._most else ""
        self.read += len(part)
        self.held = max(self.held, len(part))
        return part


def test_it_reads_no_further_than_asked() -> None:
    source = Endless("1/24,A,B,1\n", most=10**9)
    assert len(list(islice(read_rows(source), 3))) == 3
    assert source.read < 200


def test_a_row_that_is_too_long_costs_itself_alone() -> None:
    long = "x" * 3_000_000
    found = rows("1/24,A,B,1", f"2/24,A,{long},1", "3/24,A,B,1", f'4/24,A,"{long}"' + "\r\n5/24,A,B,1")
    assert [(row.number, bool(row.reasons)) for row in found] == [
        (1, False), (2, True), (3, False), (4, True), (5, False),
    ]  # fmt: skip
    assert found[1] == Row(2, {}, ["row: must have at most 65536 characters"])


@pytest.mark.parametrize("rest", ["x" * 10**6, '"x\n', 'y","\n'])
def test_a_row_without_an_end_is_never_held(rest: str) -> None:
    source = Endless(rest, most=1_250_000)
    tracemalloc.start()
    for row in read_rows(source):
        assert row.reasons
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert source.read >= 1_250_000
    assert source.held <= 65_537
    assert peak < 1_000_000


def test_headers_without_an_end_are_none() -> None:
    with pytest.raises(ColumnsMissingError):
        rows(head=HEAD + "," + "x" * 100_000)
