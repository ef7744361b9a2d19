-- records_text: as records, with key and value as text where they are UTF-8; otherwise as Postgres writes a bytea: \x00ff.
CREATE OR REPLACE FUNCTION paillette.records_text(
    topic text, partition integer, from_offset bigint DEFAULT 0, "limit" integer DEFAULT 100)
    RETURNS TABLE ("offset" bigint, "timestamp" timestamptz, key text, value text, headers jsonb, note text,
                   compression text, is_transactional boolean, is_control boolean, producer_id bigint, leader_epoch integer,
                   batch_offset bigint)
    LANGUAGE sql STABLE AS $$
    SELECT r."offset", r."timestamp",
           coalesce(paillette.record_text(r.key), '\x' || encode(r.key, 'hex')),
           coalesce(paillette.record_text(r.value), '\x' || encode(r.value, 'hex')),
           r.headers, r.note, r.compression, r.is_transactional, r.is_control, r.producer_id, r.leader_epoch, r.batch_offset
    FROM paillette.records(records_text.topic, records_text.partition, records_text.from_offset, records_text."limit") AS r
$$;
