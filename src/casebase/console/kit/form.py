"""Forms that say which field is wrong and why, and keep what was typed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from casebase.kernel.errors import CasebaseError

_NUMBER: Final = re.compile(r"\$?-?(?:\d{1,15}|\d{1,3}(?:,\d{3}){1,4})(?:\.\d{0,15})?", re.ASCII)
"""What no two readers read differently; Python reads "nan", "1e3" and "1_000" as numbers too."""


@dataclass(frozen=True, slots=True)
class Field:
    """Ask for one value."""

    name: str
    label: str
    kind: Literal[
        "text",
        "email",
        "password",
        "number",
        "date",
        "datetime-local",
        "textarea",
        "select",
        "checkbox",
        "checkboxes",
        "radios",
        "file",
        "search",
    ] = "text"
    """``checkboxes`` asks for any of ``options``: its value is the list of those chosen. ``radios`` asks for one, which
    its digit chooses too. ``file`` sends the form as multipart."""
    hint: str = ""
    is_required: bool = False
    options: tuple[tuple[str, str], ...] = ()
    autocomplete: str = "off"
    inputmode: str = ""
    prefix: str = ""
    accept: str = ""
    """Which content types a file may have, as the browser's dialog wants them."""


@dataclass(frozen=True, slots=True)
class Form:
    """Declare the fields once; bind values and errors to it per request."""

    fields: Sequence[Field]
    action: str = ""
    submit: str = "Save"
    cancel_url: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    message: str = ""
    """What is wrong with the form as a whole."""

    @property
    def has_file(self) -> bool:
        """Whether it must be sent as multipart."""
        return any(f.kind == "file" for f in self.fields)

    def filled(self, values: Mapping[str, Any]) -> Form:
        """Return the form showing these values; a password is never shown again."""
        secret = {f.name for f in self.fields if f.kind == "password"}
        return replace(self, values={name: value for name, value in values.items() if name not in secret})

    def refused(self, error: CasebaseError) -> Form:
        """Return the form showing what a call refused: each of ``detail.errors`` at its field, the rest above them."""
        known = {f.name for f in self.fields}
        at_fields: dict[str, str] = {}
        elsewhere: list[str] = []
        for problem in error.detail.get("errors", ()):
            name, message = str(problem.get("field", "")), str(problem.get("message", "is not valid"))
            owner = next((n for n in (name, name.rsplit(".", 1)[-1]) if n in known), None)
            if owner:
                at_fields.setdefault(owner, message[:1].upper() + message[1:])
            else:
                elsewhere.append(f"{name}: {message}" if name else message)
        if not at_fields and not elsewhere:
            elsewhere.append(error.hint or error.message)
        return replace(self, errors=at_fields, message=" ".join(elsewhere))


def typed_number(text: str) -> float | str | None:
    """Return a typed amount as a number, nothing as null, and anything else as it is, to be refused.

    Commas part thousands alone: "12,50" may be meant as 12.50, and is not taken for 1250.
    """
    if not text:
        return None
    return float(text.removeprefix("$").replace(",", "")) if _NUMBER.fullmatch(text) else text


def typed_count(text: str) -> int | str | None:
    """Return a typed whole number, nothing as null, and anything else as it is, to be refused."""
    try:
        return int(text) if text else None
    except ValueError:
        return text
