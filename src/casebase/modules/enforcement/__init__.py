"""Judgment enforcement: cases, tiers, stages, actions, calls, imports and their workers."""

from casebase.kernel.module import Module

__all__ = ["MODULE"]

MODULE = Module(
    name="enforcement",
    package="casebase.modules.enforcement",
    title="Enforcement",
    summary="A judgment becomes a case: scored, tiered, worked stage by stage until it is paid or given up.",
)
