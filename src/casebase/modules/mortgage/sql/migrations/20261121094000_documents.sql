-- What the file store keeps of a case, and what is known of each file. A file's own name is not kept: it can hold a
-- person's. No RPC wrote this table before, so it is empty: nothing is scanned, nobody waits.
-- squawk-ignore-file adding-not-nullable-field, adding-required-field, constraint-missing-not-valid, disallowed-unique-constraint

alter table public.scenario_documents
    add column content_type text not null,
    add column size_bytes int not null,
    add column sha256 text not null,
    add column page_count int not null,
    add column uploaded_by text not null,
    alter column expires_at set not null,
    add constraint doc_type_is_known check (doc_type in (
        'bank_quote', 'letter_of_offer', 'loan_statement', 'income_proof', 'identity', 'property', 'other')),
    add constraint storage_path_is_of_the_case
        check (storage_path ~ ('^mortgage/' || tenant_id || '/' || case_id || '/[0-9a-f-]{36}$')),
    add constraint content_type_is_kept check (
        content_type in ('application/pdf', 'image/jpeg', 'image/png', 'image/webp')),
    add constraint size_is_of_a_file check (size_bytes between 1 and 1000000000),
    add constraint page_count_is_of_a_document check (page_count between 1 and 1000),
    add constraint sha256_is_hex check (sha256 ~ '^[0-9a-f]{64}$'),
    add constraint bank_quote_is_a_masked_pdf check (
        doc_type <> 'bank_quote' or (is_masked and content_type = 'application/pdf')),
    add constraint one_row_a_file unique (case_id, tenant_id, doc_type, sha256);
comment on column public.scenario_documents.storage_path is 'Where the file store has it: mortgage/<tenant>/<case>/<random uuid>.';
comment on column public.scenario_documents.is_masked is 'Whether what its text tells of people, banks and rates was blacked out.';
comment on column public.scenario_documents.expires_at is 'The end of the consent, which takes the file with it.';
comment on constraint one_row_a_file on public.scenario_documents is
    'The same file sent again is the same document, so an upload whose answer was lost can be repeated.';
