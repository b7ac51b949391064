"""Slots: one that can be booked, and adding those of a day or of weeks, looked at before they are added."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from uuid import uuid4
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from casebase.console.kit import Field, Form, Staff, StaffDep, page
from casebase.console.kit.format import number
from casebase.kernel.clock import known_zone
from casebase.kernel.errors import CasebaseError, InvalidInputError
from casebase.modules.frontdesk import wording
from casebase.modules.frontdesk.opening_hours import MAX_SLOTS, OpeningHours, Slot
from casebase.modules.frontdesk.pages.calendar import PATH as CALENDAR_PATH
from casebase.modules.frontdesk.pages.calendar import day_of, today
from casebase.modules.frontdesk.pages.tenant import ROOT, DecidedDep, Desk, DeskDep, choose, led, settings

router = APIRouter()

PATH: Final = f"{ROOT}/slots"
_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_BOOK: Final = Form(
    (
        Field("user_name", "Name", is_required=True),
        Field("user_email", "E-mail", "email", is_required=True),
        Field("is_confirmed", "Confirm at once", "checkbox",
              hint="Else it is held for a while, and free again unless confirmed."),
    ),
    submit="Book",
    cancel_url=CALENDAR_PATH,
)  # fmt: skip
_SAID: Final = {
    "slot_unavailable": "Somebody else has just taken this slot.",
    "slot_past": "This slot has begun, and can no longer be booked.",
}
_ADD: Final = Form(
    (
        Field("resources", "What can be booked", is_required=True, hint="Parted by commas: Chair 1, Chair 2."),
        Field("first_day", "From", "date", is_required=True),
        Field("last_day", "Until", "date", is_required=True),
        Field("weekdays", "On", "checkboxes", is_required=True,
              options=tuple((str(n), name) for n, name in enumerate(_WEEKDAYS))),
        Field("opens", "Opens", is_required=True, inputmode="numeric", hint="As 09:00."),
        Field("closes", "Closes", is_required=True, inputmode="numeric", hint="As 17:00; 00:00 is midnight."),
        Field("minutes", "Minutes a slot", "number", is_required=True),
        Field("capacity", "Places a slot", "number", is_required=True, hint="How many can book the same slot."),
        Field("pause_from", "Break from", inputmode="numeric", hint="Leave both empty for none."),
        Field("pause_until", "Break until", inputmode="numeric"),
    ),
    action=f"{PATH}/add",
    submit="Look at them",
    cancel_url=CALENDAR_PATH,
)  # fmt: skip
_USUAL: Final = {
    "weekdays": ["0", "1", "2", "3", "4"],
    "opens": "09:00",
    "closes": "17:00",
    "minutes": "30",
    "capacity": "1",
    "pause_from": "12:00",
    "pause_until": "13:00",
}


@router.get("/slots/one")
async def slot(
    request: Request, staff: StaffDep, desk: DeskDep, slot_id: str = "", on: str = "", view: str = ""
) -> Response:
    """Show one slot of a day: who took it, and a form that books it."""
    found, where = await _find(staff, desk, slot_id, on)
    form = _BOOK.filled({"is_confirmed": True})
    return _slot_page(request, found, where, form, view)


@router.post("/slots/one")
async def book(request: Request, staff: StaffDep, desk: DeskDep, slot_id: str = "", on: str = "") -> Response:
    """Book the slot for somebody without an account."""
    sent = await request.form()
    told = {name: str(sent.get(name, "")).strip() for name in ("user_name", "user_email", "is_confirmed")}
    is_confirmed, view = told["is_confirmed"] == "true", str(sent.get("view", ""))
    try:
        await staff.call(
            "book_slot",
            {
                "payload": {
                    **desk.named,
                    "slot_id": slot_id,
                    "user_name": told["user_name"],
                    "user_email": told["user_email"],
                    "is_confirmed": is_confirmed,
                    "is_listed": True,
                }
            },
            idempotency_key=str(sent.get("once", "")) or None,
        )
    except CasebaseError as error:
        if error.code == "slot_not_found":
            return led(
                request, f"{CALENDAR_PATH}?{urlencode({'view': view, 'on': on, 'refused': error.code})}"
            )
        if error.status not in (409, 422):
            raise
        found, where = await _find(staff, desk, slot_id, on)
        form = _BOOK.filled({**told, "is_confirmed": is_confirmed}).refused(_in_words(error, _SAID))
        return _slot_page(request, found, where, form, view, error.status)
    query = {"view": view, "on": on, "done": "booked" if is_confirmed else "held"}
    return led(request, f"{CALENDAR_PATH}?{urlencode(query)}")


@router.get("/slots/remove")
async def ask_remove(
    request: Request, staff: StaffDep, desk: DecidedDep, slot_id: str = "", on: str = ""
) -> Response:
    """Ask whether to take a slot back."""
    found, where = await _find(staff, desk, slot_id, on)
    return page(
        request,
        "frontdesk/remove_slot.html",
        title="Remove this slot?",
        slot=found,
        span=wording.local_span(found["starts_at"], found["ends_at"], where),
        here=_here(found, on),
    )


@router.post("/slots/remove")
async def remove(
    request: Request, staff: StaffDep, desk: DecidedDep, slot_id: str = "", on: str = ""
) -> Response:
    """Take a slot back that nobody booked; one that somebody did stays, and its page says so."""
    try:
        await staff.call("remove_slot", {**({"tenant_id": None} | desk.named), "slot_id": slot_id})
    except CasebaseError as error:
        if error.code != "slot_booked":
            raise
        return led(request, f"{PATH}/one?{urlencode({'slot_id': slot_id, 'on': on})}")
    return led(request, f"{CALENDAR_PATH}?{urlencode({'on': on, 'done': 'removed'})}")


@router.get("/slots/add")
async def ask_add(request: Request, staff: StaffDep, desk: DecidedDep, on: str = "") -> Response:
    """Ask for opening hours, which become slots."""
    where = known_zone((await settings(staff, desk))["time_zone"])
    first = day_of(on, today(request, where))
    usual = {**_USUAL, "first_day": first.isoformat(), "last_day": (first + timedelta(days=6)).isoformat()}
    return _add_page(request, _ADD.filled(usual), where)


@router.post("/slots/add")
async def add(request: Request, staff: StaffDep, desk: DecidedDep) -> Response:
    """Show the slots that opening hours make; add them when that was seen."""
    where = known_zone((await settings(staff, desk))["time_zone"])
    sent = await request.form()
    told: dict[str, Any] = {
        field.name: str(sent.get(field.name, "")).strip() for field in _ADD.fields if field.name != "weekdays"
    }
    told["weekdays"] = [str(one) for one in sent.getlist("weekdays")]
    try:
        hours = _opening_hours(told)
        slots = list(_first(hours, where))
        capacity = _whole(told["capacity"], "capacity", 1, 1000)
        if "add" not in sent:
            known = await _known(staff, desk, slots, where)
            return _preview(request, hours, slots, known, capacity, told, where)
        added = await staff.call(
            "add_slots",
            {
                "payload": {
                    **desk.named,
                    "slots": [
                        {
                            "resource": one.resource,
                            "starts_at": one.starts_at.isoformat(),
                            "ends_at": one.ends_at.isoformat(),
                            "capacity": capacity,
                        }
                        for one in slots
                    ],
                    "is_new_only": True,
                }
            },
        )
    except CasebaseError as error:
        if error.status not in (409, 422):
            raise
        said = {
            "slot_overlaps": "Some of these overlap slots that are there. Choose other hours, or remove those first.",
        }
        form = _ADD.filled(told).refused(_in_words(error, said))
        return _add_page(request, form, where, error.status)
    counts = {name: added[name] for name in ("added", "unchanged") if added[name]}
    return led(request, f"{PATH}/added?{urlencode({'on': told['first_day'], **counts})}")


@router.get("/slots/added", dependencies=[Depends(choose)])
async def added(
    request: Request,
    on: str = "",
    added: int = 0,
    unchanged: int = 0,
) -> Response:
    """Say how many slots came of it."""
    return page(
        request,
        "frontdesk/slots_added.html",
        title="Slots added" if added else "Nothing to add",
        counts=[("Added", number(added)), ("There already", number(unchanged))],
        on=on,
    )


async def _find(staff: Staff, desk: Desk, slot_id: str, on: str) -> tuple[Mapping[str, Any], ZoneInfo]:
    day = day_of(on, date.min)
    if day == date.min:
        raise HTTPException(404)
    days = {"from_day": day.isoformat(), "to_day": day.isoformat()}
    found = await staff.call("get_booking_calendar", {"payload": {**desk.named, **days}})
    slot = next((slot for slot in found["slots"] if slot["slot_id"] == slot_id), None)
    if slot is None:
        raise HTTPException(404)
    return slot, known_zone(found["time_zone"])


async def _known(
    staff: Staff, desk: Desk, slots: Sequence[Slot], where: ZoneInfo
) -> dict[tuple[str, datetime], Mapping[str, Any]]:
    """Return those of some slots that are there, as they are there: the resource's of the same moment."""
    wanted = {(slot.resource, slot.starts_at) for slot in slots}
    day, last = (slots[n].starts_at.astimezone(where).date() for n in (0, -1))
    spans = []
    while day <= last:
        spans.append((day, min(day + timedelta(days=30), last)))
        day += timedelta(days=31)
    known = {}
    while spans:
        first, last = spans.pop()
        days = {"from_day": first.isoformat(), "to_day": last.isoformat()}
        found = await staff.call("get_booking_calendar", {"payload": {**desk.named, **days}})
        if found["is_more"] and first < last:
            middle = first + (last - first) // 2
            spans += [(first, middle), (middle + timedelta(days=1), last)]
            continue
        for slot in found["slots"]:
            key = slot["resource"], datetime.fromisoformat(slot["starts_at"])
            if key in wanted:
                known[key] = slot
    return known


def _slot_page(
    request: Request,
    slot: Mapping[str, Any],
    where: ZoneInfo,
    form: Form,
    view: str,
    status_code: int = 200,
) -> Response:
    on = wording.at(slot["starts_at"], where).date()
    here = _here(slot, on.isoformat())
    now = request.app.state.runtime.clock.now()
    return page(
        request,
        "frontdesk/slot.html",
        title=f"Book {slot['resource']}" if slot["free"] else slot["resource"],
        slot=slot,
        span=wording.local_span(slot["starts_at"], slot["ends_at"], where),
        is_past=datetime.fromisoformat(slot["starts_at"]) <= now,
        statuses=wording.BOOKING_STATUSES,
        tones=wording.BOOKING_TONES,
        form=_at(form, f"{PATH}/one?{here}", f"{CALENDAR_PATH}?on={on}"),
        here=here,
        on=on,
        view=view,
        once=str(uuid4()),
        status_code=status_code,
    )


def _here(slot: Mapping[str, Any], on: str) -> str:
    return urlencode({"slot_id": slot["slot_id"], "on": on})


def _at(form: Form, action: str, cancel_url: str) -> Form:
    return replace(form, action=action, cancel_url=cancel_url)


def _in_words(error: CasebaseError, said: Mapping[str, str]) -> CasebaseError:
    """Return a refusal as a person reads it."""
    return InvalidInputError(said[error.code]) if error.code in said else error


def _opening_hours(told: Mapping[str, Any]) -> OpeningHours:
    resources = [one.strip() for one in told["resources"].split(",") if one.strip()]
    if not resources or len(set(resources)) < len(resources) or any(len(one) > 100 for one in resources):
        raise _wrong("resources", "must name each once, in 100 signs at most")
    first_day, last_day = (_day(told[name], name) for name in ("first_day", "last_day"))
    if not timedelta(0) <= last_day - first_day <= timedelta(days=366):
        raise _wrong("last_day", "must not be before the first day, and within a year of it")
    opens, closes = (_time(told[name], name) for name in ("opens", "closes"))
    if closes != time(0) and closes <= opens:
        raise _wrong("closes", "must be after it opens")
    pause = None
    if told["pause_from"] or told["pause_until"]:
        pause = _time(told["pause_from"], "pause_from"), _time(told["pause_until"], "pause_until")
        if pause[1] <= pause[0]:
            raise _wrong("pause_until", "must be after the break begins")
    weekdays = frozenset(int(one) for one in told["weekdays"] if one in set("0123456"))
    if not weekdays:
        raise _wrong("weekdays", "must be chosen")
    minutes = _whole(told["minutes"], "minutes", 5, 1440)
    return OpeningHours(resources, first_day, last_day, weekdays, opens, closes, minutes, pause)


def _first(hours: OpeningHours, where: ZoneInfo) -> list[Slot]:
    slots = []
    for slot in hours.slots(where):
        slots.append(slot)
        if len(slots) > MAX_SLOTS:
            raise _wrong(
                "last_day",
                f"makes more than {number(MAX_SLOTS)} slots: choose fewer days, and add the rest after",
            )
    if not slots:
        raise _wrong("closes", "leaves no time for a slot on these days")
    return slots


def _preview(
    request: Request,
    hours: OpeningHours,
    slots: list[Slot],
    known: Mapping[tuple[str, datetime], Mapping[str, Any]],
    capacity: int,
    told: Mapping[str, Any],
    where: ZoneInfo,
) -> Response:
    new = [slot for slot in slots if (slot.resource, slot.starts_at) not in known]
    by_day = Counter(slot.starts_at.astimezone(where).date() for slot in new)
    of_one = [slot for slot in slots if slot.resource == hours.resources[0]]
    first = of_one[0].starts_at.astimezone(where).date()
    return page(
        request,
        "frontdesk/preview_slots.html",
        title="Add these slots?" if new else "Nothing to add",
        hours=hours,
        count=len(new),
        places=len(new) * capacity,
        known=[
            _as_known(slot, where)
            for _, slot in sorted(known.items(), key=lambda one: (one[0][1], one[0][0]))
        ],
        days=[(wording.weekday(day), number(count)) for day, count in by_day.items()],
        first=wording.weekday(first),
        times=[
            f"{slot.starts_at.astimezone(where):%H:%M}–{slot.ends_at.astimezone(where):%H:%M}"
            for slot in of_one
            if slot.starts_at.astimezone(where).date() == first
        ],
        told=told,
        place=wording.place(where),
    )


def _as_known(slot: Mapping[str, Any], where: ZoneInfo) -> tuple[str, str]:
    starts, ends = (wording.at(slot[name], where) for name in ("starts_at", "ends_at"))
    places = f", {number(slot['capacity'])} places" if slot["capacity"] > 1 else ""
    return f"{wording.short_day(starts.date())}, {starts:%H:%M}–{ends:%H:%M}", f"{slot['resource']}{places}"


def _add_page(request: Request, form: Form, where: ZoneInfo, status_code: int = 200) -> Response:
    return page(
        request,
        "frontdesk/add_slots.html",
        title="Add slots",
        form=form,
        place=wording.place(where),
        status_code=status_code,
    )


def _wrong(name: str, message: str) -> InvalidInputError:
    return InvalidInputError(detail={"errors": [{"field": name, "rule": "format", "message": message}]})


def _day(text: str, name: str) -> date:
    if (day := day_of(text, date.min)) == date.min:
        raise _wrong(name, "must be a day between 2001 and 2198")
    return day


def _time(text: str, name: str) -> time:
    try:
        return datetime.strptime(text, "%H:%M").time()
    except ValueError:
        raise _wrong(name, "must be a time, as 09:00") from None


def _whole(text: str, name: str, least: int, most: int) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 9 or not least <= int(text) <= most:
        raise _wrong(name, f"must be a whole number from {number(least)} to {number(most)}")
    return int(text)
