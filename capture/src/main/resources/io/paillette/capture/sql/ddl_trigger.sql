-- Puts a new table of this source into its publication in the transaction that creates it, and moves one whose replica
-- identity changed. Never fails the user's statement, nor holds it up where that would only delay what is told: an ALTER
-- PUBLICATION locks the publication until its transaction ends (from 15), and where another one has it the capture moves the
-- table a moment later. But a table that loses its key while its updates are published would fail the application's next
-- UPDATE: for that one it waits as long as the session would wait for any lock.
-- Rows that a table has before it is published (CREATE TABLE AS, renamed into a captured name), and those of one that got
-- its key and could not be moved at that time, are read by the capture, which finds the table in the publication of joining
-- tables. Locks are taken in one order, here and in the capture: joining, inserts, all.
-- Captures of one database may start together.
SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext('paillette_capture'));
CREATE SCHEMA IF NOT EXISTS paillette_capture;
-- Tables that should have been moved and were not: changes of theirs may have gone untold since. Unlogged, or somebody's
-- publication for all tables would have it, and refuse what is deleted. A crash empties it, and with it goes the row of
-- relation 0, which says that none is missing: until the capture has placed all again, any table may be one of them.
CREATE UNLOGGED TABLE IF NOT EXISTS paillette_capture.unplaced (publication text NOT NULL, relation oid NOT NULL);
CREATE OR REPLACE FUNCTION paillette_capture.${function}() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off AS $paillette$
DECLARE
    moved record;
    patience text := current_setting('lock_timeout');
BEGIN
    PERFORM set_config('lock_timeout', '200ms', true);
    FOR moved IN
        SELECT candidate.*,
               candidate.in_all AND NOT candidate.identified AS would_refuse_updates,
               EXISTS (SELECT FROM paillette_capture.unplaced u
                       WHERE u.publication = ${all} AND u.relation = candidate.oid)
                   OR NOT EXISTS (SELECT FROM paillette_capture.unplaced u
                                  WHERE u.publication = ${all} AND u.relation = 0) AS is_late,
               EXISTS (SELECT FROM pg_event_trigger_ddl_commands() d
                       WHERE d.classid = 'pg_class'::regclass AND d.objid = candidate.oid
                         AND d.command_tag = 'CREATE TABLE') AS is_new,
               (SELECT c.relkind = 'p' FROM pg_class c WHERE c.oid = candidate.oid) AS is_root
        FROM (
${captured_tables}
        ) candidate
        WHERE candidate.captured
          AND (tg_tag <> 'DROP INDEX' OR candidate.in_all AND NOT candidate.identified)
        ORDER BY would_refuse_updates DESC, candidate.oid
    LOOP
        BEGIN
            PERFORM set_config('lock_timeout', CASE WHEN moved.would_refuse_updates THEN patience ELSE '200ms' END, true);
            -- A root may have had keys in all partitions for a while: nobody is told when one without is dropped.
            IF NOT moved.in_all AND NOT moved.is_new
               AND (NOT moved.in_inserts OR moved.identified AND (moved.is_late OR moved.is_root)) THEN
                IF moved.in_joining THEN
                    EXECUTE format('ALTER PUBLICATION %I DROP TABLE ONLY %I.%I', ${joining}, moved.schema, moved.name);
                END IF;
                EXECUTE format('ALTER PUBLICATION %I ADD TABLE ONLY %I.%I', ${joining}, moved.schema, moved.name);
            END IF;
            IF moved.identified AND moved.in_inserts THEN
                EXECUTE format('ALTER PUBLICATION %I DROP TABLE ONLY %I.%I', ${inserts}, moved.schema, moved.name);
            ELSIF NOT moved.identified AND NOT moved.in_inserts THEN
                EXECUTE format('ALTER PUBLICATION %I ADD TABLE ONLY %I.%I', ${inserts}, moved.schema, moved.name);
            END IF;
            IF moved.identified AND NOT moved.in_all THEN
                EXECUTE format('ALTER PUBLICATION %I ADD TABLE ONLY %I.%I', ${all}, moved.schema, moved.name);
            ELSIF moved.would_refuse_updates THEN
                EXECUTE format('ALTER PUBLICATION %I DROP TABLE ONLY %I.%I', ${all}, moved.schema, moved.name);
            END IF;
            -- Before 15 a WAL sender that has met a table goes on as it decided then when the table is attached as a partition, and
            -- tells nothing of it: it decides anew once the tables of a publication have changed.
            IF moved.is_root AND tg_tag = 'ALTER TABLE' AND current_setting('server_version_num')::int < 150000
               AND moved.in_all = moved.identified AND moved.in_inserts <> moved.identified THEN
                EXECUTE format('ALTER PUBLICATION %I DROP TABLE ONLY %I.%I',
                        CASE WHEN moved.identified THEN ${all} ELSE ${inserts} END, moved.schema, moved.name);
                EXECUTE format('ALTER PUBLICATION %I ADD TABLE ONLY %I.%I',
                        CASE WHEN moved.identified THEN ${all} ELSE ${inserts} END, moved.schema, moved.name);
            END IF;
            -- One that has its inserts told alone goes on being late: it may have had a key in between.
            IF moved.is_late AND (moved.identified OR moved.in_all OR NOT moved.in_inserts) THEN
                DELETE FROM paillette_capture.unplaced u WHERE u.publication = ${all} AND u.relation = moved.oid;
            END IF;
        EXCEPTION WHEN OTHERS THEN
            RAISE WARNING 'paillette: after % table %.% was not moved for capture of source %: %',
                    tg_tag, moved.schema, moved.name, ${source}, SQLERRM
                USING HINT = 'The capture looks itself about once a second and repairs this.';
            INSERT INTO paillette_capture.unplaced VALUES (${all}, moved.oid);
        END;
    END LOOP;
    PERFORM set_config('lock_timeout', patience, true);
EXCEPTION WHEN OTHERS THEN
    RAISE WARNING 'paillette: % was not looked at for capture of source %: %', tg_tag, ${source}, SQLERRM
        USING HINT = 'The capture looks itself about once a second and repairs this.';
    BEGIN
        INSERT INTO paillette_capture.unplaced
        SELECT ${all}, c.oid
        FROM pg_class c
        WHERE c.relkind IN ('r', 'p')
          AND c.oid IN (
              SELECT coalesce(a.relid, d.objid)
              FROM pg_event_trigger_ddl_commands() d
              LEFT JOIN LATERAL pg_partition_ancestors(d.objid) a(relid) ON true
              WHERE d.classid = 'pg_class'::regclass);
    EXCEPTION WHEN OTHERS THEN
        RAISE WARNING 'paillette: nor could that be written down: %', SQLERRM;
    END;
END
$paillette$;
REVOKE ALL ON FUNCTION paillette_capture.${function}() FROM PUBLIC;
DROP EVENT TRIGGER IF EXISTS ${trigger};
CREATE EVENT TRIGGER ${trigger} ON ddl_command_end
    WHEN TAG IN ('CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO', 'ALTER TABLE', 'DROP INDEX')
    EXECUTE FUNCTION paillette_capture.${function}();
ALTER EVENT TRIGGER ${trigger} ENABLE ALWAYS
