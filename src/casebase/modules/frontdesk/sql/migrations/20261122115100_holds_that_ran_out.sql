-- It returns what it locks; a function's result cannot be replaced.
-- squawk-ignore ban-drop-function
drop function if exists frontdesk.lock_expired_holds(uuid, text[]);
