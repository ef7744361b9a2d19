-- Records published by SQL that are not in the log yet: paillette.inbox.

-- All ids below "settled" belong to transactions that have ended, as the same snapshot sees it that the records are read with.
-- name: read
SELECT h.newest_id, h.settled, r.id, r.partition_id, r.topic, r.index, r.created_at, r.key, r.value, r.header_names, r.header_values,
       r.found
FROM (SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS newest_id,
             txid_snapshot_xmin(txid_current_snapshot()) AS settled FROM paillette.inbox_id_seq) AS h
LEFT JOIN paillette.read_inbox_v1(?, ?, ?, ?, ?) AS r ON true
ORDER BY r.id

-- name: transactionId
SELECT txid_current()

-- name: take
SELECT paillette.take_published_v1(?, ?)

-- name: fallAsleep
SELECT pg_try_advisory_lock(paillette.inbox_lock(), ?)

-- name: call
SELECT pg_notify('paillette_inbox_' || ?::integer, '')

-- name: wakeUp
SELECT pg_advisory_unlock_all()

-- Of topics that were deleted after the record was published.
-- name: sweep
DELETE FROM paillette.inbox i WHERE NOT EXISTS (SELECT FROM paillette.partition p WHERE p.id = i.partition_id)
