-- In the order of the rows' places: nothing else is left to the planner, see read_by_place.
COPY (SELECT ${columns} FROM ${table} WHERE ${after}) TO STDOUT
