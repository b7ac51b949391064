-- Definer: a reader need not see the tenants. The claim is app_metadata's, which only the issuer of tokens writes; a
-- claim that names no tenant gives none, not the default one.
create or replace function casebase.token_tenant() returns uuid
    language plpgsql stable security definer
    set search_path = ''
as $$
declare
    v_metadata jsonb := auth.jwt() -> 'app_metadata';
    v_claim text := v_metadata ->> 'tenant_id';
begin
    if v_metadata ? 'tenant_id' then
        return (select t.id from public.tenants t
                where t.id = case when v_claim ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then v_claim::uuid end);
    end if;
    return casebase.default_tenant();
end
$$;

comment on function casebase.token_tenant() is
    'The one tenant that a reader''s token (casebase_analyst, casebase_ai_broker) is bound to: its claim '
    'app_metadata.tenant_id, else the default tenant; null for a claim that names none.';

revoke execute on function casebase.token_tenant() from public;
grant execute on function casebase.token_tenant() to casebase_analyst, casebase_ai_broker, service_role;
