from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

from casebase.kernel.module import Module


@dataclass(frozen=True)
class Toy:
    """A module on disk, to be edited between migrations."""

    package: Path
    module: Module

    @classmethod
    def create(cls, folder: Path, name: str, requires: tuple[str, ...] = ()) -> Toy:
        """Make an importable package for it in ``folder``, with no SQL yet."""
        package = f"{name}_{secrets.token_hex(4)}"
        toy = cls(folder / package, Module(name=name, package=package, title=name, requires=requires))
        toy.write("../__init__.py", "")
        return toy

    def write(self, path: str, text: str) -> None:
        file = (self.package / "sql" / path).resolve()
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
