-- heartbeat_v1: notes that a broker lives, and answers who else does and the number of the newest change.
--
-- One row for each live broker; a broker whose incarnation is not among them was replaced. It is all that an idle broker asks.
-- Nothing waits for the disk: a lost heartbeat is followed by another one.
CREATE OR REPLACE FUNCTION paillette.heartbeat_v1(of_broker integer, of_incarnation bigint)
    RETURNS TABLE (revision bigint, topics_revision bigint, id integer, incarnation bigint, state text,
                   listeners text[], hosts text[], ports integer[], rack text, sources text[])
    LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    UPDATE paillette.broker b
    SET heartbeat = clock_timestamp(),
        backend_pid = pg_backend_pid(),
        backend_start = CASE WHEN b.backend_pid = pg_backend_pid() THEN b.backend_start
            ELSE (SELECT a.backend_start FROM pg_stat_activity a WHERE a.pid = pg_backend_pid()) END
    WHERE b.id = of_broker AND b.incarnation = of_incarnation;

    RETURN QUERY
    SELECT c.revision, c.topics_revision, b.id, b.incarnation, b.state, b.listeners, b.hosts, b.ports, b.rack, b.sources
    FROM paillette.cluster c
    LEFT JOIN paillette.broker b ON b.heartbeat + b.session_timeout_ms * interval '1 ms' > clock_timestamp();
END
$$;
