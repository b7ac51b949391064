-- What clients need of the tables. This file may be run twice.

-- A token is a key of an index, whose entries hold 2,700 bytes at most, and is sent in a line of JSON or of a header.
alter table public.device_tokens
    -- squawk-ignore ban-drop-constraint
    drop constraint if exists token_is_short,
    -- squawk-ignore constraint-missing-not-valid
    add constraint token_is_short check (token ~ '^[!-~]+$' and length(token) between 8 and 2000);

-- Without a time zone it is the organisation's: `null and false` is false, so a check must say that it may be null.
alter table public.notification_preferences
    -- squawk-ignore ban-drop-constraint
    drop constraint if exists preferred_timezone_is_one,
    -- squawk-ignore constraint-missing-not-valid
    add constraint preferred_timezone_is_one check (
        timezone is null
        or length(timezone) between 1 and 60 and timezone(timezone, '2000-01-01 00:00:00+00'::timestamptz) is not null);

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
