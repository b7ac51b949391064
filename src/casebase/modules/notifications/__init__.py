"""Scenario notifications: who is due for which nudge, written at most once, sent at most once."""

from casebase.kernel.module import Module

__all__ = ["MODULE"]

MODULE = Module(
    name="notifications",
    package="casebase.modules.notifications",
    title="Notifications",
    summary="Rules find who is due for which nudge; each is written once, sent once, and never inside a cooldown.",
)
