drop table casebase.masked_terms;
