-- Definer: no client reads auth.users. A claim tells what somebody wrote when they signed up: only an address that they
-- proved to be theirs shows what was sent there.
create or replace function frontdesk.customer_email() returns text
    language sql stable security definer
    set search_path = ''
as $$
    select lower(auth.jwt() ->> 'email')
    where coalesce(auth.jwt() ->> 'email_verified', auth.jwt() -> 'user_metadata' ->> 'email_verified', 'true') <> 'false'
      and not exists (
          select from auth.users u
          where u.id = auth.uid()
            and (u.email_confirmed_at is null or lower(u.email) is distinct from lower(auth.jwt() ->> 'email')))
$$;

comment on function frontdesk.customer_email() is
    'The e-mail address of the caller''s verified token, in lower case; null for one that was never confirmed.';

revoke execute on function frontdesk.customer_email() from public;
grant execute on function frontdesk.customer_email() to authenticated;
