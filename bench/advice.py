"""Measure one full advice: the three paths, affordability, hashes and both JSON faces.

Prints its median beside that of a bare annuity schedule of the same loan, from one run. Target: under 2 ms.
"""

from __future__ import annotations

import sys
from pathlib import Path

if sys.path[0] == str(Path(__file__).parent):
    sys.path.pop(0)  # the neighbour queue.py would be found for the standard library's

from datetime import date
from decimal import Decimal
from statistics import median
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[1]))

from casebase.modules.mortgage.advice import advise
from casebase.modules.mortgage.amortisation import schedule
from casebase.modules.mortgage.facts import AdviceFacts
from casebase.modules.mortgage.inputs import AdviceInputs
from tests.mortgage.market import VALUES, row

TARGET_MS = 2.0
ROUNDS = 2000

REQUEST = {
    "loan_amount": "850000.00",
    "tenure_months": 300,
    "property_type": "executive_condo",
    "current_rate": "3.15",
    "lock_in_remaining": 8,
    "income_profile": {"monthly_income_fixed": "14000.00", "monthly_income_variable": "2500.00"},
}
FACTS = AdviceFacts.from_rows([row(key, value) for key, value in VALUES.items()], date(2026, 11, 21))


def full_advice() -> None:
    """Do what the job handler does for one case."""
    advice = advise(AdviceInputs.model_validate(REQUEST), FACTS)
    advice.public_json()
    advice.private_json()


def bare_schedule() -> None:
    """Do the least any engine must: one schedule of the whole loan."""
    schedule(Decimal(850000), Decimal("3.15"), 300, 300)


def main() -> int:
    """Print the medians and their ratio; return 1 when the target is missed."""
    full, bare = [], []
    for _ in range(ROUNDS):  # alternating, so that both meet the same machine
        for work, times in ((full_advice, full), (bare_schedule, bare)):
            start = perf_counter()
            work()
            times.append((perf_counter() - start) * 1000)
    advice_ms, schedule_ms = median(full), median(bare)
    print(f"full advice       {advice_ms:7.3f} ms median of {ROUNDS}")
    print(f"300-row schedule  {schedule_ms:7.3f} ms median of {ROUNDS}")
    print(f"ratio             {advice_ms / schedule_ms:7.1f} schedules an advice")
    print(f"target            {TARGET_MS:7.3f} ms: {'met' if advice_ms < TARGET_MS else 'MISSED'}")
    return 0 if advice_ms < TARGET_MS else 1


if __name__ == "__main__":
    sys.exit(main())
