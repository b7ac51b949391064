"""What module pages are made of. One router per module, mounted at ``/console/<module>`` behind the login.

    router = APIRouter()
    CASES = Table(columns=[Column("reference", "Case")], sort="-created_at", href=lambda row: f"/console/x/{row['id']}")

    @router.get("/")
    async def cases(request: Request, staff: StaffDep) -> Response:
        state = CASES.read(request)
        found = await staff.call("list_cases", state.arguments())
        table = CASES.view(request, state, found["items"], found["next"])
        return page(request, "x/cases.html", title="Cases", table=table)

The template extends ``console/layout.html`` and draws with the macros of ``console/components.html``; see
``console/README.md``. Forms post with ``{{ csrf() }}``; without a valid token no handler is reached.
"""

from casebase.console.kit import charts
from casebase.console.kit.carried import carried, carry
from casebase.console.kit.charts import Chart
from casebase.console.kit.diff import Change, diff
from casebase.console.kit.form import Field, Form, typed_count, typed_number
from casebase.console.kit.page import page
from casebase.console.kit.table import Column, Filter, Table, TableState, TableView
from casebase.console.kit.timeline import Event, timeline
from casebase.console.staff import Staff, StaffDep, Tenant

__all__ = [
    "Change",
    "Chart",
    "Column",
    "Event",
    "Field",
    "Filter",
    "Form",
    "Staff",
    "StaffDep",
    "Table",
    "TableState",
    "TableView",
    "Tenant",
    "carried",
    "carry",
    "charts",
    "diff",
    "page",
    "timeline",
    "typed_count",
    "typed_number",
]
