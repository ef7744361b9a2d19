-- Those of ours that exist, and whether they publish what they must.
SELECT p.pubname::text AS name,
       p.puballtables AS all_tables,
       CASE p.pubname
           WHEN ${all} THEN p.pubinsert AND p.pubupdate AND p.pubdelete AND p.pubtruncate
           WHEN ${inserts} THEN p.pubinsert AND NOT p.pubupdate AND NOT p.pubdelete AND p.pubtruncate
           ELSE NOT (p.pubinsert OR p.pubupdate OR p.pubdelete OR p.pubtruncate)
       END
       AND coalesce((to_jsonb(p) ->> 'pubviaroot')::boolean, false) = ${via_root}
       AND coalesce(to_jsonb(p) ->> 'pubgencols', 'n') = ${generated} AS as_wanted
FROM pg_publication p
WHERE p.pubname IN (${all}, ${inserts}, ${joining})
