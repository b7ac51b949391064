-- How a list goes on is the kernel's to say: casebase.read_cursor and casebase.write_cursor.
-- squawk-ignore ban-drop-function
drop function if exists notifications.read_cursor(text), notifications.write_cursor(timestamptz, uuid);
