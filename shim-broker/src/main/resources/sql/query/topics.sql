-- First in every change: others are told with its commit.
-- name: nextRevision
SELECT paillette.next_topics_revision_v1()

-- name: revision
SELECT topics_revision FROM paillette.cluster

-- name: topics
SELECT t.id, t.name, t.source, (SELECT count(*) FROM paillette.partition p WHERE p.topic_id = t.id)
FROM paillette.topic t ORDER BY t.name

-- name: configs
SELECT topic_id, name, value FROM paillette.topic_config

-- name: insertTopic
INSERT INTO paillette.topic (id, name, source) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING

-- name: insertPartitions
INSERT INTO paillette.partition (topic_id, index) SELECT t.id, i.index
FROM paillette.topic t, generate_series(?::integer, ?::integer) AS i (index) WHERE t.id = ?

-- name: lockTopic
SELECT (SELECT count(*) FROM paillette.partition p WHERE p.topic_id = t.id)
FROM paillette.topic t WHERE t.id = ? FOR NO KEY UPDATE

-- name: setConfig
INSERT INTO paillette.topic_config (topic_id, name, value) VALUES (?, ?, ?)
ON CONFLICT (topic_id, name) DO UPDATE SET value = excluded.value

-- name: resetConfig
DELETE FROM paillette.topic_config WHERE topic_id = ? AND name = ?

-- Locks the partitions first: an append under way finishes, the next one finds no row.
-- name: markDropped
INSERT INTO paillette.dropped_partition (partition_id)
SELECT p.id FROM (
    SELECT id FROM paillette.partition WHERE topic_id = ? ORDER BY id FOR UPDATE) AS p

-- name: deleteTopic
DELETE FROM paillette.topic WHERE id = ?
