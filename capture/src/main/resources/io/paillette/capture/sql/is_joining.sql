SELECT FROM pg_publication_rel r
JOIN pg_publication p ON p.oid = r.prpubid
WHERE r.prrelid = ?::int8::oid AND p.pubname = ?
