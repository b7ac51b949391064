from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from casebase.kernel.module import Module
from tests.kernel.migrate.toy import Toy


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Toy:
    """A third-party module of one table and one function, whose SQL files the test may edit."""
    package = f"toy_{secrets.token_hex(4)}"
    monkeypatch.syspath_prepend(str(tmp_path))
    module = Toy(tmp_path / package, Module(name="toy", package=package, title="Toy"))
    module.write("../__init__.py", "")
    module.write(
        "migrations/20270101000000_tables.sql",
        "create schema toy; create table toy.items (id int primary key);",
    )
    module.write("migrations/20270101000000_tables.down.sql", "drop schema toy cascade;")
    module.write(
        "functions/answer.sql",
        "create or replace function toy.answer() returns int language sql as 'select 41';",
    )
    return module
