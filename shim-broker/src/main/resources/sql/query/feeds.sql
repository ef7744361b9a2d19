-- name: load
SELECT position FROM paillette.feed WHERE source = ?

-- Becomes its leader where the epoch is still the one that is known; 0 stands for a source that nobody had before.
-- name: lead
WITH change AS MATERIALIZED (SELECT paillette.next_revision_v1() AS revision)
INSERT INTO paillette.feed AS f (source, leader_broker, owner_epoch, revision)
SELECT ?, ?, 1, change.revision FROM change
ON CONFLICT (source) DO UPDATE
SET leader_broker = excluded.leader_broker, owner_epoch = f.owner_epoch + 1, revision = excluded.revision
WHERE f.owner_epoch = ?
RETURNING owner_epoch

-- name: release
WITH change AS MATERIALIZED (SELECT paillette.next_revision_v1() AS revision)
UPDATE paillette.feed f SET leader_broker = NULL, revision = change.revision
FROM change WHERE f.source = ? AND f.owner_epoch = ?

-- The leader's own earlier appends are refused from now on.
-- name: claim
WITH change AS MATERIALIZED (SELECT paillette.next_revision_v1() AS revision)
UPDATE paillette.feed f SET owner_epoch = f.owner_epoch + 1, updated_at = now(), revision = change.revision
FROM change WHERE f.source = ? AND f.leader_broker = ?
RETURNING f.position, f.owner_epoch

-- Whether a transaction of that producer was aborted anywhere. Asked of transactions that are spread over several appends.
-- name: isAborted
SELECT EXISTS (SELECT FROM paillette.aborted_transaction WHERE producer_id = ?)
