select casebase.create_queue('casebase_maintenance');
select casebase.create_queue('casebase_retention');
