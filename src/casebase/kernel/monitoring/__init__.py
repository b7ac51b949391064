"""How calls, the pool and the tables do: for Prometheus, as a history in the database, and as alerts."""
