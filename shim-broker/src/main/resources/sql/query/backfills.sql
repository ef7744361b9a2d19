-- Rows of tables that are asked for once more: paillette.backfill.

-- name: underWay
SELECT b.id, b.source, b.table_schema, b.table_name, b.condition, b.sequence, b.wish, b.cancelled_because, b.begun_at IS NOT NULL, b.state, b.fault, b.rows, b.bytes, b.estimated_rows
FROM paillette.backfill b
WHERE b.ended_at IS NULL
ORDER BY b.id

-- What it was asked to do meanwhile stays.
-- name: tell
UPDATE paillette.backfill b
SET state = now.state, fault = now.fault, rows = now.rows, bytes = now.bytes, estimated_rows = now.estimated_rows,
    begun_at = CASE WHEN now.has_begun THEN coalesce(b.begun_at, clock_timestamp()) ELSE b.begun_at END,
    ended_at = CASE WHEN now.has_ended THEN clock_timestamp() END,
    paced_at = CASE WHEN now.state = 'running' THEN coalesce(b.paced_at, clock_timestamp()) END,
    paced_from = CASE WHEN now.state = 'running' AND b.paced_at IS NULL THEN now.rows ELSE b.paced_from END
FROM (SELECT ?::text AS state, ?::text AS fault, ?::bigint AS rows, ?::bigint AS bytes, ?::bigint AS estimated_rows,
             ?::boolean AS has_begun, ?::boolean AS has_ended) AS now
WHERE b.id = ? AND b.ended_at IS NULL

-- name: newest
SELECT v.id, v.source, v."table", v.condition, v.sequence, v.state, v.fault, v.rows, b.bytes, v.estimated_rows,
       extract(epoch FROM v.time_left), v.requested_at, v.begun_at, v.ended_at
FROM paillette.backfills v JOIN paillette.backfill b ON b.id = v.id
ORDER BY v.id DESC LIMIT ?

-- name: find
SELECT v.id, v.source, v."table", v.condition, v.sequence, v.state, v.fault, v.rows, b.bytes, v.estimated_rows,
       extract(epoch FROM v.time_left), v.requested_at, v.begun_at, v.ended_at
FROM paillette.backfills v JOIN paillette.backfill b ON b.id = v.id
WHERE v.id = ?

-- name: ask
SELECT paillette.backfill(?, ?, ?, ?)

-- name: wish
SELECT 1 FROM paillette.wish_backfill(?, ?)
