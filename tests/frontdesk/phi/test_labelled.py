"""How well the scan does on the sentences that were labelled before it was written."""

from __future__ import annotations

import pytest

from casebase.modules.frontdesk.phi import KnownNames, PhiType
from tests.frontdesk.phi.labelled import Sentence, customers, measure, sentences

SENTENCES = tuple(sentences())
HELD_OUT = tuple(sentence for sentence in SENTENCES if sentence.is_held_out)


def test_there_are_enough_sentences_of_every_type_and_of_none() -> None:
    assert len(SENTENCES) >= 400
    assert len(HELD_OUT) >= len(SENTENCES) / 4
    assert {label.phi_type for sentence in HELD_OUT for label in sentence.labels} == set(PhiType)
    assert sum(not sentence.labels for sentence in SENTENCES) >= len(SENTENCES) / 3


@pytest.mark.parametrize("chosen", [HELD_OUT, SENTENCES], ids=["held out", "all"])
def test_enough_is_found_and_little_else(chosen: tuple[Sentence, ...]) -> None:
    result = measure(chosen, KnownNames(customers()))
    assert result.recall >= 0.95
    assert result.precision >= 0.90
