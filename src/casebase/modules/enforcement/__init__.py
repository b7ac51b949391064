"""Judgment enforcement: cases, tiers, stages, actions, calls, imports and their workers."""

from casebase.kernel.module import JobHandler, Listener, Module, Schedule

__all__ = ["MODULE"]

MODULE = Module(
    name="enforcement",
    package="casebase.modules.enforcement",
    title="Enforcement",
    summary="A judgment becomes a case: scored, tiered, worked stage by stage until it is paid or given up.",
    uploads=("/cases/{case_id}/documents",),
    jobs=(
        JobHandler(
            "enforce", "casebase.modules.enforcement.playbook:open_actions", timeout_s=600, concurrency=4
        ),
        JobHandler(
            "enforcement_documents",
            "casebase.modules.enforcement.documents:sweep",
            timeout_s=600,
            concurrency=1,
        ),
        JobHandler(
            "outreach", "casebase.modules.enforcement.outreach:plan_calls", timeout_s=300, concurrency=2
        ),
        # Longer than CASEBASE_AI_TIMEOUT_S can be: a slow model's answer is not thrown away.
        JobHandler(
            "case_copilot", "casebase.modules.enforcement.copilot:write_note", timeout_s=660, concurrency=2
        ),
    ),
    schedules=(
        Schedule("enforcement_open_actions", "15 9 * * *", "enforce"),
        # Early in the morning of the whole country.
        Schedule("enforcement_plan_outreach", "15 10 * * *", "outreach"),
        Schedule("enforcement_sweep_documents", "41 * * * *", "enforcement_documents"),
    ),
    listeners=(Listener("enforcement_events_channel", "casebase.modules.enforcement.fan_out:fan_out"),),
)
