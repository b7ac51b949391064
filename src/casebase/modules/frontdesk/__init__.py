"""The front desk of many tenants: bookings, orders, conversation scores, metrics and PHI events."""

from casebase.kernel.module import JobHandler, Module, NavigationItem, Schedule

__all__ = ["MODULE"]

_ADMINISTRATORS = ("owner", "admin")

MODULE = Module(
    name="frontdesk",
    package="casebase.modules.frontdesk",
    title="Front desk",
    summary="Bookings that never collide, orders priced by the server, scores, metrics, and PHI found and masked.",
    routes="casebase.modules.frontdesk.routes:router",
    pages="casebase.modules.frontdesk.pages:router",
    service="casebase.modules.frontdesk.running:FrontdeskService",
    check="casebase.modules.frontdesk.settings:check_settings",
    client="casebase.modules.frontdesk.service:Client",
    commands="casebase.modules.frontdesk.commands:app",
    # Several side by side: the export of a month takes long, and holds run out meanwhile.
    jobs=(
        JobHandler(
            "frontdesk_maintenance",
            "casebase.modules.frontdesk.maintenance:run",
            timeout_s=3600,
            concurrency=4,
        ),
    ),
    schedules=tuple(
        Schedule(f"frontdesk_{task}", cron, "frontdesk_maintenance", f'{{"task": "{task}"}}')
        for task, cron in (
            ("expire_holds", "* * * * *"),
            ("roll_up_metrics", "*/2 * * * *"),
            ("keep_metrics", "11 * * * *"),
        )
    ),
    navigation=(
        NavigationItem("Calendar", "/console/frontdesk/calendar", icon="calendar"),
        NavigationItem("Bookings", "/console/frontdesk/bookings", icon="list"),
        NavigationItem("Orders", "/console/frontdesk/orders", icon="cart", roles=_ADMINISTRATORS),
        NavigationItem("Products", "/console/frontdesk/products", icon="tag"),
        NavigationItem("Scores", "/console/frontdesk/scores", icon="spark", roles=_ADMINISTRATORS),
        NavigationItem("Metrics", "/console/frontdesk/metrics", icon="chart", roles=_ADMINISTRATORS),
        NavigationItem("PHI events", "/console/frontdesk/phi", icon="shield", roles=_ADMINISTRATORS),
        NavigationItem("Settings", "/console/frontdesk/settings", icon="gear", roles=_ADMINISTRATORS),
    ),
)
