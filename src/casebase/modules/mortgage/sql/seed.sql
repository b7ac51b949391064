-- The bank directory and the first dated facts. Rows that are already there stay as they are: a mask never changes
-- its bank, and an operator's own fact for the same day wins. New values are new rows with a later effective_from.

insert into mortgage.banks (code, name, mask) values
    ('ocbc', 'OCBC Bank', 'Bank A'),
    ('hsbc', 'HSBC', 'Bank B'),
    ('dbs', 'DBS Bank', 'Bank C'),
    ('maybank', 'Maybank', 'Bank D'),
    ('scb', 'Standard Chartered', 'Bank E'),
    ('boc', 'Bank of China', 'Bank F'),
    ('uob', 'UOB', 'Bank G'),
    ('citi', 'Citibank', 'Bank H'),
    ('sbi', 'State Bank of India', 'Bank I'),
    ('posb', 'POSB', 'Bank J'),
    ('rhb', 'RHB Bank', 'Bank K'),
    ('hlf', 'Hong Leong Finance', 'Bank L'),
    ('cimb', 'CIMB Bank', 'Bank M'),
    ('icbc', 'ICBC', 'Bank N'),
    ('sif', 'Sing Investments & Finance', 'Bank O'),
    ('other', 'Another lender', 'Other bank')
on conflict do nothing;

-- Free text loses a bank's name on its way into any table.
insert into casebase.masked_terms (term, mask)
select term, b.mask
from mortgage.banks b
cross join lateral unnest(array[b.name, b.code]) term
where b.code <> 'other' and length(term) >= 3
on conflict (term) do nothing;

select casebase.create_queue('mortgage_calculation', 5);
select casebase.create_queue('mortgage_file_removal', 20);
select casebase.create_queue('mortgage_reminders', 5);
select casebase.create_queue('mortgage_documents', 5);
select casebase.create_queue('mortgage_publishing', 5);
select casebase.create_queue('mortgage_tags', 5);

-- What the regulator and the Housing Board set.
insert into mortgage.rate_facts (fact_key, value, unit, effective_from, source, rule_version) values
    ('tdsr_limit', 60, 'percent', '2013-06-29',
        'MAS Notice 645, total debt servicing ratio threshold at introduction', 'sg-2013.1'),
    ('tdsr_limit', 55, 'percent', '2021-12-16',
        'MAS Notice 645, threshold tightened on 16 December 2021', 'sg-2021.1'),
    ('msr_limit', 30, 'percent', '2013-01-12',
        'MAS Notice 645, mortgage servicing ratio: HDB flats, and ECs since 10 December 2013', 'sg-2013.1'),
    ('stress_rate_floor', 3.5, 'percent_pa', '2013-06-29',
        'MAS Notice 645, medium-term interest rate, residential', 'sg-2013.1'),
    ('stress_rate_floor', 4, 'percent_pa', '2022-09-30',
        'MAS Notice 645, medium-term interest rate floor, residential, raised on 30 September 2022', 'sg-2022.1'),
    ('variable_income_haircut', 30, 'percent', '2013-06-29',
        'MAS Notice 645, haircut of at least 30 % on variable income', 'sg-2013.1'),
    ('hdb_concessionary_rate', 2.6, 'percent_pa', '1999-07-01',
        'HDB, concessionary rate, 0.1 points above the CPF Ordinary Account rate', 'sg-1999.1')
on conflict (fact_key, effective_from) do nothing;

-- What the market asks: round indicative figures that belong to no bank. Replace them with your own survey.
insert into mortgage.rate_facts (fact_key, value, unit, effective_from, source, rule_version) values
    ('sora_3m', 1.15, 'percent_pa', '2026-01-05',
        'MAS, 3-month compounded SORA, first week of January 2026', 'sg-2026.1'),
    ('baseline_spread', 1, 'percent_pa', '2026-01-05',
        'Indicative: spread over 3M SORA of a loan past its promotional years', 'sg-2026.1'),
    ('reprice_fixed_rate', 1.85, 'percent_pa', '2026-01-05',
        'Indicative: two-year fixed board rate for existing borrowers', 'sg-2026.1'),
    ('reprice_floating_spread', 0.6, 'percent_pa', '2026-01-05',
        'Indicative: board spread over 3M SORA for existing borrowers', 'sg-2026.1'),
    ('refinance_fixed_rate', 1.6, 'percent_pa', '2026-01-05',
        'Indicative: two-year fixed board rate for new borrowers', 'sg-2026.1'),
    ('refinance_floating_spread', 0.4, 'percent_pa', '2026-01-05',
        'Indicative: board spread over 3M SORA for new borrowers', 'sg-2026.1'),
    ('reprice_fee', 800, 'sgd', '2026-01-05',
        'Indicative: package conversion fee, commonly S$500 to S$1,000', 'sg-2026.1'),
    ('reprice_notice', 1, 'months', '2026-01-05',
        'Indicative: a conversion takes effect on a monthly instalment date', 'sg-2026.1'),
    ('refinance_notice', 3, 'months', '2026-01-05',
        'Indicative: notice of redemption in letters of offer, two to three months', 'sg-2026.1'),
    ('refinance_minimum_loan', 100000, 'sgd', '2026-01-05',
        'Indicative: smallest loan lenders take over', 'sg-2026.1'),
    ('legal_fee_hdb', 1800, 'sgd', '2026-01-05',
        'Indicative: conveyancing of a refinanced HDB flat, panel law firm, with GST', 'sg-2026.1'),
    ('legal_fee_private', 2200, 'sgd', '2026-01-05',
        'Indicative: conveyancing of a refinanced private property, panel law firm, with GST', 'sg-2026.1'),
    ('valuation_fee_hdb', 250, 'sgd', '2026-01-05',
        'Indicative: panel valuer, HDB flat', 'sg-2026.1'),
    ('valuation_fee_private', 500, 'sgd', '2026-01-05',
        'Indicative: panel valuer, private property', 'sg-2026.1'),
    ('subsidy_rate', 0.4, 'percent', '2026-01-05',
        'Indicative: legal subsidy of a new lender, share of the loan', 'sg-2026.1'),
    ('subsidy_cap', 2000, 'sgd', '2026-01-05',
        'Indicative: legal subsidy of a new lender, at most', 'sg-2026.1'),
    ('subsidy_minimum_loan', 300000, 'sgd', '2026-01-05',
        'Indicative: smallest loan that lenders subsidise', 'sg-2026.1'),
    ('clawback_rate', 0.4, 'percent', '2026-01-05',
        'Indicative: subsidy taken back on redemption, share of the loan', 'sg-2026.1'),
    ('clawback_cap', 2000, 'sgd', '2026-01-05',
        'Indicative: subsidy taken back on redemption, at most', 'sg-2026.1'),
    ('clawback_past_lock_in', 12, 'months', '2026-01-05',
        'Indicative: three years of clawback less two years of lock-in', 'sg-2026.1'),
    ('lock_in_penalty_rate', 1.5, 'percent', '2026-01-05',
        'Indicative: redemption penalty in letters of offer, share of the outstanding loan', 'sg-2026.1'),
    ('hassle_worth', 100, 'sgd', '2026-01-05',
        'House rule: what one point of hassle must earn over the horizon', 'sg-2026.1')
on conflict (fact_key, effective_from) do nothing;
