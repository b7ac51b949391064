from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from casebase.kernel.module import Module


@dataclass(frozen=True)
class Toy:
    """A module on disk, to be edited between migrations."""

    package: Path
    module: Module

    def write(self, path: str, text: str) -> None:
        file = (self.package / "sql" / path).resolve()
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
