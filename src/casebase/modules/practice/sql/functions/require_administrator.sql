create or replace function practice.require_administrator() returns void
    language plpgsql stable
    set search_path = ''
as $$
begin
    if casebase.calling_role() <> 'service_role' and not practice.is_administrator() then
        perform casebase.fail(403, 'administrator_required', '{}',
            'Ask an owner of the installation''s organisation for the role admin.');
    end if;
end
$$;

comment on function practice.require_administrator() is
    'Refuse who does not look after the installation: 403 administrator_required. Its default tenant''s owners and admins do, '
    'and the service.';

revoke execute on function practice.require_administrator() from public;
