"""Language practice: sessions with a chat partner and a helper, one at a time, three a week."""

from casebase.kernel.module import Module

__all__ = ["MODULE"]

MODULE = Module(
    name="practice",
    package="casebase.modules.practice",
    title="Practice",
    summary="People practise a language with a partner and a helper: one session at a time, three completed a week.",
    service="casebase.modules.practice.running:PracticeService",
)
