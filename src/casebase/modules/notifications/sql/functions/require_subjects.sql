-- One place decides about whom somebody may state facts, so that no two doors differ.
create or replace function notifications.require_subjects(organization_id uuid, facts jsonb, field text) returns void
    language plpgsql stable
    set search_path = ''
as $$
declare
    v_wrong text;
begin
    if not notifications.is_administrator(organization_id) then
        select format('%s[%s].user_id', field, f.ordinality - 1) into v_wrong
        from jsonb_array_elements(facts) with ordinality f
        where (f.value ->> 'user_id')::uuid <> auth.uid()
        order by f.ordinality limit 1;
        if found then
            perform casebase.fail(403, 'administrator_required', jsonb_build_object('field', v_wrong),
                'Others'' facts are stated by an owner or admin of the organisation.');
        end if;
    end if;
    select format('%s[%s].user_id', field, f.ordinality - 1) into v_wrong
    from jsonb_array_elements(facts) with ordinality f
    where not exists (
        select from public.tenant_users m
        where m.tenant_id = require_subjects.organization_id
          and m.user_id = coalesce((f.value ->> 'user_id')::uuid, auth.uid()))
    order by f.ordinality limit 1;
    if found then
        perform casebase.fail(404, 'member_not_found', jsonb_build_object('field', v_wrong),
            'Facts are about members of the organisation.');
    end if;
end
$$;

comment on function notifications.require_subjects(uuid, jsonb, text) is
    'Refuse facts about whom the caller may not state them: 403 administrator_required for another person, unless the '
    'caller acts for the organisation; 404 member_not_found for who does not belong to it.';

revoke execute on function notifications.require_subjects(uuid, jsonb, text) from public;
