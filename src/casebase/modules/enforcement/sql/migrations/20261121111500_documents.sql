-- What the file store keeps of a case, and what is known of each file; a document kept elsewhere has a path alone. No RPC
-- wrote these tables before, so they are empty or small: nothing is scanned, nobody waits.
-- squawk-ignore-file constraint-missing-not-valid, disallowed-unique-constraint

alter table public.enforcement_documents
    add column content_type text,
    add column size_bytes int,
    add column sha256 text,
    add constraint content_type_is_kept check (content_type in ('application/pdf', 'image/jpeg', 'image/png')),
    add constraint size_is_of_a_file check (size_bytes between 1 and 1000000000),
    add constraint sha256_is_hex check (sha256 ~ '^[0-9a-f]{64}$'),
    add constraint a_file_is_known_whole check (num_nonnulls(content_type, size_bytes, sha256) in (0, 3)),
    add constraint one_row_a_case_file unique (enforcement_case_id, tenant_id, doc_kind, sha256),
    add constraint one_document_a_path_of_a_case unique (storage_path, enforcement_case_id, tenant_id);
comment on column public.enforcement_documents.storage_path is
    'Ours: enforcement/<tenant>/<case>/<random uuid>. Any other is the key of a store that the caller looks after.';
comment on constraint one_row_a_case_file on public.enforcement_documents is
    'The same file sent again is the same document, so an upload whose answer was lost can be repeated.';

alter table enforcement.event_kinds add column is_taken_when_closed boolean not null default false;
comment on column enforcement.event_kinds.is_taken_when_closed is 'Whether it may follow the closure: a satisfied judgment''s levy must still be released.';
