"""Opening hours become slots that lie within them, outside the break, and follow the tenant's clock over its changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from casebase.modules.frontdesk.opening_hours import OpeningHours

OSLO = ZoneInfo("Europe/Oslo")
EVERY_DAY = frozenset(range(7))


def hours(first: date, last: date, **changes: object) -> OpeningHours:
    usual = {
        "resources": ["Chair 1"], "weekdays": EVERY_DAY, "opens": time(9), "closes": time(17), "minutes": 30,
        "pause": None,
    }  # fmt: skip
    return OpeningHours(first_day=first, last_day=last, **{**usual, **changes})  # type: ignore[arg-type]


def test_a_day_has_the_slots_that_fit_around_its_break() -> None:
    day = date(2026, 6, 17)
    slots = [
        f"{slot.starts_at.astimezone(OSLO):%H:%M}"
        for slot in hours(day, day, closes=time(14), minutes=50, pause=(time(11), time(11, 30))).slots(OSLO)
    ]
    assert slots == ["09:00", "09:50", "11:30", "12:20", "13:10"]


def test_weeks_have_their_open_days_and_each_resource() -> None:
    open_days = hours(date(2026, 6, 15), date(2026, 6, 28), weekdays=frozenset({0, 2}), resources=["A", "B"])
    slots = list(open_days.slots(OSLO))
    assert sorted({slot.starts_at.date() for slot in slots}) == [
        date(2026, 6, day) for day in (15, 17, 22, 24)
    ]
    assert {slot.resource for slot in slots} == {"A", "B"}
    assert len(slots) == 4 * 16 * 2


def test_the_clock_is_followed_over_its_changes() -> None:
    for day, missing in ((date(2026, 3, 29), {2}), (date(2026, 10, 25), set[int]())):
        slots = list(hours(day, day, opens=time(0), closes=time(0), minutes=60).slots(OSLO))
        local = [slot.starts_at.astimezone(OSLO) for slot in slots]
        assert {one.hour for one in local} >= {0, 1, 3, 9, 23} - missing
        assert len({slot.starts_at for slot in slots}) == len(slots)
        assert all(slot.ends_at - slot.starts_at == timedelta(hours=1) for slot in slots)
    for day, minutes, spring_or_autumn in (
        (date(2026, 3, 29), 30, ["01:00", "01:30", "03:00", "03:30"]),
        (date(2026, 3, 29), 50, ["01:00", "03:30"]),  # from 01:50 on it would end in the skipped hour
        (date(2026, 10, 25), 30, ["01:00", "01:30", "02:00", "02:30", "03:00", "03:30"]),
    ):
        night = list(hours(day, day, opens=time(1), closes=time(4, 20), minutes=minutes).slots(OSLO))
        assert [f"{slot.starts_at.astimezone(OSLO):%H:%M}" for slot in night] == spring_or_autumn
        assert all(one.ends_at <= two.starts_at for one, two in pairwise(night))
    summer, winter = (
        next(iter(hours(day, day).slots(OSLO))).starts_at for day in (date(2026, 3, 30), date(2026, 3, 27))
    )
    assert (summer.hour, winter.hour) == (7, 8)


@given(
    opens=st.integers(0, 23 * 12), length=st.integers(1, 60), minutes=st.integers(5, 240),
    pause=st.none() | st.tuples(st.integers(0, 250), st.integers(1, 36)),
)  # fmt: skip
def test_slots_never_overlap_nor_leave_the_hours(
    opens: int, length: int, minutes: int, pause: tuple[int, int] | None
) -> None:
    def at(fives: int) -> time:
        return (datetime(2026, 6, 17, tzinfo=UTC) + timedelta(minutes=5 * min(fives, 287))).time()

    day = date(2026, 6, 17)
    first, last = at(opens), at(opens + length)
    rest = (at(pause[0]), at(sum(pause))) if pause else None
    if rest and rest[1] <= rest[0]:
        rest = None
    slots = list(
        hours(day, day, opens=first, closes=last, minutes=minutes, pause=rest).slots(ZoneInfo("UTC"))
    )
    assert all(one.ends_at <= two.starts_at for one, two in pairwise(slots))
    for slot in slots:
        assert first <= slot.starts_at.time()
        assert slot.ends_at.time() <= last
        assert slot.ends_at - slot.starts_at == timedelta(minutes=minutes)
        if rest:
            assert slot.ends_at.time() <= rest[0] or rest[1] <= slot.starts_at.time()
