alter table casebase.alerts drop column told_at;
