-- Definer: the settings are in a table that no role is granted. A reminder is an event and an alert in one transaction;
-- the unique index of reminders and the alert's key each hold it to one, and the column keeps the case from being looked
-- at again. Texts name the case's reference only: they go to chats and mailboxes.
create or replace function mortgage.send_case_reminders(batch_limit int) returns jsonb
    language plpgsql security definer
    set search_path = ''
    set enable_seqscan = off
    set jit = off
as $$
declare
    v_case public.scenario_cases;
    v_kind text;
    v_due_at timestamptz;
    v_due_text text;
    v_reminders int := 0;
    v_alerts int := 0;
begin
    perform casebase.require_valid(jsonb_build_object('batch_limit', batch_limit), '{
        "type": "object",
        "required": ["batch_limit"],
        "properties": {"batch_limit": {"type": "integer", "minimum": 1, "maximum": 1000}}
    }');

    foreach v_kind in array array['review_due', 'consent_ending'] loop
        for v_case in
            select c.* from mortgage.cases_to_remind_of(v_kind, batch_limit) r
            join public.scenario_cases c on c.id = r.case_id
            where case v_kind
                      when 'review_due' then c.next_review_at <= casebase.now() and c.reminded_for is distinct from c.next_review_at
                      else c.alerted_for is distinct from c.consent_until end
            for no key update of c skip locked
        loop
            v_due_at := case v_kind when 'review_due' then v_case.next_review_at else v_case.consent_until end;
            v_due_text := to_char(v_due_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
            update public.scenario_cases c
            set reminded_for = case when v_kind = 'review_due' then v_due_at else c.reminded_for end,
                alerted_for = case when v_kind = 'consent_ending' then v_due_at else c.alerted_for end
            where c.id = v_case.id;

            insert into public.scenario_events (tenant_id, case_id, event_type, payload_json)
            values (v_case.tenant_id, v_case.id, 'reminder', jsonb_build_object('kind', v_kind, 'due_at', v_due_text))
            on conflict do nothing;
            continue when not found;

            perform casebase.raise_alert(
                v_case.tenant_id, v_kind,
                case v_kind when 'review_due' then format('Case %s is due for review', v_case.reference)
                            else format('Consent of high-value case %s ends within a day', v_case.reference) end,
                case v_kind when 'review_due' then format('The review of case %s was due on %s.', v_case.reference, to_char(v_due_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'))
                            else format('The contact of case %s is erased on %s unless the borrower extends the consent.',
                                        v_case.reference, to_char(v_due_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"')) end,
                format('%s:%s', v_case.id, v_due_text));
            perform casebase.notify_live(v_case.tenant_id, 'mortgage.case', v_case.id);
            if v_kind = 'review_due' then
                v_reminders := v_reminders + 1;
            else
                v_alerts := v_alerts + 1;
            end if;
        end loop;
    end loop;
    return jsonb_build_object(
        'reminders', v_reminders, 'alerts', v_alerts, 'is_more', v_reminders = batch_limit or v_alerts = batch_limit);
end
$$;

create or replace function public.send_case_reminders(batch_limit int) returns jsonb
    language sql
    set search_path = ''
as $$
    select mortgage.send_case_reminders(batch_limit)
$$;

comment on function public.send_case_reminders(int) is
    'Remind, each once, of up to batch_limit (1 to 1000) open cases whose review is due, and of as many high-value ones '
    'whose consent ends within a day: a reminder event and an alert. Returns {reminders, alerts, is_more}. For the service alone.';

revoke execute on function mortgage.send_case_reminders(int), public.send_case_reminders(int)
    from public, anon, authenticated, service_role;
grant execute on function mortgage.send_case_reminders(int), public.send_case_reminders(int) to service_role;
