"""Tags as people type them to ask for readings: in the console parted by commas, on the command line one at a time."""

from __future__ import annotations


def tags_of(text: str) -> dict[str, str | float | bool]:
    """Return typed tags, ``plan=pro, paid=true``, as a query asks for them; raise ``ValueError`` for other text."""
    tags: dict[str, str | float | bool] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, is_one, value = (side.strip() for side in part.partition("="))
        if not is_one or not name:
            raise ValueError("Tags are typed as plan=pro, paid=true.")
        tags[name] = tag_value(value)
    return tags


def tag_value(value: str) -> str | float | bool:
    """Return what a reading's tag would be: in quotes it is a text, whatever it looks like."""
    if value in ("true", "false"):
        return value == "true"
    if len(value) > 1 and value[0] == value[-1] == '"':
        return value[1:-1]
    if len(value) <= 18 and value.removeprefix("-").replace(".", "", 1).isdecimal() and value.isascii():
        return float(value) if "." in value else int(value)
    return value
