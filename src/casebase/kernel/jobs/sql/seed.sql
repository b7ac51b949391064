select casebase.create_queue('casebase_maintenance');
