-- Definer: as casebase.enqueue. The texts are scrubbed: they go to chats and mailboxes that nothing can be taken back from.
create or replace function casebase.raise_alert(tenant_id uuid, kind text, title text, body text, key text) returns bigint
    language plpgsql security definer
    set search_path = ''
as $$
begin
    perform casebase.require_valid(
        jsonb_build_object('kind', kind, 'title', title, 'body', body, 'key', key),
        '{
            "type": "object",
            "required": ["kind", "title", "body", "key"],
            "properties": {
                "kind": {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,39}$",
                         "description": "must be a snake_case word of at most 40 characters"},
                "title": {"type": "string", "minLength": 1, "maxLength": 200},
                "body": {"type": "string", "maxLength": 4000},
                "key": {"type": "string", "minLength": 1, "maxLength": 150}
            }
        }'::jsonb);
    return casebase.enqueue(
        'casebase_alerts',
        jsonb_build_object(
            'tenant_id', tenant_id,
            'kind', kind,
            'title', casebase.scrub_text(title),
            'body', casebase.scrub_text(body)),
        concat_ws(':', tenant_id, kind, key));
end
$$;

comment on function casebase.raise_alert(uuid, text, text, text, text) is
    'Tell the operators, in the caller''s transaction and once per tenant, kind and key (remembered for 30 days); return '
    'the job''s id. A worker sends it to CASEBASE_ALERT_URLS. Title and body name ids and masked facts; personal data is masked.';

revoke execute on function casebase.raise_alert(uuid, text, text, text, text) from public;
grant execute on function casebase.raise_alert(uuid, text, text, text, text) to casebase_api, service_role;
