-- What a signed-in person states about themselves is not kept: the token says who they are.
create or replace function enforcement.actor(stated text default null) returns text
    language sql stable
    set search_path = ''
as $$
    select case casebase.calling_role()
        when 'authenticated' then 'user:' || auth.uid()
        when 'anon' then 'anonymous'
        else coalesce(nullif(btrim(left(casebase.scrub_text(stated), 120)), ''), 'service')
    end
$$;

comment on function enforcement.actor(text) is
    'Who makes the call, as events and history name them: user:<id>, anonymous, or for the service what it states, scrubbed.';

revoke execute on function enforcement.actor(text) from public;
