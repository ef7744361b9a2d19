-- Refuses a condition that Postgres does not understand, and tells how many rows it expects to meet it.
EXPLAIN SELECT FROM ${table} WHERE ${condition}
