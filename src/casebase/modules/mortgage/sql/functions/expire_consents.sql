-- Definer: it empties what is append-only for everybody. Several may run at once: each skips what another has locked.
-- A batch ends when it is full or when it has taken 15 ms, so that its locks are gone before anybody notices them; nor
-- are they held while the disk is waited for: a batch that a crash of the server undoes is done again by the next run.
-- Always by index: a plan made while the tables were small would read them whole when they no longer are.
create or replace function mortgage.expire_consents(batch_limit int) returns jsonb
    language plpgsql security definer
    set search_path = ''
    set enable_seqscan = off
    set jit = off
as $$
declare
    v_ends_before timestamptz := clock_timestamp() + interval '15 ms';
    v_consent public.consents;
    v_seen int := 0;
    v_subjects int := 0;
    v_is_complete boolean;
    v_has_progress boolean := false;
    v_has_rest boolean := false;
begin
    perform casebase.require_valid(jsonb_build_object('batch_limit', batch_limit), '{
        "type": "object",
        "required": ["batch_limit"],
        "properties": {"batch_limit": {"type": "integer", "minimum": 1, "maximum": 1000}}
    }');
    perform set_config('synchronous_commit', 'off', true);
    for v_consent in
        select k.* from public.consents k
        where k.expired_at is null and least(k.until, k.withdrawn_at) <= casebase.now()
        order by least(k.until, k.withdrawn_at)
        limit batch_limit
        for no key update skip locked
    loop
        v_seen := v_seen + 1;
        v_is_complete := mortgage.erase_consent(v_consent);
        v_subjects := v_subjects + coalesce(v_is_complete, false)::int;
        v_has_progress := v_has_progress or v_is_complete is not null;
        v_has_rest := v_has_rest or not coalesce(v_is_complete, true);
        exit when clock_timestamp() >= v_ends_before;
    end loop;
    return jsonb_build_object(
        'subjects', v_subjects,
        'is_more', v_has_rest or v_has_progress and (v_seen = batch_limit or clock_timestamp() >= v_ends_before));
end
$$;

create or replace function public.expire_consents(batch_limit int) returns jsonb
    language sql
    set search_path = ''
as $$
    select mortgage.expire_consents(batch_limit)
$$;

comment on function public.expire_consents(int) is
    'Erase what is personal of up to batch_limit (1 to 1000) ended consents: contact, incomes, free texts, documents, '
    'conversations. Returns {subjects, is_more}: call again while there is more. For the service alone; 422 invalid_input.';

revoke execute on function mortgage.expire_consents(int), public.expire_consents(int)
    from public, anon, authenticated, service_role;
grant execute on function mortgage.expire_consents(int), public.expire_consents(int) to service_role;
