create or replace trigger settings_touch_updated_at before update on frontdesk.settings
    for each row execute function casebase.touch_updated_at();
create or replace trigger products_touch_updated_at before update on public.products
    for each row execute function casebase.touch_updated_at();
create or replace trigger conversation_scores_touch_updated_at before update on public.conversation_scores
    for each row execute function casebase.touch_updated_at();

create or replace trigger slots_guard before update on public.slots
    for each row execute function frontdesk.guard_slot();
create or replace trigger slots_touch_updated_at before update on public.slots
    for each row execute function casebase.touch_updated_at();

-- By name: guarded first, then placed.
create or replace trigger bookings_guard before insert or update on public.bookings
    for each row execute function frontdesk.guard_booking();
create or replace trigger bookings_place before insert on public.bookings
    for each row when (new.status <> 'cancelled') execute function frontdesk.place_booking();
create or replace trigger bookings_place_anew before update on public.bookings
    for each row when (old.slot_id <> new.slot_id) execute function frontdesk.place_booking();
create or replace trigger bookings_touch_updated_at before update on public.bookings
    for each row execute function casebase.touch_updated_at();

-- Transition tables are of one event each.
create or replace trigger bookings_note_added after insert on public.bookings
    referencing new table as added for each statement execute function frontdesk.note_added();
create or replace trigger bookings_note_changed after update on public.bookings
    referencing old table as was new table as changed for each statement execute function frontdesk.note_changed();
create or replace trigger bookings_note_removed after delete on public.bookings
    referencing old table as removed for each statement execute function frontdesk.note_removed();
create or replace trigger slots_note_added after insert on public.slots
    referencing new table as added for each statement execute function frontdesk.note_added();
create or replace trigger slots_note_changed after update on public.slots
    referencing old table as was new table as changed for each statement execute function frontdesk.note_changed();
create or replace trigger slots_note_removed after delete on public.slots
    referencing old table as removed for each statement execute function frontdesk.note_removed();

create or replace trigger orders_guard before update on public.orders
    for each row execute function frontdesk.guard_order();
create or replace trigger orders_touch_updated_at before update on public.orders
    for each row execute function casebase.touch_updated_at();

create or replace trigger analytics_metrics_mark after insert on public.analytics_metrics
    referencing new table as added for each statement execute function frontdesk.mark_metrics();
