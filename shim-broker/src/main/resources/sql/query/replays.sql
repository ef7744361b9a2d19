-- Stored records that are published once more: paillette.replay.

-- What is the same for all partitions of one: read once, since there may be thousands of them and of the target's.
-- name: underWay
SELECT r.id, r.state, r.topic, r.condition, r.target,
       ARRAY(SELECT h.key FROM jsonb_each_text(r.headers) AS h ORDER BY h.key), ARRAY(SELECT h.value FROM jsonb_each_text(r.headers) AS h ORDER BY h.key),
       ARRAY(SELECT t.id FROM paillette.partition t WHERE t.topic_id = r.target_id ORDER BY t.index),
       coalesce((SELECT c.value FROM paillette.topic_config c WHERE c.topic_id = r.target_id AND c.name = 'max.message.bytes'), '1048588'),
       coalesce((SELECT c.value FROM paillette.topic_config c WHERE c.topic_id = r.target_id AND c.name = 'cleanup.policy'), 'delete'),
       (SELECT count(*) FROM paillette.partition s
        WHERE s.topic_id = (SELECT own.topic_id FROM paillette.replay_partition p JOIN paillette.partition own ON own.id = p.partition_id
                            WHERE p.replay_id = r.id LIMIT 1))
FROM paillette.replay r
WHERE r.ended_at IS NULL AND r.state IN ('waiting', 'running')
ORDER BY r.id

-- name: ledUnderWay
SELECT p.replay_id, p.index, p.partition_id, p.next_offset, p.end_offset, extract(epoch FROM p.from_time) * 1000
FROM paillette.replay r JOIN paillette.replay_partition p ON p.replay_id = r.id
JOIN paillette.partition own ON own.id = p.partition_id AND own.leader_broker = ?
WHERE r.ended_at IS NULL AND r.state IN ('waiting', 'running') AND p.next_offset < p.end_offset
ORDER BY p.replay_id, p.index

-- name: begin
UPDATE paillette.replay r
SET state = 'running', begun_at = coalesce(r.begun_at, clock_timestamp()), paced_at = clock_timestamp(),
    paced_from = paillette.replay_is_behind(r.id)
WHERE r.id = ? AND r.state = 'waiting'

-- name: settle
SELECT paillette.settle_replays_v1()

-- name: fail
UPDATE paillette.replay r SET state = 'failed', fault = ?, ended_at = clock_timestamp()
WHERE r.id = ? AND r.state IN ('waiting', 'running')

-- name: locate
UPDATE paillette.replay_partition p
SET first_offset = least(greatest(p.first_offset, ?), p.end_offset), next_offset = least(greatest(p.first_offset, ?), p.end_offset),
    from_time = NULL
WHERE p.replay_id = ? AND p.index = ? AND p.from_time IS NOT NULL

-- name: isEmpty
SELECT paillette.replay_inbox_is_empty_v1(?, ?)

-- What pauses or ends it waits for this transaction.
-- name: hold
SELECT r.state = 'running' FROM paillette.replay r WHERE r.id = ? FOR SHARE

-- Before its records get their numbers in the inbox: as with produce, the transaction has its id then.
-- name: advance
UPDATE paillette.replay_partition p
SET next_offset = ?, records = p.records + ?, published = p.published + ?, gone = p.gone + ?
WHERE p.replay_id = ? AND p.index = ? AND p.next_offset = ?

-- name: newestInInbox
SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM paillette.inbox_id_seq

-- name: publish
INSERT INTO paillette.inbox (partition_id, created_at, bytes, key, value, header_names, header_values)
VALUES (?, to_timestamp(?::bigint / 1000.0), ?, ?, ?, ?, ?)

-- name: mark
UPDATE paillette.replay_partition p SET inbox_from = ?, inbox_to = currval('paillette.inbox_id_seq')
WHERE p.replay_id = ? AND p.index = ?

-- name: call
SELECT paillette.call_inbox_v1(?)

-- name: evaluate
SELECT record.ord
FROM (SELECT r.ord, r.partition, r."offset", paillette.record_timestamp(r.milliseconds) AS "timestamp",
             coalesce(paillette.record_text(r.key), '\x' || encode(r.key, 'hex')) AS key,
             paillette.record_json(r.value) AS value,
             coalesce(paillette.record_text(r.value), '\x' || encode(r.value, 'hex')) AS value_text,
             r.headers::jsonb AS headers
      FROM unnest(?::integer[], ?::bigint[], ?::bigint[], ?::bytea[], ?::bytea[], ?::text[])
           WITH ORDINALITY AS r (partition, "offset", milliseconds, key, value, headers, ord) OFFSET 0) AS record

-- name: ask
SELECT paillette.replay(?, ?, ?, ?, ?, ?::jsonb)

-- name: wish
SELECT 1 FROM paillette.wish_replay(?, ?)

-- name: newest
SELECT v.id, v.topic, v.condition, v."to", v."from", v.headers::text, v.state, v.fault, v.offsets, v.all_offsets, v.records, v.published, v.gone,
       extract(epoch FROM v.time_left), v.requested_at, v.begun_at, v.ended_at
FROM paillette.replays v ORDER BY v.id DESC LIMIT ?

-- name: find
SELECT v.id, v.topic, v.condition, v."to", v."from", v.headers::text, v.state, v.fault, v.offsets, v.all_offsets, v.records, v.published, v.gone,
       extract(epoch FROM v.time_left), v.requested_at, v.begun_at, v.ended_at
FROM paillette.replays v WHERE v.id = ?

-- name: partitions
SELECT p.index, p.first_offset, p.next_offset, p.end_offset, p.records, p.published, p.gone
FROM paillette.replay_partition p WHERE p.replay_id = ? ORDER BY p.index
