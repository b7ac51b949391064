"""Settings of the front desk are read from the environment; one that is wrong is named at the start, never its value."""

from __future__ import annotations

import pytest

from casebase.kernel.errors import ConfigurationError
from casebase.kernel.http import create_app
from casebase.kernel.module import resolve
from casebase.kernel.runtime import Runtime
from casebase.modules.frontdesk import MODULE

NAME = "CASEBASE_FRONTDESK_METRICS_RETENTION_MONTHS"


def test_are_told_by_doctor(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MODULE.check is not None
    check = resolve(MODULE.check)
    assert check() == "metrics are kept for 13 months and the current one"
    monkeypatch.setenv(NAME, "0")
    assert check() == "metrics are kept forever"


@pytest.mark.parametrize("wrong", ["-1", "1201", "a year"])
async def test_are_refused_at_the_start(
    monkeypatch: pytest.MonkeyPatch, runtime: Runtime, wrong: str
) -> None:
    monkeypatch.setenv(NAME, wrong)
    with pytest.raises(ConfigurationError) as caught:
        create_app(runtime)
    assert caught.value.message == f"Settings are wrong: {NAME}"
