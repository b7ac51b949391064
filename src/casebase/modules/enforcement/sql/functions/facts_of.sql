-- Senders put what they like into a payload, the console an officer's name: only what is known to name nobody is let through.
create or replace function enforcement.facts_of(payload jsonb) returns jsonb
    language sql immutable
    set search_path = ''
as $$
    select coalesce(jsonb_object_agg(f.key, f.value), '{}')
    from jsonb_each(payload) f
    where f.key in (
              'action_type', 'amount', 'balance', 'due_at', 'filed_at', 'from', 'issued_at', 'kind', 'note', 'outcome',
              'override', 'received_at', 'response_due_at', 'result', 'served_at', 'source', 'stage', 'status', 'text', 'tier',
              'title', 'to')
      and jsonb_typeof(f.value) not in ('object', 'array')
$$;

comment on function enforcement.facts_of(jsonb) is
    'Of a payload, what tells of the case and not of people: amounts, dates, words of ours, and texts that are scrubbed.';

revoke execute on function enforcement.facts_of(jsonb) from public;
