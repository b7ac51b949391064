drop schema gallery cascade;
