"""How judgments come in and what is learned of their debtors: by hand, from vendors, from exports."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field, model_validator

from casebase.kernel.models import Given, Stored, Word
from casebase.modules.enforcement.enums import AssetKind, ContactKind, PriorityLevel
from casebase.modules.enforcement.models.records import Actor, Metadata, Money, Score, Tier


class Party(Given):
    """A plaintiff or debtor; ``discriminator`` tells apart those of one name."""

    name: str = Field(min_length=1, max_length=200, repr=False)
    kind: Literal["person", "company"] | None = None
    discriminator: str | None = Field(default=None, max_length=80)
    phone: str | None = Field(default=None, max_length=40, repr=False)
    email: str | None = Field(default=None, max_length=254, repr=False)
    address: str | None = Field(default=None, min_length=1, max_length=500, repr=False)


class Docket(Given):
    """Where a court keeps a judgment."""

    case_number: str = Field(min_length=1, max_length=80)
    court: str | None = Field(default=None, max_length=120)
    county: str | None = Field(default=None, max_length=80)
    state: str | None = Field(default=None, pattern=r"^([A-Z]{2})?$", examples=["NY"])


class NewJudgment(Given):
    """A judgment with its parties and docket, for a plaintiff who is known or one who is new."""

    debtor: Party
    docket: Docket
    judgment_amount: Money = Field(gt=0)
    plaintiff_id: UUID | None = None
    plaintiff: Party | None = None
    balance_due: Money | None = None
    judgment_date: date | None = None
    priority_level: PriorityLevel | None = None
    source: Word | None = None
    tenant_id: UUID | None = None

    @model_validator(mode="after")
    def _has_one_plaintiff(self) -> NewJudgment:
        if (self.plaintiff_id is None) == (self.plaintiff is None):
            raise ValueError("plaintiff_id or plaintiff must be given, and not both")
        return self


class CreatedJudgment(Stored):
    """What was recorded; ``case_id`` is the docket's."""

    judgment_id: UUID
    plaintiff_id: UUID
    case_id: UUID


class Entity(Given):
    """A person or company, and who they are to us."""

    kind: Literal["person", "company"]
    name: str = Field(min_length=1, max_length=200, repr=False)
    discriminator: str | None = Field(default=None, max_length=80)
    plaintiff_id: UUID | None = None
    judgment_id: UUID | None = None
    tenant_id: UUID | None = None


class LinkedEntity(Stored):
    """The one row of a person or company."""

    entity_id: UUID
    is_new: bool


class Enrichment(Given):
    """What enrichment found of a docket; the tier is the score's."""

    collectability_score: Score
    collectability_tier: Tier
    summary: str | None = Field(default=None, max_length=3000)


class Scores(Given):
    """A docket's scores in their parts; the tier is the last one's."""

    identity_score: Score
    contactability_score: Score
    asset_score: Score
    recency_amount_score: Score
    adverse_penalty: Score
    collectability_score: Score
    collectability_tier: Tier


class BundleContact(Given):
    """A way to reach a debtor, as a vendor reports it."""

    kind: ContactKind
    value: str = Field(min_length=1, max_length=500, repr=False)
    label: str | None = Field(default=None, max_length=80)
    confidence: float | None = Field(default=None, ge=0, le=1)
    is_do_not_contact: bool | None = None
    metadata: Metadata | None = None


class BundleAsset(Given):
    """What a debtor owns or earns, as a vendor reports it."""

    kind: AssetKind
    description: str = Field(min_length=1, max_length=500, repr=False)
    reference: str | None = Field(default=None, min_length=1, max_length=120, repr=False)
    estimated_value: Money | None = None
    confidence: float | None = Field(default=None, ge=0, le=1)
    metadata: Metadata | None = None


class Bundle(Given):
    """What a vendor knows of a debtor; at most 200 contacts and assets."""

    source: Word
    contacts: tuple[BundleContact, ...] = Field(default=(), max_length=200)
    assets: tuple[BundleAsset, ...] = Field(default=(), max_length=200)
    adverse_signals: (
        tuple[
            Literal["bankruptcy", "deceased", "incarcerated", "judgment_proof", "prior_judgments"],
            ...,
        ]
        | None
    ) = Field(default=None, max_length=10)


class MergeCount(Stored):
    """How many rows were new, and how many were known."""

    inserted: int
    updated: int


class MergedBundle(Stored):
    """What a bundle changed."""

    case_id: UUID
    contacts: MergeCount
    assets: MergeCount


class ImportFile(Given):
    """A vendor's export, known by its content."""

    file_name: str = Field(min_length=1, max_length=200)
    file_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    tenant_id: UUID | None = None
    created_by: Actor | None = None


class ImportRun(Stored):
    """One reading of an export, and how far it is."""

    import_run_id: UUID
    source: str
    file_name: str
    status: Literal["loading", "loaded", "finished", "expired"]
    row_count: int
    created: int
    known: int
    rejected: int
    created_by: str
    started_at: datetime
    finished_at: datetime | None
    is_new: bool | None = None
    is_more: bool | None = None
    """After a batch: whether rows still wait."""


class ImportRunPage(Stored):
    """A page of a tenant's runs, latest first."""

    items: tuple[ImportRun, ...]
    next_cursor: str | None


class StagedRow(Given):
    """A row of an export by its fields' names, and why it cannot be used."""

    row_number: int = Field(strict=True, ge=1)
    raw: dict[str, Any] = Field(repr=False)
    reasons: tuple[str, ...] = ()


class StagedRows(Given):
    """Rows of an export, at most 5000; ``is_last`` says that the file has no more."""

    rows: tuple[StagedRow, ...] = Field(max_length=5000)
    is_last: bool | None = None


class ImportRow(Stored):
    """What became of a row; reasons name fields and rules, never what the row says."""

    row_number: int
    status: Literal["staged", "created", "known", "rejected"]
    reasons: tuple[str, ...]
    judgment_id: UUID | None


class ImportRowPage(Stored):
    """A page of a run's rows; the cursor is a row number."""

    run: ImportRun
    items: tuple[ImportRow, ...]
    next_cursor: int | None
