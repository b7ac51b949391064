-- Definer: no client reads auth.users. A claim tells what somebody wrote when they signed up: only an address that they
-- proved to be theirs shows what was sent there. Who has an account proved it there, whatever the token says, and one that
-- was deleted proves nothing. Of people whose accounts are elsewhere their issuer says so, in OpenID Connect's own claim:
-- what is in user_metadata people write themselves, and it only ever says no.
create or replace function frontdesk.customer_email() returns text
    language sql stable security definer
    set search_path = ''
as $$
    select lower(auth.jwt() ->> 'email')
    where coalesce(auth.jwt() ->> 'email_verified', auth.jwt() -> 'user_metadata' ->> 'email_verified', 'true') <> 'false'
      and auth.uid() is not null and coalesce(
        (select u.email_confirmed_at is not null and u.deleted_at is null and lower(u.email) = lower(auth.jwt() ->> 'email')
         from auth.users u where u.id = auth.uid()),
        auth.jwt() -> 'email_verified' = 'true')
$$;

comment on function frontdesk.customer_email() is
    'The e-mail address of the caller''s verified token, in lower case; null for one that was never confirmed.';

revoke execute on function frontdesk.customer_email() from public;
grant execute on function frontdesk.customer_email() to authenticated;
