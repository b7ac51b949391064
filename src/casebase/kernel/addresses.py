"""Addresses in settings: how several are written, and to which a secret may be sent."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from pydantic import SecretStr

# A comma inside an address belongs to it: mailto://…?to=a,b
_BETWEEN_URLS: Final = re.compile(r"[\s,]+(?=[A-Za-z][\w+.-]*://)")


def split_urls(urls: SecretStr | None) -> tuple[str, ...]:
    """Return the addresses of a setting; none where it is not set."""
    given = "" if urls is None else urls.get_secret_value().strip(" ,\n\t")
    return tuple(url for url in _BETWEEN_URLS.split(given) if url)


def is_private_on_the_way(url: str) -> bool:
    """Tell whether nobody between can read what is sent to ``url``: it is https, or http to this machine."""
    try:
        address = urlsplit(url)
        host = address.hostname
    except ValueError:
        return False
    return bool(host) and (address.scheme == "https" or (address.scheme == "http" and _is_loopback(host)))


def _is_loopback(host: str | None) -> bool:
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False
