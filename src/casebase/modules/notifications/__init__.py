"""Scenario notifications: who is due for which nudge, written at most once, sent at most once."""

from casebase.kernel.module import JobHandler, Module, Schedule

__all__ = ["MODULE"]

MODULE = Module(
    name="notifications",
    package="casebase.modules.notifications",
    title="Notifications",
    summary="Rules find who is due for which nudge; each is written once, sent once, and never inside a cooldown.",
    jobs=(
        # As many organisations side by side; a job's turn is short, its last batch need not be.
        JobHandler(
            "notifications_evaluate",
            "casebase.modules.notifications.evaluation:evaluate",
            max_attempts=8,
            timeout_s=300,
            concurrency=4,
        ),
    ),
    schedules=(
        Schedule(
            "notifications_inactivity",
            "5 * * * *",
            "notifications_evaluate",
            '{"scenario_types": ["inactivity"]}',
        ),
        Schedule(
            "notifications_milestone",
            "20 * * * *",
            "notifications_evaluate",
            '{"scenario_types": ["milestone"]}',
        ),
        Schedule(
            "notifications_certification_expiry",
            "35 * * * *",
            "notifications_evaluate",
            '{"scenario_types": ["certification_expiry"]}',
        ),
        Schedule(
            "notifications_welcome_back",
            "50 * * * *",
            "notifications_evaluate",
            '{"scenario_types": ["welcome_back"]}',
        ),
    ),
)
