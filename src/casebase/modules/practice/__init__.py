"""Language practice: sessions with a chat partner and a helper, one at a time, three a week."""

from casebase.kernel.module import JobHandler, Module, Schedule

__all__ = ["MODULE"]

MODULE = Module(
    name="practice",
    package="casebase.modules.practice",
    title="Practice",
    summary="People practise a language with a partner and a helper: one session at a time, three completed a week.",
    service="casebase.modules.practice.running:PracticeService",
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
)
