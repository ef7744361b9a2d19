-- The numbers of the rows that meet the condition, and what expressions say of them. A name without a prefix is looked up in the
-- innermost FROM first: there is the row. The planner makes one scan of it all.
SELECT "the ordinal"${answers}
FROM unnest(?::int4[]${arrays}) AS "what is given" ("the ordinal"${names})
CROSS JOIN LATERAL (SELECT ${new}) AS new
CROSS JOIN LATERAL (SELECT ${old}) AS old
CROSS JOIN LATERAL (SELECT ${results} FROM (SELECT ${row}) AS "the row" WHERE ${condition}) AS "what meets it"
