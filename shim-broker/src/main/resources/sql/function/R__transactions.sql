-- What people read of transactions: paillette.transactions.
CREATE OR REPLACE VIEW paillette.transactions AS
SELECT CASE WHEN position('\x00'::bytea IN t.transactional_id) > 0 THEN encode(t.transactional_id, 'escape')
            ELSE convert_from(t.transactional_id, 'UTF8') END AS transactional_id,
       t.state, t.producer_id, t.producer_epoch, t.timeout_ms * interval '1 ms' AS timeout, t.started_at, t.updated_at,
       ARRAY(SELECT o.name || '-' || p.index FROM paillette.transaction_partition p
             JOIN paillette.topic o ON o.id = p.topic_id
             WHERE p.producer_id = t.producer_id ORDER BY o.name, p.index) AS partitions,
       ARRAY(SELECT s.shard FROM paillette.transaction_shard s
             WHERE s.producer_id = t.producer_id ORDER BY s.shard) AS coordinator_shards
FROM paillette.transaction t;
