-- Rows that only the newer rules allow go with them.
delete from notifications.templates where plural = 'zero';
comment on table notifications.templates is 'What a nudge says. {days}, {milestone} and {certification} are filled in.';
comment on column notifications.templates.plural is null;
alter table notifications.templates
    drop constraint plural_is_known,
    add constraint plural_is_known check (plural in ('one', 'other'));
alter table public.notification_preferences
    drop constraint preferred_timezone_is_one,
    -- What has none would break it, as long as it stands.
    add constraint preferred_timezone_is_one check (
        length(timezone) between 1 and 60 and timezone(timezone, '2000-01-01 00:00:00+00'::timestamptz) is not null) not valid;
alter table public.device_tokens
    drop constraint token_is_short,
    add constraint token_is_short check (length(token) between 8 and 4096);
