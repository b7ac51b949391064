-- Those of one kind that were told together are one message, and one when the last of them is over.
alter table casebase.alerts add column told_at timestamptz;
update casebase.alerts set told_at = raised_at;
comment on column casebase.alerts.told_at is
    'When the operators were told: alerts of one kind and instant were one message. Null while it waits for those that follow.';

-- describe_alerts, of several, took its place; nobody but the kernel called it.
-- squawk-ignore ban-drop-function
drop function if exists casebase.describe_alert(text, text, double precision, double precision, interval);
