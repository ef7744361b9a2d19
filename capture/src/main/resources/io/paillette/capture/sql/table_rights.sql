-- Of tables that are to be published: those that the role may not put into a publication, those of which it may
-- not read rows, and those of which a policy hides some.
SELECT string_agg(c.oid::regclass::text, ', ' ORDER BY c.oid)
           FILTER (WHERE NOT pg_has_role(c.relowner, 'USAGE')) AS of_others,
       string_agg(c.oid::regclass::text, ', ' ORDER BY c.oid)
           FILTER (WHERE NOT has_schema_privilege(c.relnamespace, 'USAGE')
                      OR NOT (has_table_privilege(c.oid, 'SELECT') OR has_any_column_privilege(c.oid, 'SELECT')))
           AS unreadable,
       string_agg(c.oid::regclass::text, ', ' ORDER BY c.oid) FILTER (WHERE row_security_active(c.oid)) AS hidden
FROM pg_class c
WHERE c.oid = ANY (?::oid[])
