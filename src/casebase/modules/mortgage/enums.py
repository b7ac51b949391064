"""The closed vocabularies of the mortgage module; the SQL enums hold the same values."""

from __future__ import annotations

from enum import StrEnum


class CaseStatus(StrEnum):
    """Say how far a case has come."""

    DRAFT = "draft"
    ACTIVE = "active"
    CLOSED = "closed"


class PropertyType(StrEnum):
    """Name the kind of home that secures the loan."""

    HDB = "hdb"
    PRIVATE_CONDO = "private_condo"
    LANDED = "landed"
    EXECUTIVE_CONDO = "executive_condo"


class Recommendation(StrEnum):
    """Name a path that the advice compares, and the one it recommends."""

    STAY = "stay"
    REPRICE = "reprice"
    REFINANCE = "refinance"


class OutcomeDecision(StrEnum):
    """Say how a closed case ended."""

    STAY = "stay"
    REPRICE = "reprice"
    REFINANCE = "refinance"
    LOST = "lost"
    DORMANT = "dormant"


class EventType(StrEnum):
    """Name an entry of a case's timeline."""

    LEAD_FORM = "lead_form"
    CHAT = "chat"
    REVEAL = "reveal"
    FOLLOW_UP = "follow_up"
    BANK_QUOTE = "bank_quote"
    DOC_RECEIVED = "doc_received"
    SIGNED = "signed"
    CONSENT_EXPIRED = "consent_expired"
    ADMIN_EDIT = "admin_edit"
    ADMIN_VIEW = "admin_view"
    CALCULATION = "calculation"
    OUTCOME = "outcome"
    REMINDER = "reminder"


class TagSource(StrEnum):
    """Say who put a tag on a case."""

    HEURISTIC = "heuristic"
    AI = "ai"
    MANUAL = "manual"
