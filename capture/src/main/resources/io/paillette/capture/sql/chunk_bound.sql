-- The key that a chunk of so many rows goes up to; none when there are no more than that.
COPY (SELECT ${key} FROM ${table} WHERE ${beyond} ORDER BY ${key} OFFSET ${rows} - 1 LIMIT 1) TO STDOUT
