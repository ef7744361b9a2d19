-- The transaction that put a table into a publication.
SELECT r.xmin::text::int8
FROM pg_publication_rel r
JOIN pg_publication p ON p.oid = r.prpubid
WHERE r.prrelid = ?::int8::oid AND p.pubname = ?
