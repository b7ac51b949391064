-- Rows that only the newer rules allow go with them.
delete from notifications.templates where plural = 'zero';
comment on table notifications.templates is 'What a nudge says. {days}, {milestone} and {certification} are filled in.';
comment on column notifications.templates.plural is null;
alter table notifications.templates
    drop constraint plural_is_known,
    add constraint plural_is_known check (plural in ('one', 'other'));
alter table public.device_tokens
    drop constraint token_is_short,
    add constraint token_is_short check (length(token) between 8 and 4096);
