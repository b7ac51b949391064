-- The repeatable functions take a third argument; an overload of two would make every call ambiguous.
-- squawk-ignore ban-drop-function
drop function if exists casebase.scrub_text(text, text[]);
-- squawk-ignore ban-drop-function
drop function if exists casebase.scrub_json(jsonb, text[]);
