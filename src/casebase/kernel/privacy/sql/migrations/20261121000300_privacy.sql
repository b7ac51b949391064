-- Words that modules want masked wherever free text is stored: names of banks, of clinics, of employers.

create table casebase.masked_terms (
    term text primary key,
    mask text not null,
    constraint term_has_three_letters check (length(term) >= 3)
);
comment on table casebase.masked_terms is 'Names that casebase.scrub_text replaces by a mask; each module seeds its own.';
alter table casebase.masked_terms enable row level security;
