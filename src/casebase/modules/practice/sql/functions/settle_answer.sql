-- Definer: nobody writes the tables. Session first, then the answer, as everybody locks them.
create or replace function practice.settle_answer(payload jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_answer practice.answers;
begin
    -- What was said gets no second home among kept replies.
    perform set_config('casebase.keep_reply', 'off', true);
    perform casebase.require_valid(payload, '{
        "type": "object",
        "required": ["answer_id"],
        "properties": {
            "answer_id": {"type": "string", "format": "uuid"},
            "error_code": {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,62}$"}
        }
    }');
    perform from public.sessions s
    where s.id = (select a.session_id from practice.answers a where a.id = (payload ->> 'answer_id')::uuid)
    for no key update;
    if not found then
        perform casebase.fail(404, 'answer_not_found', '{"field": "answer_id"}');
    end if;
    v_answer := practice.close_answer((payload ->> 'answer_id')::uuid, payload ->> 'error_code', payload ? 'error_code');
    return practice.answer_events(v_answer, 0);
end
$$;

create or replace function public.settle_answer(payload jsonb) returns jsonb
    language sql
    set search_path = ''
as $$
    select practice.settle_answer(payload)
$$;

comment on function public.settle_answer(jsonb) is
    'End an answer: its pieces become its message, marked as incomplete if there is an error_code; without pieces it failed. '
    'payload {answer_id, error_code?}. One that has ended stays what it is. Returns {answer_id, session_id, status: completed, '
    'interrupted or failed, message, chunks, end}. For the service. 404 answer_not_found; 422 invalid_input.';

revoke execute on function practice.settle_answer(jsonb), public.settle_answer(jsonb)
from public, anon, authenticated, service_role;
grant execute on function practice.settle_answer(jsonb), public.settle_answer(jsonb) to service_role;
