"""A choice that holds for all pages of a module: the URL states it, and every link below its root carries it on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request


@dataclass(frozen=True, slots=True)
class Carried:
    """Query values, and the path below which links carry them."""

    root: str
    values: Mapping[str, str]

    def __call__(self, url: str) -> str:
        """Return an address of the console with what it carries; one that leads elsewhere stays."""
        parts = urlsplit(url)
        if not self.values or not f"{parts.path}/".startswith(f"{self.root}/"):
            return url
        query = "&".join(part for part in (parts.query, urlencode(dict(self.values))) if part)
        return parts._replace(query=query).geturl()


NOTHING: Final = Carried("", {})


def carry(request: Request, root: str, **values: Any) -> None:
    """Have all links of this request's page that lead below ``root`` carry these query values."""
    request.state.carried = Carried(root, {name: str(value) for name, value in values.items()})


def carried(request: Request) -> Carried:
    """Return what the links of this request's page carry: nothing, if nobody said."""
    found: Carried = getattr(request.state, "carried", NOTHING)
    return found
