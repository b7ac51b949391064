drop table practice.web_sessions;
revoke usage on schema practice from casebase_api;
