"""A lead and what opening a case takes and answers; the consent behind it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import AwareDatetime, Field

from casebase.kernel.models import Given, Stored, Word
from casebase.modules.mortgage.enums import PropertyType
from casebase.modules.mortgage.inputs import MAX_TENURE_MONTHS, IncomeProfile
from casebase.modules.mortgage.numbers import AnnualRate, Money

# A letter somewhere and no control character.
_NAME = r"^[^\x00-\x1f\x7f]*[^\W\d_][^\x00-\x1f\x7f]*$"


class Contact(Given):
    """Who asks. Kept in ``leads`` alone, and erased when consent ends."""

    name: str = Field(min_length=1, max_length=120, pattern=_NAME, repr=False)
    email: str = Field(
        max_length=254,
        pattern=r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$",
        repr=False,
        json_schema_extra={"format": "email"},
    )
    phone: str = Field(
        max_length=32,
        pattern=r"^[+]?[(]?[0-9](?:[ ().-]{0,2}[0-9]){7,14}$",
        repr=False,
        description="8 to 15 digits; spaces, hyphens, points and brackets may part them.",
    )


class ConsentTerms(Given):
    """For what the borrower agrees to be contacted and advised, and for how many days."""

    purposes: tuple[Word, ...] = Field(min_length=1, max_length=20, examples=[["advice"]])
    days: int = Field(default=5, strict=True, ge=1, le=365)


class CaseInputs(Given):
    """The loan as the borrower tells it: Singapore dollars, percent a year, months.

    ``current_bank`` is a code, name or mask of the directory; any other text becomes ``Other bank``.
    """

    loan_amount: Money = Field(gt=0, le=100_000_000)
    tenure_months: int = Field(strict=True, ge=1, le=MAX_TENURE_MONTHS)
    property_type: PropertyType
    current_bank: str = Field(min_length=1, max_length=80)
    current_rate: AnnualRate | None = None
    lock_in_remaining: int = Field(default=0, strict=True, ge=0, le=120)
    owner_occupied: bool = Field(default=True, strict=True)
    income_profile: IncomeProfile | None = None


class LeadForm(Given):
    """A lead: who asks, to what they agree, and their loan."""

    contact: Contact
    consent: ConsentTerms
    inputs: CaseInputs
    source: Word = Field(examples=["website"])


class OpenedCase(Stored):
    """What opening a case wrote; ``job_id`` is the queued calculation."""

    case_id: UUID
    lead_id: UUID
    consent_id: UUID
    input_version: int
    job_id: int


class ConsentExtension(Given):
    """Until when a consent is to hold: later than now, by 365 days at most."""

    until: AwareDatetime


class Consent(Stored):
    """For what and until when a borrower agreed; ``expired_at`` is when all that is personal was erased."""

    consent_id: UUID
    purposes: tuple[str, ...]
    granted_at: datetime
    until: datetime
    withdrawn_at: datetime | None
    expired_at: datetime | None
