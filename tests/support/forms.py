"""Forms as no browser sends them."""

from __future__ import annotations

from typing import Any


def in_charset(charset: str, **fields: str) -> dict[str, Any]:
    """Return the content and headers of a multipart form whose sender names the charset of its fields."""
    parts = (
        f'--edge\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    return {
        "content": f"{''.join(parts)}--edge--\r\n".encode(),
        "headers": {"content-type": f"multipart/form-data; boundary=edge; charset={charset}"},
    }
