-- Definer: nobody writes the log's table by hand. What came is guarded again, for it may come without the scan in front: a
-- value is its mask, and a context holds the mask of what it is about. The scan masks more: SQL knows no words of health.
create or replace function frontdesk.record_phi_events(payload jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_now constant timestamptz := casebase.now();
    v_action constant text := payload ->> 'action_taken';
    v_events constant jsonb := payload -> 'events';
    v_tenant uuid;
    v_user uuid := auth.uid();
    v_count int;
begin
    perform casebase.require_valid(payload, '{
        "type": "object",
        "required": ["action_taken", "events"],
        "properties": {
            "tenant_id": {"type": "string", "format": "uuid"},
            "user_id": {"type": "string", "format": "uuid"},
            "session_id": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._:-]{0,199}$",
                           "description": "must be an id: at most 200 letters, digits, dots, colons, hyphens and underscores"},
            "action_taken": {"type": "string", "enum": ["masked", "blocked", "alerted"]},
            "events": {
                "type": "array",
                "minItems": 1,
                "maxItems": 1000,
                "items": {
                    "type": "object",
                    "required": ["phi_type", "masked_value"],
                    "properties": {
                        "phi_type": {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,39}$",
                                     "description": "must be a snake_case word of at most 40 characters"},
                        "masked_value": {"type": "string", "pattern": "^\\[[a-z][a-z0-9_]{0,39}( …[A-Za-z0-9]{1,4})?\\]$",
                                         "description": "must be a mask"},
                        "context": {"type": "string", "minLength": 1, "maxLength": 400},
                        "score": {"type": "number", "minimum": 0, "maximum": 1}
                    }
                }
            }
        }
    }');
    if exists (
        select from jsonb_array_elements(v_events) e
        where e ->> 'masked_value' not in ('[' || (e ->> 'phi_type') || ']')
          and e ->> 'masked_value' not like '[' || replace(e ->> 'phi_type', '_', '\_') || ' …%'
           or position('[' || (e ->> 'phi_type') || ']' in e ->> 'context') = 0
    ) then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(casebase.validation_error(
            'events', 'masked', 'must have in masked_value and context the mask of their phi_type'))));
    end if;
    -- Their forms are no other id's. What is digits alone may be a telephone number, and is more often an id.
    if casebase.scrub_text(payload ->> 'session_id') like '%[nric]%'
       or payload ->> 'session_id' ~ '(?<!\d)\d{3}-\d{2}-\d{4}(?!\d)' then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(casebase.validation_error(
            'session_id', 'masked', 'must not hold the number of a person'))));
    end if;
    v_tenant := frontdesk.acting_tenant((payload ->> 'tenant_id')::uuid);
    if payload ->> 'user_id' is not null and (payload ->> 'user_id')::uuid is distinct from v_user then
        if not frontdesk.is_administrator(v_tenant) then
            perform casebase.fail(403, 'administrator_required', '{"field": "user_id"}', 'Leave user_id out.');
        end if;
        select u.id into v_user from auth.users u where u.id = (payload ->> 'user_id')::uuid;
        if not found then
            perform casebase.fail(404, 'user_not_found', '{"field": "user_id"}');
        end if;
    end if;

    insert into public.phi_detection_events (
        tenant_id, user_id, session_id, phi_type, masked_value, context, action_taken, score, created_at)
    select v_tenant, v_user, payload ->> 'session_id', e ->> 'phi_type', e ->> 'masked_value',
           -- By the names that the scan gives its masks. Not kept is what no text says: of signs that are many once they are
           -- spelled out, as all are before they are looked at.
           case when length(normalize(e ->> 'context', nfkc)) <= 800 then
               left(replace(replace(casebase.scrub_text(frontdesk.mask_customer_names(v_tenant, e ->> 'context')),
                                    '[birth-date]', '[birth_date]'), '[national-id]', '[national_id]'), 400) end,
           v_action, (e ->> 'score')::numeric, v_now
    from jsonb_array_elements(v_events) e;
    get diagnostics v_count = row_count;

    if v_action = 'alerted' then
        -- Once an hour, whatever is found in it: an alert says that somebody should look, and the page what there is.
        perform casebase.raise_alert(
            v_tenant, 'phi_found', 'Personal or health information was found',
            'In what was written at the front desk. The console lists it, masked; more of the same hour is not told again.',
            to_char(v_now at time zone 'UTC', 'YYYY-MM-DD HH24'));
    end if;
    return jsonb_build_object('tenant_id', v_tenant, 'recorded', v_count);
end
$$;

create or replace function public.record_phi_events(payload jsonb) returns jsonb
    language sql
    set search_path = ''
as $$
    select frontdesk.record_phi_events(payload)
$$;

comment on function public.record_phi_events(jsonb) is
    'Note what a scan found: {tenant_id?, user_id? (the caller), session_id?, action_taken (masked, blocked, alerted), events: '
    'up to 1,000 of {phi_type, masked_value, context?, score?}}. masked_value is a mask and context holds it. What else is '
    'in a context is masked as far as the database can tell: names of the tenant''s customers as they were written when they '
    'booked or ordered, names behind a title, e-mail addresses, telephone numbers, birth dates, numbers of persons, cards and '
    'accounts, addresses. Not other names, nor medications and diagnoses: those scan_phi masks, so send its contexts or none. '
    'A context of more than 800 characters once its signs are spelled out (NFKC) is left out. '
    'A session_id that holds an NRIC or an SSN is refused. With alerted the operators are alerted, once a tenant and hour. '
    'Returns {tenant_id, recorded}. For the tenant''s members and the service. 403 administrator_required; 404 tenant_not_found, '
    'user_not_found; 422 invalid_input.';

revoke execute on function frontdesk.record_phi_events(jsonb), public.record_phi_events(jsonb)
from public, anon, authenticated, service_role;
grant execute on function frontdesk.record_phi_events(jsonb), public.record_phi_events(jsonb) to authenticated, service_role;
