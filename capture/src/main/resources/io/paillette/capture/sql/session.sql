-- Text output must be the same from the WAL and from snapshots, whatever the role's or the database's defaults.
-- The empty search_path keeps names in values (regclass and its kin) qualified.
SET DateStyle = 'ISO, MDY';
SET IntervalStyle = 'postgres';
SET TimeZone = 'UTC';
SET extra_float_digits = 3;
SET bytea_output = 'hex';
-- Otherwise money has the marks of any locale.
SET lc_monetary = 'C';
SET search_path = '';
-- A policy that hides rows is an error and no shorter table.
SET row_security = off;
-- Questions to the catalog look expensive beforehand, and would be compiled each time.
SET jit = off;
SET statement_timeout = 0;
SET lock_timeout = '10s';
SET idle_in_transaction_session_timeout = 0;
-- 14 and newer: ours are idle as long as nothing changes.
SELECT set_config(name, '0', false) FROM pg_catalog.pg_settings WHERE name = 'idle_session_timeout'
