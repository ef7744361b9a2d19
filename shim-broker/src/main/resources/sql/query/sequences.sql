-- Definitions of sequences that were made on a running broker: paillette.sequence.

-- name: versions
SELECT s.name, s.version FROM paillette.sequence s

-- name: all
SELECT s.name, s.source, s.topic, s.properties::text, s.version, s.changed_at, s.changed_by, s.removal,
       s.held_version, s.held_since, s.held_offsets::text
FROM paillette.sequence s
ORDER BY s.name

-- name: save
SELECT paillette.save_sequence_v1(?, ?, ?, ?::jsonb, ?, ?::jsonb)

-- name: remove
SELECT paillette.remove_sequence_v1(?, ?, ?, ?::jsonb)

-- name: hold
SELECT paillette.hold_sequences_v1(?, ?::jsonb)

-- Its feed has let go of it.
-- name: forget
DELETE FROM paillette.sequence s WHERE s.name = ? AND s.version = ? AND s.removal IS NOT NULL
