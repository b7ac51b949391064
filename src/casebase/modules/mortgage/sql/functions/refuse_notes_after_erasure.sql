create or replace function mortgage.refuse_notes_after_erasure() returns trigger
    language plpgsql
    set search_path = ''
as $$
begin
    perform casebase.fail(409, 'consent_ended', '{"field": "notes"}',
        'The consent of this case has ended: it keeps masked fields only.');
    return null;
end
$$;

comment on function mortgage.refuse_notes_after_erasure() is 'Trigger: an erased case takes no notes.';

revoke execute on function mortgage.refuse_notes_after_erasure() from public;
