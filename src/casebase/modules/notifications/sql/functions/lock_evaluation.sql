-- That is for order alone: without it the constraints would refuse the second engine's rows. Who evaluates all
-- organisations in one transaction waits for the others before it writes: a milestone is told once over organisations, so
-- its rows could else wait for an engine that waits for its organisation.
create or replace function notifications.lock_evaluation(organization_id uuid) returns void
    language plpgsql
    set search_path = ''
as $$
begin
    if organization_id is null then
        perform pg_advisory_xact_lock(hashtextextended('notifications.evaluate', 0));
    else
        perform pg_advisory_xact_lock_shared(hashtextextended('notifications.evaluate', 0));
        perform pg_advisory_xact_lock(hashtextextended('notifications.evaluate:' || organization_id, 0));
    end if;
end
$$;

comment on function notifications.lock_evaluation(uuid) is
    'Until the transaction''s end let no other engine write for the organisation, without one for any: the next waits, then '
    'finds everybody in their cooldown.';

revoke execute on function notifications.lock_evaluation(uuid) from public;
