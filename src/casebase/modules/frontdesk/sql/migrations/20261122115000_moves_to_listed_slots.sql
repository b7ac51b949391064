-- It asks also whether the slot has to be listed; two of one name would leave callers between them.
-- squawk-ignore ban-drop-function
drop function if exists public.reschedule_booking(uuid, text), frontdesk.reschedule_booking(uuid, text);
