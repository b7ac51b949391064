"""Proofs that a live system is what was shipped: each is a command, ``casebase verify …``, and a test."""

from casebase.kernel.guard.leaks import Leak, Scanned, scan
from casebase.kernel.guard.reference import rpc_reference
from casebase.kernel.guard.schema import (
    Drift,
    SchemaReport,
    contract_texts,
    shipped_contract,
    verify_schema,
    write_contracts,
)

__all__ = [
    "Drift",
    "Leak",
    "Scanned",
    "SchemaReport",
    "contract_texts",
    "rpc_reference",
    "scan",
    "shipped_contract",
    "verify_schema",
    "write_contracts",
]
