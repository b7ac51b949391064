"""Tables whose whole state (filters, sort, page) is the URL, so they work without a script and can be shared.

Pages are keyset pages: ``after`` is the position of the last row seen, which the database function returned as
``next``; rows inserted meanwhile neither shift nor repeat what follows.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import urlencode

from starlette.requests import Request

from casebase.console.kit.carried import NOTHING, Carried, carried
from casebase.console.kit.format import plain
from casebase.kernel.errors import InvalidInputError

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """Show one value of each row.

    ``name`` is the row's key and the sort's name; ``show`` turns the row into text or markup (default: its value,
    read by ``plain``); ``is_numeric`` aligns figures to the right; ``is_secondary`` makes it quieter on a phone.
    """

    name: str
    title: str
    show: Callable[[Row], Any] | None = None
    is_sortable: bool = False
    is_numeric: bool = False
    is_secondary: bool = False
    badge: Callable[[Row], str] | None = None
    """The tone of a badge around the value: ``neutral``, ``accent``, ``good``, ``warning`` or ``bad``."""

    def cell(self, row: Row) -> Any:
        """Return what the cell of this row reads."""
        return self.show(row) if self.show else plain(row.get(self.name))


@dataclass(frozen=True, slots=True)
class Filter:
    """Narrow the rows: a choice when ``options`` (value, label) are given, else a text search.

    With ``pattern`` it is a chip: links elsewhere set it, the list shows it (as ``show`` reads it) and can drop it.
    """

    name: str
    title: str
    options: tuple[tuple[str, str], ...] = ()
    pattern: str = ""
    show: Callable[[str], Any] = plain

    @property
    def kind(self) -> Literal["choice", "search", "chip"]:
        """How it is asked for."""
        return "choice" if self.options else "chip" if self.pattern else "search"

    def accepts(self, value: str) -> bool:
        """Tell whether a value from the URL is one that can be chosen."""
        if self.pattern:
            return re.fullmatch(self.pattern, value) is not None
        return len(value) <= 200 and (not self.options or value in dict(self.options))


@dataclass(frozen=True, slots=True)
class TableState:
    """What the URL asks for; hand it to the database function."""

    filters: Mapping[str, str]
    sort: str
    is_descending: bool
    after: Mapping[str, Any] | None
    limit: int

    def arguments(self) -> dict[str, Any]:
        """Return the state in the form list functions take: ``filters sort is_descending after limit``."""
        return {
            "filters": dict(self.filters),
            "sort": self.sort,
            "is_descending": self.is_descending,
            "after": None if self.after is None else dict(self.after),
            "limit": self.limit,
        }


@dataclass(frozen=True, slots=True)
class Table:
    """Declare a table once; ``read`` its state from a request, then ``view`` the rows that came of it.

    ``sort`` is the default column, prefixed with ``-`` for descending; ``href`` makes rows links (but those without an
    address). With ``select``, each
    row has a checkbox of that value, a field ``selected`` of the form whose id is ``selection``.
    """

    columns: Sequence[Column]
    sort: str
    filters: Sequence[Filter] = ()
    href: Callable[[Row], str] | None = None
    limit: int = 25
    caption: str = ""
    empty_title: str = "Nothing here yet"
    empty_text: str = ""
    live: str | None = None
    """Topic of the live events after which the table is fetched anew."""
    select: Callable[[Row], str] | None = None

    def read(self, request: Request) -> TableState:
        """Read the state from the URL: unknown values count as absent, a broken position is refused."""
        query = request.query_params
        chosen = {f.name: query[f.name].strip() for f in self.filters if query.get(f.name, "").strip()}
        filters = {
            f.name: chosen[f.name] for f in self.filters if f.name in chosen and f.accepts(chosen[f.name])
        }
        sortable = {column.name for column in self.columns if column.is_sortable} | {self.sort.lstrip("-")}
        sort = query.get("sort", self.sort)
        if sort.removeprefix("-") not in sortable:
            sort = self.sort
        after = decode_position(query["after"]) if query.get("after") else None
        return TableState(filters, sort.removeprefix("-"), sort.startswith("-"), after, self.limit)

    def view(
        self,
        request: Request,
        state: TableState,
        rows: Iterable[Row],
        following: Mapping[str, Any] | None = None,
    ) -> TableView:
        """Bind rows to the state that fetched them; ``following`` is the position after them, if more follow."""
        return TableView(self, state, tuple(rows), following, request.url.path, carried(request))


@dataclass(frozen=True, slots=True)
class TableView:
    """A table with its rows, as the template macro ``table`` draws it."""

    table: Table
    state: TableState
    rows: tuple[Row, ...]
    following: Mapping[str, Any] | None
    path: str
    carry: Carried = NOTHING

    @property
    def is_filtered(self) -> bool:
        """Whether any filter narrows the rows."""
        return bool(self.state.filters)

    def address(self, row: Row) -> str:
        """Return where a row leads, empty if nowhere."""
        return self.carry(self.table.href(row)) if self.table.href else ""

    @property
    def sort_value(self) -> str:
        """The sort as the URL writes it."""
        return f"{'-' if self.state.is_descending else ''}{self.state.sort}"

    def direction(self, column: Column) -> str:
        """Return ``ascending``, ``descending`` or ``none``, as ``aria-sort`` wants it."""
        if column.name != self.state.sort:
            return "none"
        return "descending" if self.state.is_descending else "ascending"

    def sort_url(self, column: Column) -> str:
        """Return the URL that sorts by a column, or turns its direction round; it starts at the first page."""
        is_turning = column.name == self.state.sort and not self.state.is_descending
        return self._url(sort=f"{'-' if is_turning else ''}{column.name}")

    @property
    def next_url(self) -> str | None:
        """The URL of the page that follows."""
        return None if self.following is None else self._url(after=encode_position(self.following))

    @property
    def first_url(self) -> str | None:
        """The URL of the first page, on the others."""
        return None if self.state.after is None else self._url()

    def without_url(self, name: str) -> str:
        """Return the URL that drops one filter."""
        kept = {key: value for key, value in self.state.filters.items() if key != name}
        return replace(self, state=replace(self.state, filters=kept))._url()

    @property
    def clear_url(self) -> str:
        """The URL without filters."""
        return self.carry(self.path)

    def _url(self, *, sort: str | None = None, after: str | None = None) -> str:
        query = dict(self.state.filters)
        if (sort := sort or self.sort_value) != self.table.sort:
            query["sort"] = sort
        if after:
            query["after"] = after
        return self.carry(f"{self.path}?{urlencode(query)}" if query else self.path)


def encode_position(position: Mapping[str, Any]) -> str:
    """Write the values of a row's sort key into a URL-safe text."""
    raw = json.dumps(dict(position), default=str, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decode_position(text: str) -> dict[str, Any]:
    """Read a position back; raise ``InvalidInputError`` when it was not one of ours."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        position = json.loads(raw)
    except (binascii.Error, ValueError):
        position = None
    if not isinstance(position, dict):
        raise InvalidInputError("This link to a page of the list is damaged.", hint="Open the list anew.")
    return position
