-- A character for each row, in their order. A name without a prefix is looked up in the innermost FROM first: there is the row.
SELECT string_agg(
    CASE WHEN (SELECT true FROM (SELECT ${row}) AS "the row" WHERE ${condition}) THEN '1' ELSE '0' END,
    '' ORDER BY "the ordinal")
FROM unnest(?::int8[]${arrays}) AS "what is given" ("the ordinal"${names})
CROSS JOIN LATERAL (SELECT ${new}) AS new
CROSS JOIN LATERAL (SELECT ${old}) AS old
