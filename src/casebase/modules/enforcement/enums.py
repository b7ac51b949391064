"""The closed vocabularies of the enforcement module; the SQL types hold the same values.

Stages, tiers and call outcomes are rows, which an operator may change, so they are strings in Python too.
"""

from __future__ import annotations

from enum import StrEnum


class CaseStatus(StrEnum):
    """Say whether a case is worked on, or how it ended."""

    OPEN = "open"
    SATISFIED = "satisfied"
    UNCOLLECTIBLE = "uncollectible"
    WITHDRAWN = "withdrawn"


class EventKind(StrEnum):
    """Name what happened to a case."""

    ASSET_SEARCH_REQUESTED = "asset_search_requested"
    ASSET_SEARCH_COMPLETED = "asset_search_completed"
    BANK_LEVY_FILED = "bank_levy_filed"
    BANK_LEVY_SERVED = "bank_levy_served"
    BANK_LEVY_RELEASED = "bank_levy_released"
    GARNISHMENT_ORDER_SIGNED = "garnishment_order_signed"
    GARNISHMENT_SERVED = "garnishment_served"
    GARNISHMENT_REMITTANCE = "garnishment_remittance"
    SUBPOENA_ISSUED = "subpoena_issued"
    SUBPOENA_COMPLIED = "subpoena_complied"
    MARSHAL_ASSIGNED = "marshal_assigned"
    MARSHAL_ATTEMPTED = "marshal_attempted"
    MARSHAL_RESULT = "marshal_result"
    CASE_STAGE_CHANGED = "case_stage_changed"
    PAYMENT_RECEIVED = "payment_received"
    NOTE = "note"


class ActorType(StrEnum):
    """Say what kind of actor changed a case: a person, nightly work, or a program's call."""

    USER = "user"
    AUTOMATION = "automation"
    RPC = "rpc"


class PriorityLevel(StrEnum):
    """Rank a judgment, from the most to the least pressing."""

    URGENT = "urgent"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"
    ON_HOLD = "on_hold"


class TaskStatus(StrEnum):
    """Say whether a task waits, was done or was called off."""

    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


class ActionType(StrEnum):
    """Name a long-running workflow of a case."""

    BANK_LEVY = "bank_levy"
    GARNISHMENT = "garnishment"
    SUBPOENA = "subpoena"
    MARSHAL = "marshal"


class Interest(StrEnum):
    """Say how much a plaintiff wants the enforcement, as heard in a call."""

    HOT = "hot"
    WARM = "warm"
    COLD = "cold"
    NONE = "none"


class ContactKind(StrEnum):
    """Name a way to reach somebody."""

    PHONE = "phone"
    EMAIL = "email"
    ADDRESS = "address"


class AssetKind(StrEnum):
    """Name what a debtor owns or earns."""

    BANK = "bank"
    EMPLOYER = "employer"
    REAL_PROPERTY = "real_property"
    VEHICLE = "vehicle"
    BUSINESS = "business"
    OTHER = "other"
