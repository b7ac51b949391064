-- Definer: members read these tables and write them through functions alone.
-- The case's lock, then the judgment's: payments that arrive at once each see the balance that the one before left. The
-- last cent leaves the case open: whether it is satisfied is somebody's decision, by close_enforcement_case.
create or replace function enforcement.record_enforcement_payment(payload jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    -- A reference is not scrubbed, as two that a mask makes alike would count as one: so it is a code, not free text.
    v_schema constant jsonb := '{
        "type": "object",
        "required": ["amount", "source"],
        "properties": {
            "case_id": {"type": "string", "format": "uuid"},
            "judgment_id": {"type": "string", "format": "uuid"},
            "amount": {"type": "number", "exclusiveMinimum": 0, "maximum": 1000000000, "multipleOf": 0.01},
            "received_at": {"type": "string", "format": "date-time"},
            "source": {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,39}$",
                       "description": "must be a snake_case word of at most 40 characters that tells of nobody"},
            "reference": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._:/#-]{0,119}$",
                          "description": "must be a code of at most 120 letters, digits and . _ : / # - that tells of nobody"},
            "document_path": {"type": "string", "minLength": 1, "maxLength": 400},
            "actor": {"type": "string", "maxLength": 120}
        }
    }'::jsonb;
    v_subject text[];
    v_personal text;
    v_case_id uuid;
    v_judgment_id uuid;
    v_case public.enforcement_cases;
    v_judgment public.judgments;
    v_amount numeric;
    v_received_at timestamptz;
    v_actor text;
    v_balance numeric;
    v_event_id uuid;
    v_payment_id uuid;
begin
    perform casebase.require_valid(payload, v_schema);
    v_judgment_id := (payload ->> 'judgment_id')::uuid;
    v_case_id := (payload ->> 'case_id')::uuid;
    if v_case_id is null and v_judgment_id is null then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('case_id', 'required', 'or judgment_id is needed'))));
    elsif v_case_id is null then
        perform enforcement.require_operator(
            (select j.tenant_id from public.judgments j where j.id = v_judgment_id), 'judgment_not_found', 'judgment_id');
        select c.id into v_case_id from public.enforcement_cases c
        where c.judgment_id = v_judgment_id order by c.closed_at desc nulls first limit 1;
        if v_case_id is null then
            perform casebase.fail(
                404, case when exists (select from public.judgments j where j.id = v_judgment_id)
                          then 'case_not_found' else 'judgment_not_found' end, '{"field": "judgment_id"}');
        end if;
    end if;

    v_case := enforcement.acting_open_case(v_case_id);
    if v_judgment_id <> v_case.judgment_id then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('judgment_id', 'case', 'must be the judgment of the case'))));
    end if;
    v_amount := round((payload ->> 'amount')::numeric, 2);
    v_received_at := coalesce(casebase.require_time(payload, 'received_at'), casebase.now());
    -- Asked before the balance is: whoever repeats the last payment is told that it is known.
    if exists (
        select from public.enforcement_payments p
        where p.tenant_id = v_case.tenant_id and p.source = payload ->> 'source' and p.reference = payload ->> 'reference'
    ) then
        perform casebase.fail(409, 'payment_already_recorded', '{"field": "reference"}');
    end if;

    select * into strict v_judgment from public.judgments j where j.id = v_case.judgment_id for no key update;
    if v_amount > least(v_case.current_balance, v_judgment.balance_due) then
        perform casebase.fail(409, 'payment_exceeds_balance', '{"field": "amount"}', 'Record at most what is still due.');
    end if;

    v_balance := v_case.current_balance - v_amount;
    -- Before the path is looked at, which would tell of a right guess too.
    if not enforcement.is_impersonal(payload ->> 'reference', '{}') then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(casebase.validation_error(
            'reference', 'pattern', v_schema #>> '{properties,reference,description}'))));
    end if;

    v_actor := enforcement.actor(payload ->> 'actor');
    update public.judgments j set balance_due = j.balance_due - v_amount where j.id = v_judgment.id;
    update public.enforcement_cases c set current_balance = v_balance where c.id = v_case.id;
    v_event_id := enforcement.add_event(
        v_case, 'payment_received', '{}', v_actor, enforcement.actor_type(), payload ->> 'document_path', null, v_received_at,
        jsonb_build_object('amount', v_amount, 'balance', v_balance, 'source', payload -> 'source'));

    -- The same payment on two cases at once: neither lock holds the other back, the unique key does.
    insert into public.enforcement_payments as p (
        tenant_id, enforcement_case_id, judgment_id, event_id, amount, balance_after, received_at, source, reference,
        document_path, recorded_by)
    values (
        v_case.tenant_id, v_case.id, v_case.judgment_id, v_event_id, v_amount, v_balance, v_received_at,
        payload ->> 'source', payload ->> 'reference', payload ->> 'document_path', v_actor)
    on conflict on constraint a_payment_is_recorded_once do nothing
    returning p.id into v_payment_id;
    if not found then
        perform casebase.fail(409, 'payment_already_recorded', '{"field": "reference"}');
    end if;

    perform enforcement.add_history(
        v_case, 'payment_recorded',
        jsonb_build_object('current_balance', jsonb_build_object('from', v_case.current_balance, 'to', v_balance)),
        null, v_actor, enforcement.actor_type());

    -- What tells of the debtor is asked last of all, and refused in the schema's words: were it asked before another refusal, a call that is sure to fail would tell
    -- whether a guess at the debtor's name is right, and leave no trace. Sources that every case has name nobody.
    v_subject := enforcement.subject_of(v_case.judgment_id);
    v_personal := case
        when not enforcement.is_impersonal(payload ->> 'reference', v_subject) then 'reference'
        when payload ->> 'source' <> all ('{check,wire,bank_levy,garnishment,marshal,cash,card,ach,money_order,other}')
             and not enforcement.is_impersonal(payload ->> 'source', v_subject) then 'source' end;
    if v_personal is not null then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(casebase.validation_error(
            v_personal, 'pattern', v_schema #>> array['properties', v_personal, 'description']))));
    end if;
    return jsonb_build_object(
        'payment_id', v_payment_id,
        'event_id', v_event_id,
        'case_id', v_case.id,
        'judgment_id', v_case.judgment_id,
        'amount', v_amount,
        'balance', v_balance);
end
$$;

create or replace function public.record_enforcement_payment(payload jsonb) returns jsonb
    language sql
    set search_path = ''
as $$
    select enforcement.record_enforcement_payment(payload)
$$;

comment on function public.record_enforcement_payment(jsonb) is
    'Record money received on an open case: {case_id or judgment_id, amount, source, reference?, received_at?, document_path?, '
    'actor?}. It lowers the balance of the case and of its judgment together; a source''s reference counts once; the last cent '
    'leaves the case open. Returns payment_id, event_id, case_id, judgment_id, amount, balance. '
    '404 case_not_found, judgment_not_found; 409 payment_exceeds_balance, payment_already_recorded, case_closed, '
    'too_many_documents; 403 operator_required; 422 invalid_input.';

revoke execute on function enforcement.record_enforcement_payment(jsonb), public.record_enforcement_payment(jsonb)
from public, anon, authenticated, service_role;
grant execute on function enforcement.record_enforcement_payment(jsonb), public.record_enforcement_payment(jsonb)
to authenticated, service_role;
