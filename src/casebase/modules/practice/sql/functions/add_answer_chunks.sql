-- Definer: nobody writes the tables. For all the answers that a process makes at once, locked in the order of their ids, so
-- that no two calls wait for each other.
create or replace function practice.add_answer_chunks(payload jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_running uuid[];
begin
    perform casebase.require_valid(payload, '{
        "type": "object",
        "required": ["chunks"],
        "properties": {
            "chunks": {
                "type": "array", "minItems": 1, "maxItems": 1000,
                "items": {
                    "type": "object",
                    "required": ["answer_id"],
                    "properties": {
                        "answer_id": {"type": "string", "format": "uuid"},
                        "position": {"type": "integer", "minimum": 1, "maximum": 100000},
                        "text": {"type": "string", "minLength": 1, "maxLength": 8000}
                    }
                }
            }
        }
    }');
    if exists (
        select from jsonb_array_elements(payload -> 'chunks') c where (c ->> 'text' is null) <> (c ->> 'position' is null)
    ) then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('chunks', 'required', 'must have text and position together, or neither'))));
    end if;
    -- Locked before it is looked at: one that was closed meanwhile gets nothing more.
    select coalesce(array_agg(l.id), '{}') into v_running
    from (
        select a.id from practice.answers a
        where a.status = 'running'
          and a.id = any (array(select (c ->> 'answer_id')::uuid from jsonb_array_elements(payload -> 'chunks') c))
        order by a.id
        for no key update
    ) l;
    -- Sent again, as its acknowledgement was lost, a piece is there already.
    insert into practice.answer_chunks (answer_id, position, content)
    select (c ->> 'answer_id')::uuid, (c -> 'position')::int, c ->> 'text'
    from jsonb_array_elements(payload -> 'chunks') c
    where c ->> 'text' is not null and (c ->> 'answer_id')::uuid = any (v_running)
    on conflict do nothing;
    update practice.answers a set beat_at = casebase.now() where a.id = any (v_running);
    return jsonb_build_object('running', to_jsonb(v_running));
end
$$;

create or replace function public.add_answer_chunks(payload jsonb) returns jsonb
    language sql
    set search_path = ''
as $$
    select practice.add_answer_chunks(payload)
$$;

comment on function public.add_answer_chunks(jsonb) is
    'Keep pieces of answers that are being made, before they are sent: payload {chunks: [{answer_id, position, text}]}, 1 to '
    '1,000; one of an answer_id alone says that it is still worked on. Returns {running: ids}: an answer that is not among '
    'them was closed, and its pieces were not kept. For the service. 422 invalid_input.';

revoke execute on function practice.add_answer_chunks(jsonb), public.add_answer_chunks(jsonb)
from public, anon, authenticated, service_role;
grant execute on function practice.add_answer_chunks(jsonb), public.add_answer_chunks(jsonb) to service_role;
