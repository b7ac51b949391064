"""Scenario notifications: who is due for which nudge, written at most once, sent at most once."""

from casebase.kernel.module import JobHandler, Module, NavigationItem, Schedule

__all__ = ["MODULE"]

_ADMINISTRATORS = ("owner", "admin")

MODULE = Module(
    name="notifications",
    package="casebase.modules.notifications",
    title="Notifications",
    summary="Rules find who is due for which nudge; each is written once, sent once, and never inside a cooldown.",
    routes="casebase.modules.notifications.routes:router",
    pages="casebase.modules.notifications.pages:router",
    client="casebase.modules.notifications.service:Client",
    commands="casebase.modules.notifications.commands:app",
    jobs=(
        # As many organisations side by side; a job's turn is short, its last batch need not be.
        JobHandler(
            "notifications_evaluate",
            "casebase.modules.notifications.evaluation:evaluate",
            max_attempts=8,
            timeout_s=300,
            concurrency=4,
        ),
        # Services are slow and many; a slow one must not keep the others waiting.
        JobHandler(
            "notifications_dispatch",
            "casebase.modules.notifications.dispatch:dispatch",
            max_attempts=8,
            timeout_s=60,
            concurrency=16,
        ),
    ),
    schedules=(
        *(
            Schedule(
                f"notifications_{scenario}",
                f"{minute} * * * *",
                "notifications_evaluate",
                f'{{"scenario_types": ["{scenario}"]}}',
            )
            for scenario, minute in (
                ("inactivity", 5),
                ("milestone", 20),
                ("certification_expiry", 35),
                ("welcome_back", 50),
            )
        ),
        Schedule("notifications_sweep", "*/15 * * * *", "notifications_dispatch", '{"sweep": true}'),
    ),
    navigation=(
        NavigationItem("Overview", "/console/notifications/overview", icon="chart", roles=_ADMINISTRATORS),
        NavigationItem("Due now", "/console/notifications/due", icon="clock", roles=_ADMINISTRATORS),
        NavigationItem("Sent", "/console/notifications/sent", icon="mail", roles=_ADMINISTRATORS),
        NavigationItem("Failed", "/console/notifications/failed", icon="alert", roles=_ADMINISTRATORS),
        NavigationItem("Runs", "/console/notifications/runs", icon="list", roles=_ADMINISTRATORS),
        NavigationItem("Rules", "/console/notifications/rules", icon="gear", roles=_ADMINISTRATORS),
    ),
)
