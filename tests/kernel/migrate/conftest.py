from __future__ import annotations

from pathlib import Path

import pytest

from tests.kernel.migrate.toy import Toy


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Toy:
    """A third-party module of one table and one function, whose SQL files the test may edit."""
    monkeypatch.syspath_prepend(str(tmp_path))
    module = Toy.create(tmp_path, "toy")
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
