"""The module record and how installed modules are found and ordered."""

from __future__ import annotations

import pytest

from casebase.kernel.errors import ConfigurationError
from casebase.kernel.module import Module, installed_modules, resolve


def test_finds_ours_by_the_entry_point() -> None:
    assert "mortgage" in [module.name for module in installed_modules()]


def test_an_unknown_name_says_what_is_installed() -> None:
    with pytest.raises(ConfigurationError) as caught:
        installed_modules(["morgage"])
    assert "morgage" in caught.value.message
    assert "mortgage" in (caught.value.hint or "")


@pytest.mark.parametrize("name", ["", "Mortgage", "a-b", "1st", "x" * 40, 'a"; drop'])
def test_a_name_must_be_an_identifier(name: str) -> None:
    with pytest.raises(ConfigurationError):
        Module(name=name, package="x", title="X")


def test_every_reference_of_an_installed_module_resolves() -> None:
    for module in installed_modules():
        references = [
            module.routes,
            module.pages,
            module.service,
            module.client,
            module.commands,
            module.demo,
        ]
        for reference in [*references, *(handler.run for handler in module.jobs)]:
            if reference is not None:
                assert resolve(reference) is not None


@pytest.mark.parametrize(
    "reference", ["nowhere:x", "casebase.kernel.module:nothing", "casebase.kernel.module"]
)
def test_a_reference_that_leads_nowhere_is_refused(reference: str) -> None:
    with pytest.raises(ConfigurationError):
        resolve(reference)
