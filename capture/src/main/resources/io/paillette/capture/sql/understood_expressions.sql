-- What Postgres makes of the expressions, for every table there is; fails where one is none of Postgres', also when there is no table.
SELECT n.nspname || '.' || c.relname AS name,
       EXISTS (SELECT FROM unnest(${included}) AS i(regex) WHERE n.nspname || '.' || c.relname ~* i.regex) AS included,
       EXISTS (SELECT FROM unnest(${excluded}) AS e(regex) WHERE n.nspname || '.' || c.relname ~* e.regex) AS excluded
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p')
