-- The numbers of keys, and what the query finds for each.
SELECT "the ordinal"${results}
FROM unnest(${arrays}) WITH ORDINALITY AS "the keys" (${keys}, "the ordinal")
JOIN ${query} AS "what is found" ON ${matched}
