COPY (SELECT ${columns} FROM ${table} WHERE ${key}) TO STDOUT
