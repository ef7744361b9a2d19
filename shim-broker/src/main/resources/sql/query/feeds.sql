-- name: load
SELECT position FROM paillette.feed WHERE source = ?

-- name: claim
INSERT INTO paillette.feed AS f (source, owner_epoch) VALUES (?, 1)
ON CONFLICT (source) DO UPDATE SET owner_epoch = f.owner_epoch + 1, updated_at = now()
RETURNING position, owner_epoch
