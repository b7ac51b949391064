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


class DecisionReason(StrEnum):
    """Say why a case ended as it did, in a word that may be published."""

    LOWER_INSTALMENT = "lower_instalment"
    LOWER_TOTAL_COST = "lower_total_cost"
    PENALTY_AVOIDED = "penalty_avoided"
    LESS_HASSLE = "less_hassle"
    NOT_AFFORDABLE = "not_affordable"
    RATE_OUTLOOK = "rate_outlook"
    PROPERTY_SALE = "property_sale"
    NO_REPLY = "no_reply"
    OTHER = "other"


class Hurdle(StrEnum):
    """Name what stood in the way, in a word that may be published."""

    LOCK_IN_PENALTY = "lock_in_penalty"
    CLAWBACK = "clawback"
    SERVICING_RATIO = "servicing_ratio"
    DOCUMENTS = "documents"
    VALUATION = "valuation"
    LEGAL_FEES = "legal_fees"
    TIMING = "timing"
    APPROVAL = "approval"


class AiEntryType(StrEnum):
    """Say what an entry of the AI ledger keeps."""

    SHOWN = "shown"
    SAID = "said"
    DECIDED = "decided"
