"""Read a Simplicity export, a CSV file of judgments: row by row, so that a file of any size takes the same memory.

A row is normalised and checked here, and either can be used or carries its reasons, each ``field: rule``: what a row
says is never quoted.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Protocol

from casebase.kernel.errors import CasebaseError

REQUIRED: Final = ("case_number", "plaintiff_name", "defendant_name", "judgment_amount")
HEADERS: Final = {
    "case_number": (
        "case",
        "case_no",
        "docket",
        "docket_number",
        "docket_no",
        "index_number",
        "index_no",
        "file_number",
    ),
    "court": ("court_name",),
    "county": ("county_name",),
    "state": ("st",),
    "judgment_date": ("date_of_judgment", "entry_date", "date_entered", "entered_on"),
    "judgment_amount": ("amount", "judgment_total", "award", "principal"),
    "balance_due": ("balance", "amount_due", "current_balance"),
    "priority_level": ("priority",),
    "plaintiff_name": ("plaintiff", "creditor", "judgment_creditor", "client", "client_name"),
    "plaintiff_kind": ("plaintiff_type",),
    "plaintiff_phone": ("plaintiff_telephone", "client_phone"),
    "plaintiff_email": ("plaintiff_e_mail", "client_email"),
    "defendant_name": ("defendant", "debtor", "judgment_debtor", "debtor_name"),
    "defendant_kind": ("defendant_type", "debtor_type"),
    "defendant_phone": ("defendant_telephone", "debtor_phone"),
    "defendant_email": ("defendant_e_mail", "debtor_email"),
    "defendant_address": ("debtor_address", "address"),
    "defendant_postcode": ("defendant_zip", "debtor_zip", "zip", "zip_code", "postcode"),
}
"""Each field of a row, and other headers for it; case, spaces and punctuation of headers do not count."""

_FIELD_OF: Final = {alias: name for name, aliases in HEADERS.items() for alias in (name, *aliases)}
_MAX_CELL: Final = 1000
_MAX_KEPT: Final = 200
_MAX_ROW: Final = 65_536
_LONGEST: Final = {"court": 120, "county": 80, "defendant_address": 500, "defendant_postcode": 20}
_AMOUNT: Final = re.compile(r"\d{1,9}(\.\d{1,2})?", re.ASCII)
_THOUSANDS: Final = re.compile(r"(\d{1,3})(,\d{3})+(\.\d{1,2})?", re.ASCII)
_AMERICAN_DATE: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
_ISO_DATE: Final = re.compile(r"(\d{4}-\d{2}-\d{2})([T ].*)?", re.ASCII)
_CASE_NUMBER: Final = re.compile(r"(?=.*\d)[A-Za-z0-9#][A-Za-z0-9 #./:()_-]{0,79}", re.ASCII)
_EMAIL: Final = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s]+")
_PHONE: Final = re.compile(r"\D*(\d\D*){7,15}", re.ASCII)
_WORD: Final = re.compile(r"\w")
_UNREADABLE: Final = re.compile(r"[\x00\ud800-\udfff]")


class ColumnsMissingError(CasebaseError):
    """The file's first line does not name the columns that an import needs."""

    code = "columns_missing"
    status = 422


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number (the first below the headers is 1), its fields, and why it cannot be used."""

    number: int
    fields: dict[str, str]
    reasons: list[str] = field(default_factory=list)


class Source(Protocol):
    """An open text file, of which at most so many characters of a line can be read."""

    def readline(self, limit: int, /) -> str:
        """Return the rest of the line, or its next ``limit`` characters; nothing at the end."""


def read_rows(source: Source) -> Iterator[Row]:
    """Yield each row of a CSV file with a line of headers; lines without any cell do not count.

    Columns that are not in ``HEADERS`` are left out. Raises ``ColumnsMissingError`` naming the missing ones.
    """
    lines = _Lines(source)
    reader = csv.reader(lines)
    try:
        headers = next(reader, [])
    except (_RowTooLongError, csv.Error):
        headers = []
    columns = _columns(headers)
    number = 0
    while True:
        lines.begin_row()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except _RowTooLongError:  # as below
            number += 1
            yield Row(number, {}, [f"row: must have at most {_MAX_ROW} characters"])
            continue
        except csv.Error:  # a cell without an end, for one; the reader goes on with the next line
            number += 1
            yield Row(number, {}, ["row: cannot be read as CSV"])
            continue
        if any(cell.strip() for cell in cells):
            number += 1
            yield _row(number, columns, cells)


class _RowTooLongError(Exception):
    """A row goes on beyond what is held of one."""


class _Lines:
    """Lines for a csv.reader, that together hold no more of a row than ``_MAX_ROW``, whether it ends or not."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._room = _MAX_ROW

    def begin_row(self) -> None:
        self._room = _MAX_ROW

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._source.readline(self._room + 1)
        if not line:
            raise StopIteration
        if len(line) > self._room:
            while line and line[-1] not in "\r\n":
                line = self._source.readline(_MAX_ROW)
            raise _RowTooLongError
        self._room -= len(line)
        return line


def _columns(headers: Sequence[str]) -> list[str | None]:
    columns: list[str | None] = []
    for header in headers:
        name = _FIELD_OF.get(re.sub(r"[^a-z0-9]+", "_", header.lower()).strip("_"))
        columns.append(name if name not in columns else None)
    missing = [name for name in REQUIRED if name not in columns]
    if missing:
        raise ColumnsMissingError(
            f"The file's first line names no column for {', '.join(missing)}.",
            detail={"columns": missing},
            hint="Save the export as CSV with its headers, separated by commas.",
        )
    return columns


def _row(number: int, columns: Sequence[str | None], cells: Sequence[str]) -> Row:
    fields: dict[str, str] = {}
    reasons: list[str] = []
    if len(cells) != len(columns):
        reasons.append("row: must have as many cells as there are headers")
    for name, cell in zip(columns, cells, strict=False):
        if name is None or not (value := cell.strip()):
            continue
        if _UNREADABLE.search(value):
            reasons.append(f"{name}: must be UTF-8 text")
            value = _UNREADABLE.sub("\ufffd", value)
        if len(value) > _MAX_CELL:
            reasons.append(f"{name}: must have at most {_MAX_CELL} characters")
        fields[name] = value[:_MAX_CELL]
    if not reasons:
        reasons = _normalise(fields)
    if reasons:
        # So that the whole row is within what is staged of one, however many of its cells are too long.
        fields = {name: value[:_MAX_KEPT] for name, value in fields.items()}
    return Row(number, fields, reasons)


def _normalise(fields: dict[str, str]) -> list[str]:
    """Put the fields into the one form that the database takes; return why that cannot be done."""
    reasons = [f"{name}: is missing" for name in REQUIRED if name not in fields]

    def check(name: str, is_valid: bool, rule: str) -> None:
        if not is_valid:
            reasons.append(f"{name}: {rule}")

    for name in ("judgment_amount", "balance_due"):
        if name in fields:
            fields[name] = _amount(fields[name]) or fields[name]
            check(name, _AMOUNT.fullmatch(fields[name]) is not None, "must be an amount in dollars and cents")
    check(
        "judgment_amount",
        fields.get("judgment_amount", "1").strip("0.") != "",
        "must be more than 0",
    )
    if "judgment_date" in fields:
        day = _date(fields["judgment_date"])
        check("judgment_date", day is not None and 1900 <= day.year < 2200, "must be a date")
        fields["judgment_date"] = day.isoformat() if day else fields["judgment_date"]
    if "state" in fields:
        fields["state"] = fields["state"].upper()
        check("state", re.fullmatch("[A-Z]{2}", fields["state"]) is not None, "must be two letters")
    if "priority_level" in fields:
        fields["priority_level"] = re.sub(r"[\s-]+", "_", fields["priority_level"].lower())
        check(
            "priority_level",
            fields["priority_level"] in ("urgent", "high", "normal", "low", "on_hold"),
            "must be urgent, high, normal, low or on_hold",
        )
    if "case_number" in fields:
        check(
            "case_number",
            _CASE_NUMBER.fullmatch(fields["case_number"]) is not None,
            "must be a court's case number",
        )
    for name in ("plaintiff_name", "defendant_name"):
        if name in fields:
            fields[name] = " ".join(fields[name].split())
            check(name, len(fields[name]) <= 200 and _WORD.search(fields[name]) is not None, "must be a name")
    for name in ("plaintiff_kind", "defendant_kind"):
        if name in fields:
            fields[name] = fields[name].lower()
            check(name, fields[name] in ("person", "company"), "must be person or company")
    for name in ("plaintiff_phone", "defendant_phone"):
        check(
            name,
            name not in fields or (len(fields[name]) <= 40 and _PHONE.fullmatch(fields[name]) is not None),
            "must be a telephone number of at most 40 characters",
        )
    for name in ("plaintiff_email", "defendant_email"):
        check(
            name,
            name not in fields or (len(fields[name]) <= 254 and _EMAIL.fullmatch(fields[name]) is not None),
            "must be an e-mail address",
        )
    for name, most in _LONGEST.items():
        check(name, len(fields.get(name, "")) <= most, f"must have at most {most} characters")
    return reasons


def _amount(value: str) -> str | None:
    bare = value.removeprefix("$").strip()
    return bare.replace(",", "") if _THOUSANDS.fullmatch(bare) else bare or None


def _date(value: str) -> date | None:
    try:
        if found := _AMERICAN_DATE.fullmatch(value):
            return date(int(found[3]), int(found[1]), int(found[2]))
        if found := _ISO_DATE.fullmatch(value):
            return date.fromisoformat(found[1])
    except ValueError:
        pass
    return None
