-- Whether the publication ? is there, and which tables it tells.
SELECT p.pubname::text AS publication, t.schemaname::text AS schema, t.tablename::text AS name
FROM pg_publication p
LEFT JOIN pg_publication_tables t ON t.pubname = p.pubname
WHERE p.pubname = ?
