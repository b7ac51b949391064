"""What a home remembers about its embedded server: passwords and port, readable by the owner alone."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self


@dataclass(slots=True)
class ServerRecord:
    """Keep one server's passwords, by role, and its last port. Write it only under the home's lock."""

    path: Path
    port: int | None = None
    passwords: dict[str, str] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path) -> Self | None:
        """Return the record, or None where there is none yet."""
        try:
            content = json.loads(path.read_text("utf-8"))
        except FileNotFoundError:
            return None
        return cls(path, content["port"], content["passwords"])

    def add_role(self, role: str) -> None:
        """Make a password for ``role`` unless it has one; 192 random bits, safe in a URL and in SQL."""
        self.passwords.setdefault(role, secrets.token_urlsafe(24))

    def save(self) -> None:
        """Replace the file whole, with mode 0600 from its first byte on."""
        staging = self.path.with_suffix(".new")
        staging.unlink(missing_ok=True)
        descriptor = os.open(staging, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:
            json.dump({"port": self.port, "passwords": self.passwords}, file)
            file.flush()
            os.fsync(descriptor)
        staging.replace(self.path)
