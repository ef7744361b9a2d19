-- Puts a new table of this source into its publication in the transaction that creates it, and moves one whose replica
-- identity changed. Never fails the user's statement, nor holds it up: an ALTER PUBLICATION locks the publication until its
-- transaction ends (from 15), and where another one has it the capture moves the table a moment later. Rows whose changes may
-- have been told in part only (CREATE TABLE AS, renamed into a captured name, without a key so far, or not moved when it
-- should have been) are read by the capture, which finds the table in the publication of joining tables.
-- Locks are taken in one order, here and in the capture: joining, inserts, all.
CREATE SCHEMA IF NOT EXISTS paillette_capture;
CREATE OR REPLACE FUNCTION paillette_capture.${function}() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '200ms' AS $paillette$
DECLARE
    moved record;
BEGIN
    FOR moved IN
        SELECT candidate.*,
               CASE WHEN candidate.identified THEN candidate.in_all
                    ELSE candidate.in_all OR candidate.in_inserts END AS fully_told,
               EXISTS (SELECT FROM pg_event_trigger_ddl_commands() d
                       WHERE d.classid = 'pg_class'::regclass AND d.objid = candidate.oid
                         AND d.command_tag = 'CREATE TABLE') AS is_new
        FROM (
${captured_tables}
        ) candidate
        WHERE candidate.captured
          AND (tg_tag = 'DROP INDEX' AND candidate.in_all AND NOT candidate.identified
               OR candidate.oid IN (
                   SELECT coalesce(a.relid, d.objid)
                   FROM pg_event_trigger_ddl_commands() d
                   LEFT JOIN LATERAL pg_partition_ancestors(d.objid) a(relid) ON true
                   WHERE d.classid = 'pg_class'::regclass))
    LOOP
        IF NOT moved.fully_told AND NOT moved.is_new THEN
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
        ELSIF NOT moved.identified AND moved.in_all THEN
            EXECUTE format('ALTER PUBLICATION %I DROP TABLE ONLY %I.%I', ${all}, moved.schema, moved.name);
        END IF;
    END LOOP;
EXCEPTION WHEN OTHERS THEN
    RAISE WARNING 'paillette: % was not looked at for capture of source %: %', tg_tag, ${source}, SQLERRM
        USING HINT = 'The capture looks itself about once a second and repairs this.';
END
$paillette$;
REVOKE ALL ON FUNCTION paillette_capture.${function}() FROM PUBLIC;
DROP EVENT TRIGGER IF EXISTS ${trigger};
CREATE EVENT TRIGGER ${trigger} ON ddl_command_end
    WHEN TAG IN ('CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO', 'ALTER TABLE', 'DROP INDEX')
    EXECUTE FUNCTION paillette_capture.${function}();
ALTER EVENT TRIGGER ${trigger} ENABLE ALWAYS
