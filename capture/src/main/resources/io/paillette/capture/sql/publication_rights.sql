-- What keeps the role from making publications or changing those that are there (docs: CREATE PUBLICATION, ALTER PUBLICATION).
SELECT has_database_privilege(current_database(), 'CREATE') AS may_create,
       (SELECT count(*) FROM pg_publication p WHERE p.pubname IN (${all}, ${inserts}, ${joining})) AS existing,
       (SELECT string_agg(quote_ident(p.pubname::text) || ' (of ' || quote_ident(pg_get_userbyid(p.pubowner)::text) || ')', ', ')
        FROM pg_publication p
        WHERE p.pubname IN (${all}, ${inserts}, ${joining})
          AND NOT pg_has_role(p.pubowner, 'USAGE')) AS of_others
