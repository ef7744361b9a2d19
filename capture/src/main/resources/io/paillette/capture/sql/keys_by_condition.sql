-- Keys of the rows that meet a condition now, each once, as text.
SELECT DISTINCT ${columns} FROM ${table} WHERE ${condition} ORDER BY ${columns} LIMIT ${limit}
