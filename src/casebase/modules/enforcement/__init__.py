"""Judgment enforcement: cases, tiers, stages, actions, calls, imports and their workers."""

from casebase.kernel.module import JobHandler, Module, Schedule

__all__ = ["MODULE"]

MODULE = Module(
    name="enforcement",
    package="casebase.modules.enforcement",
    title="Enforcement",
    summary="A judgment becomes a case: scored, tiered, worked stage by stage until it is paid or given up.",
    jobs=(
        JobHandler(
            "outreach", "casebase.modules.enforcement.outreach:plan_calls", timeout_s=300, concurrency=2
        ),
        # Longer than CASEBASE_AI_TIMEOUT_S can be: a slow model's answer is not thrown away.
        JobHandler(
            "case_copilot", "casebase.modules.enforcement.copilot:write_note", timeout_s=660, concurrency=2
        ),
    ),
    # Early in the morning of the whole country.
    schedules=(Schedule("enforcement_plan_outreach", "15 10 * * *", "outreach"),),
)
