-- The columns of the query. Its parameters are these: what is cast here has its type there.
SELECT "what is found".*
FROM unnest(${arrays}) AS "the keys" (${keys})
JOIN ${query} AS "what is found" ON true
