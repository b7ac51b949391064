-- What clients need of the tables. This file may be run twice.

-- A token is a key of an index, whose entries hold 2,700 bytes at most, and is sent in a line of JSON or of a header.
alter table public.device_tokens
    -- squawk-ignore ban-drop-constraint
    drop constraint if exists token_is_short,
    -- squawk-ignore constraint-missing-not-valid
    add constraint token_is_short check (token ~ '^[!-~]{8,2000}$');

alter table notifications.templates
    -- squawk-ignore ban-drop-constraint
    drop constraint if exists plural_is_known,
    -- squawk-ignore constraint-missing-not-valid
    add constraint plural_is_known check (plural in ('zero', 'one', 'other'));
comment on table notifications.templates is
    'What a nudge says. {days}, {milestone} and {certification} are filled in; what stands in [brackets] is said of several '
    'certifications alone, where {more} is how many others there are.';
comment on column notifications.templates.plural is
    'zero: for a number 0 that has words of its own. English and Norwegian tell one from other, and no more (CLDR).';
