"""The labelled sentences, and how well a scan finds what is labelled in them.

``sentences.txt`` was written before the scan. A third of it, chosen by the lines' checksums, is held out: nobody looked
at it while the detectors were tuned to the rest. One hand wrote sentences and scan: the figures say that the scan does
what was meant, and are higher than strangers' messages would give.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from casebase.modules.frontdesk.phi import KnownNames, PhiType, scan_phi

FOLDER = Path(__file__).parent
_LABEL = re.compile(r"<(\w+)\|([^>]*)>")


class Label(NamedTuple):
    start: int
    end: int
    phi_type: PhiType


@dataclass(frozen=True)
class Sentence:
    text: str
    labels: tuple[Label, ...]
    is_held_out: bool


@dataclass
class Measure:
    """Counts per type: ``found`` of ``labelled``, ``right`` of ``reported``."""

    labelled: Counter[PhiType] = field(default_factory=Counter)
    found: Counter[PhiType] = field(default_factory=Counter)
    reported: Counter[PhiType] = field(default_factory=Counter)
    right: Counter[PhiType] = field(default_factory=Counter)

    @property
    def recall(self) -> float:
        return self.found.total() / self.labelled.total()

    @property
    def precision(self) -> float:
        return self.right.total() / self.reported.total()


def customers() -> list[str]:
    return (FOLDER / "customers.txt").read_text("utf-8").splitlines()


def sentences() -> Iterator[Sentence]:
    for line in (FOLDER / "sentences.txt").read_text("utf-8").split("\n"):
        if not line or line.startswith("#"):
            continue
        labels, parts, at, length = [], [], 0, 0
        for match in _LABEL.finditer(line):
            parts += [line[at : match.start()], match[2]]
            length += match.start() - at
            labels.append(Label(length, length + len(match[2]), PhiType(match[1])))
            length += len(match[2])
            at = match.end()
        yield Sentence("".join([*parts, line[at:]]), tuple(labels), crc32(line.encode()) % 3 == 0)


def agree(label: Label, found: Label) -> bool:
    """Tell whether a finding is what is labelled: the type is the same, and half of what either covers, both do."""
    shared = min(label.end, found.end) - max(label.start, found.start)
    whole = max(label.end, found.end) - min(label.start, found.start)
    return label.phi_type == found.phi_type and 2 * shared >= whole


def measure(chosen: Iterable[Sentence], names: KnownNames) -> Measure:
    result = Measure()
    for sentence in chosen:
        findings = [Label(f.start, f.end, f.phi_type) for f in scan_phi(sentence.text, names=names).findings]
        result.labelled.update(label.phi_type for label in sentence.labels)
        result.reported.update(finding.phi_type for finding in findings)
        for label in sentence.labels:
            result.found[label.phi_type] += any(agree(label, finding) for finding in findings)
        for finding in findings:
            result.right[finding.phi_type] += any(agree(label, finding) for label in sentence.labels)
    return result
