"""The metrics explorer: one metric over a period, by its steps, of all readings or of those with some tags."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from casebase.console.kit import Column, StaffDep, Table, page
from casebase.kernel.errors import CasebaseError
from casebase.modules.frontdesk import metrics_view, wording
from casebase.modules.frontdesk.pages.tenant import ROOT, DeskDep
from casebase.modules.frontdesk.tags import tags_of

router = APIRouter()

PATH: Final = f"{ROOT}/metrics"
_ROWS: Final = 200
"""How many of the latest steps the table lists; the chart draws all."""
_DEFAULT: Final = "24h"


def _column(name: str, title: str, *, is_secondary: bool = False) -> Column:
    return Column(
        name,
        title,
        show=lambda row: metrics_view.reading(row.get(name)),
        is_numeric=True,
        is_secondary=is_secondary,
    )


_TABLE: Final = Table(
    columns=(
        Column("starts_at", "From (UTC)", show=lambda row: metrics_view.moment(row["starts_at"])),
        Column("count", "Readings", show=lambda row: metrics_view.reading(row["count"]), is_numeric=True),
        _column("avg", "Average"),
        _column("min", "Least", is_secondary=True),
        _column("p50", "p50"),
        _column("p95", "p95"),
        _column("p99", "p99", is_secondary=True),
        _column("max", "Most", is_secondary=True),
        _column("sum", "Sum", is_secondary=True),
    ),
    sort="-starts_at",
    caption="Steps with readings, the latest first",
    empty_title="No readings",
    empty_text="Nothing was recorded under this name in this time.",
)


@router.get("/metrics")
async def metrics(
    request: Request,
    staff: StaffDep,
    desk: DeskDep,
    name: str = "",
    period: str = _DEFAULT,
    step: str = "",
    tags: str = "",
) -> Response:
    """Show a metric: the one that the URL names, else the one that was recorded last."""
    known = (await staff.call("list_metric_names", {"tenant_id": None, **desk.named}))["items"]
    latest = max(known, key=lambda item: item["latest_hour"] or "", default=None)
    name = name.strip()[:100] or (latest["name"] if latest else "")
    chosen = metrics_view.PERIODS.get(period, metrics_view.PERIODS[_DEFAULT])
    step = step if step in chosen.steps else chosen.steps[0]
    now = request.app.state.runtime.clock.now()
    asked: dict[str, Any] = {
        **desk.named,
        "name": name,
        "from": (now - chosen.length).isoformat(),
        "until": now.isoformat(),
        "step": step,
    }
    found, complaint = None, ""
    if name:
        try:
            asked["tags"] = tags_of(tags)
            found = await staff.call("query_metrics", {"payload": asked})
        except ValueError as error:
            complaint = str(error)
        except CasebaseError as error:
            if error.status != 422:
                raise
            complaint = "These tags cannot be asked for: at most 16 of them, in 1,000 signs."
    table = _TABLE.view(request, _TABLE.read(request), reversed(found["points"][-_ROWS:]) if found else ())
    return page(
        request,
        "frontdesk/metrics.html",
        title=name or "Metrics",
        name=name,
        names=sorted({item["name"] for item in known} | ({name} if name else set())),
        periods=metrics_view.PERIODS,
        period=next(key for key, value in metrics_view.PERIODS.items() if value is chosen),
        steps=chosen.steps,
        step_names=metrics_view.STEPS,
        step=step,
        tags=tags,
        complaint=complaint,
        view=metrics_view.view(found) if found else None,
        table=table,
        is_cut=found is not None and len(found["points"]) > _ROWS,
        breakable=wording.breakable,
    )
