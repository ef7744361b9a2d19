-- Rows of tables that are asked for once more: paillette.backfill.

-- name: underWay
SELECT b.id, b.source, b.table_schema, b.table_name, b.condition, b.wish, b.begun_at IS NOT NULL, b.state, b.fault, b.rows, b.bytes, b.estimated_rows
FROM paillette.backfill b
WHERE b.ended_at IS NULL
ORDER BY b.id

-- What it was asked to do meanwhile stays.
-- name: tell
UPDATE paillette.backfill b
SET state = ?, fault = ?, rows = ?, bytes = ?, estimated_rows = ?,
    begun_at = CASE WHEN ? THEN coalesce(b.begun_at, clock_timestamp()) ELSE b.begun_at END,
    ended_at = CASE WHEN ? THEN clock_timestamp() END
WHERE b.id = ? AND b.ended_at IS NULL

-- name: newest
SELECT v.id, v.source, v."table", v.condition, v.state, v.fault, v.rows, b.bytes, v.estimated_rows,
       extract(epoch FROM v.time_left), v.requested_at, v.begun_at, v.ended_at
FROM paillette.backfills v JOIN paillette.backfill b ON b.id = v.id
ORDER BY v.id DESC LIMIT ?

-- name: find
SELECT v.id, v.source, v."table", v.condition, v.state, v.fault, v.rows, b.bytes, v.estimated_rows,
       extract(epoch FROM v.time_left), v.requested_at, v.begun_at, v.ended_at
FROM paillette.backfills v JOIN paillette.backfill b ON b.id = v.id
WHERE v.id = ?

-- name: ask
SELECT paillette.backfill(?, ?, ?)

-- name: wish
SELECT 1 FROM paillette.wish_backfill(?, ?)
