"""What an organisation decides: each scenario's rule, and what holds for people who decided nothing themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from casebase.console.kit import Field, Form, StaffDep, page, typed_count
from casebase.console.kit.format import ABSENT, moment, number
from casebase.kernel.errors import CasebaseError, InvalidInputError
from casebase.modules.notifications import wording
from casebase.modules.notifications.pages.organization import ROOT, OrganizationDep, led

router = APIRouter()

_PATH: Final = f"{ROOT}/rules"
_MEANS: Final[Mapping[str, tuple[str, str, str]]] = {
    "inactivity": (
        "Whoever was not active for so many days is reminded, and again after each cooldown.",
        "Days without activity",
        "One number of days.",
    ),
    "milestone": (
        "Whoever reaches a count of activities is congratulated; each count once ever.",
        "Counts of activities",
        "Parted by commas, as 10, 25, 50.",
    ),
    "certification_expiry": (
        "Whoever holds a certification that ends soon is reminded, once for each of these days.",
        "Days before it expires",
        "Parted by commas, as 60, 30, 7.",
    ),
    "welcome_back": (
        "Whoever is active again after a reminder of inactivity is welcomed, once for each reminder.",
        "Days since the return, at most",
        "One number of days.",
    ),
}
"""What each rule does, what its threshold is called, and how it is typed."""
_UNITS: Final = (("days", "Days"), ("hours", "Hours"))
_LANGUAGES: Final = {"en": "English", "nb": "Norwegian bokmål"}
_HOURS: Final = Form(
    (
        Field("timezone", "Time zone", is_required=True, hint="As Europe/Oslo: whose days and hours count."),
        Field("language", "Language", "select", options=tuple(_LANGUAGES.items()), is_required=True),
        Field("quiet_from", "Quiet from", hint="As 22:00. Leave both empty for no quiet hours."),
        Field("quiet_until", "Quiet until", hint="As 07:00."),
    ),
    action=f"{_PATH}/hours",
    cancel_url=_PATH,
)


@router.get("/rules")
async def rules(
    request: Request, staff: StaffDep, organization: OrganizationDep, saved: str = ""
) -> Response:
    """Show what is decided."""
    config = await staff.call("get_scenario_config", organization.named)
    settings = await staff.call("get_notification_settings", organization.named)
    return page(
        request,
        "notifications/rules.html",
        title="Rules",
        cards=[_card(rule) for rule in sorted(config["scenarios"], key=_order)],
        hours=(
            ("Time zone", settings["timezone"]),
            ("Language", _LANGUAGES[settings["language"]]),
            (
                "Quiet hours",
                f"{settings['quiet_from']} to {settings['quiet_until']}"
                if settings["quiet_from"]
                else "None",
            ),
        ),
        is_saved=bool(saved),
    )


@router.get("/rules/hours")
async def ask_hours(request: Request, staff: StaffDep, organization: OrganizationDep) -> Response:
    """Ask for the organisation's time zone, language and quiet hours."""
    settings = await staff.call("get_notification_settings", organization.named)
    shown_values = {name: value or "" for name, value in settings.items()}
    return _form_page(request, _HOURS.filled(shown_values), "Hours and language")


@router.post("/rules/hours")
async def save_hours(request: Request, staff: StaffDep, organization: OrganizationDep) -> Response:
    """Decide them, or say what is wrong."""
    told = _typed(_HOURS, await request.form())
    payload = {**organization.payload, **{name: value or None for name, value in told.items()}}
    try:
        await staff.call("set_notification_settings", {"payload": payload})
    except CasebaseError as error:
        return _refused(request, _HOURS.filled(told), "Hours and language", error)
    return led(request, f"{_PATH}?saved=1")


@router.get("/rules/{scenario}")
async def ask_rule(
    request: Request, staff: StaffDep, organization: OrganizationDep, scenario: str
) -> Response:
    """Ask for a scenario's rule."""
    form = _form(scenario)
    config = await staff.call("get_scenario_config", organization.named)
    rule = next(rule for rule in config["scenarios"] if rule["scenario_type"] == scenario)
    in_days = rule["cooldown_hours"] % 24 == 0
    filled = form.filled(
        {
            "enabled": rule["enabled"],
            "threshold": ", ".join(str(value) for value in rule["threshold"]),
            "cooldown": f"{rule['cooldown_hours'] / (24 if in_days else 1):g}",
            "unit": "days" if in_days else "hours",
            "batch_size": rule["batch_size"],
        }
    )
    return _form_page(request, filled, wording.SCENARIOS[scenario], _MEANS[scenario][0])


@router.post("/rules/{scenario}")
async def save_rule(
    request: Request, staff: StaffDep, organization: OrganizationDep, scenario: str
) -> Response:
    """Decide it, or say what is wrong."""
    form = _form(scenario)
    told = _typed(form, await request.form())
    cooldown = typed_count(told["cooldown"])
    if isinstance(cooldown, int) and told["unit"] == "days":
        cooldown *= 24
    payload = {
        **organization.payload,
        "scenario_type": scenario,
        "enabled": told["enabled"] == "true",
        "threshold": [typed_count(part) for part in told["threshold"].replace(",", " ").split()],
        "cooldown_hours": cooldown,
        "batch_size": typed_count(told["batch_size"]),
    }
    try:
        await staff.call("set_scenario_config", {"payload": payload})
    except CasebaseError as error:
        filled = form.filled({**told, "enabled": payload["enabled"]})
        return _refused(request, filled, wording.SCENARIOS[scenario], error, _MEANS[scenario][0])
    return led(request, f"{_PATH}?saved=1")


def _order(rule: Mapping[str, Any]) -> int:
    return list(wording.SCENARIOS).index(rule["scenario_type"])


def _card(rule: Mapping[str, Any]) -> dict[str, Any]:
    means, threshold, _ = _MEANS[rule["scenario_type"]]
    looked_at = rule["last_evaluated_count"]
    return {
        "scenario": rule["scenario_type"],
        "title": wording.SCENARIOS[rule["scenario_type"]],
        "means": means,
        "enabled": rule["enabled"],
        "is_default": rule["is_default"],
        "facts": (
            (threshold, ", ".join(number(value) for value in rule["threshold"])),
            ("Cooldown", wording.days_of(rule["cooldown_hours"])),
            ("Last run", moment(rule["last_run_at"])),
            ("It looked at", ABSENT if looked_at is None else wording.people(looked_at)),
        ),
    }


def _form(scenario: str) -> Form:
    if scenario not in _MEANS:
        raise HTTPException(404)
    _, threshold, hint = _MEANS[scenario]
    return Form(
        (
            Field("enabled", "Look for it", "checkbox", hint="Off, nobody is told any more."),
            Field("threshold", threshold, is_required=True, hint=hint),
            Field("cooldown", "Cooldown", "number", is_required=True, hint="How long one person is left alone."),
            Field("unit", "Counted in", "select", options=_UNITS, is_required=True),
            Field("batch_size", "People a batch", "number", is_required=True,
                  hint="How many are looked at in one transaction, 100 to 100,000."),
        ),
        action=f"{_PATH}/{scenario}",
        cancel_url=_PATH,
    )  # fmt: skip


def _typed(form: Form, sent: Mapping[str, Any]) -> dict[str, str]:
    return {field.name: str(sent.get(field.name, "")).strip() for field in form.fields}


def _refused(
    request: Request, form: Form, title: str, error: CasebaseError, explanation: str = ""
) -> Response:
    if error.status != 422:
        raise error
    errors = []
    for problem in error.detail.get("errors", ()):
        name = str(problem.get("field", "")).partition("[")[0]
        if name == "cooldown_hours":  # typed in days or hours
            errors.append({"field": "cooldown", "message": "must lie between 1 hour and 366 days"})
        elif problem.get("rule") == "type" and name in ("threshold", "batch_size"):
            errors.append({"field": name, "message": "must be a whole number"})
        else:
            errors.append({**problem, "field": name})
    refused = InvalidInputError(detail={"errors": errors})
    return _form_page(request, form.refused(refused), title, explanation, status_code=422)


def _form_page(
    request: Request, form: Form, title: str, explanation: str = "", *, status_code: int = 200
) -> Response:
    return page(
        request,
        "notifications/form.html",
        title=title,
        form=form,
        explanation=explanation,
        status_code=status_code,
    )
