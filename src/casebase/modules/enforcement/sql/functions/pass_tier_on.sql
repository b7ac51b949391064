create or replace function enforcement.pass_tier_on() returns trigger
    language plpgsql
    set search_path = ''
as $$
begin
    update public.plaintiff_tasks t set tier = new.tier
    where t.enforcement_case_id = new.id and t.tenant_id = new.tenant_id and t.status = 'open';
    return null;
end
$$;

comment on function enforcement.pass_tier_on() is 'Trigger: a case''s open tasks rank by its tier.';

revoke execute on function enforcement.pass_tier_on() from public;
