-- register_broker_v1: begins a new incarnation of a broker, unless the id belongs to one that lives.
--
-- Answers the incarnation; or, when the id is taken, null with the newest heartbeat of its holder and where that one is reached:
-- a heartbeat that moves on shows that the holder lives. It counts as gone when its session has timed out; earlier when the
-- backend it heartbeated on is gone and it has been quiet for quiet_ms, in which a live one would have connected anew. That is
-- a hint to wait less, no more: were it wrong, the older incarnation would find itself replaced and its epochs fenced.
CREATE OR REPLACE FUNCTION paillette.register_broker_v1(
    of_broker integer, its_listeners text[], its_hosts text[], its_ports integer[], its_rack text, its_sources text[],
    its_session_timeout_ms integer, quiet_ms integer,
    OUT new_incarnation bigint, OUT holder_heartbeat timestamptz, OUT holder text)
    LANGUAGE plpgsql AS $$
DECLARE
    old     paillette.broker;
    started timestamptz := (SELECT a.backend_start FROM pg_stat_activity a WHERE a.pid = pg_backend_pid());
BEGIN
    INSERT INTO paillette.broker AS b (id, incarnation, state, listeners, hosts, ports, rack, sources, session_timeout_ms,
                                       heartbeat, backend_pid, backend_start)
    VALUES (of_broker, 1, 'starting', its_listeners, its_hosts, its_ports, its_rack, its_sources, its_session_timeout_ms,
            clock_timestamp(), pg_backend_pid(), started)
    ON CONFLICT (id) DO NOTHING
    RETURNING b.incarnation INTO new_incarnation;
    IF new_incarnation IS NOT NULL THEN
        RETURN;
    END IF;

    SELECT * INTO old FROM paillette.broker b WHERE b.id = of_broker FOR UPDATE;
    IF old.heartbeat + old.session_timeout_ms * interval '1 ms' > clock_timestamp()
        AND (old.heartbeat + quiet_ms * interval '1 ms' > clock_timestamp()
            OR EXISTS (SELECT FROM pg_stat_activity a
                       WHERE a.pid = old.backend_pid AND a.backend_start = old.backend_start)) THEN
        holder_heartbeat := old.heartbeat;
        holder := old.hosts[1] || ':' || old.ports[1];
        RETURN;
    END IF;
    UPDATE paillette.broker b
    SET incarnation = b.incarnation + 1, state = 'starting', listeners = its_listeners, hosts = its_hosts, ports = its_ports,
        rack = its_rack, sources = its_sources, session_timeout_ms = its_session_timeout_ms, heartbeat = clock_timestamp(),
        backend_pid = pg_backend_pid(), backend_start = started
    WHERE b.id = of_broker
    RETURNING b.incarnation INTO new_incarnation;
END
$$;
