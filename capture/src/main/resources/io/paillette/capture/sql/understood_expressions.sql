-- Fails where an expression is none of Postgres', also when there is no table that it could name.
SELECT bool_or('' ~* e.regex) FROM unnest(${included} || ${excluded}) AS e(regex)
