"""Language practice: sessions with a chat partner and a helper, one at a time, three a week."""

from casebase.kernel.module import JobHandler, Module, NavigationItem, Schedule

__all__ = ["MODULE"]

_ADMINISTRATORS = ("owner", "admin")

MODULE = Module(
    name="practice",
    package="casebase.modules.practice",
    title="Practice",
    summary="People practise a language with a partner and a helper: one session at a time, three completed a week.",
    routes="casebase.modules.practice.routes:router",
    pages="casebase.modules.practice.pages:router",
    site="casebase.modules.practice.web.site:make_site",
    client="casebase.modules.practice.service:Client",
    commands="casebase.modules.practice.commands:app",
    service="casebase.modules.practice.running:PracticeService",
    check="casebase.modules.practice.prompts:check_prompts",
    # Each kind beside the others, as one that has much to do must not keep answers waiting.
    jobs=(
        JobHandler(
            "practice_cleanup", "casebase.modules.practice.cleanup:run", timeout_s=3600, concurrency=4
        ),
    ),
    schedules=tuple(
        Schedule(f"practice_{cleanup}", cron, "practice_cleanup", f'{{"cleanup": "{cleanup}"}}')
        for cleanup, cron in (
            ("close_stale_answers", "* * * * *"),
            ("reset_weekly_limits", "2 * * * *"),
            ("delete_expired_sessions", "17 * * * *"),
            ("delete_old_logs", "47 * * * *"),
        )
    ),
    navigation=(
        NavigationItem("Overview", "/console/practice/overview", icon="chart", roles=_ADMINISTRATORS),
        NavigationItem("Log", "/console/practice/log", icon="list", roles=_ADMINISTRATORS),
    ),
)
