-- The constraint one_receipt_a_subject makes a second receipt of a subject impossible, whoever runs at the same time.
create or replace function casebase.note_erasure(
    module text,
    rule text,
    subject_id uuid,
    ids uuid[],
    counts jsonb,
    is_complete boolean
) returns void
    language sql
    set search_path = ''
as $$
    insert into casebase.erasure_receipts as r (module, rule, subject_hash, counts, unsettled_ids, erased_at)
    values (note_erasure.module, note_erasure.rule, encode(sha256(convert_to(subject_id::text, 'UTF8')), 'hex'),
            note_erasure.counts, ids, case when is_complete then casebase.now() end)
    on conflict on constraint one_receipt_a_subject do update
        set counts = casebase.sum_counts(r.counts, excluded.counts),
            unsettled_ids = excluded.unsettled_ids, erased_at = excluded.erased_at, finished_at = null
$$;

comment on function casebase.note_erasure(text, text, uuid, uuid[], jsonb, boolean) is
    'Write what was erased of a subject onto its receipt, in the transaction that erased it; a subject too large for one '
    'transaction adds up. ids: what names the subject in kept replies, delivery logs and jobs.';

revoke execute on function casebase.note_erasure(text, text, uuid, uuid[], jsonb, boolean) from public;
