-- next_revision_v1: the number of the change that this transaction makes to who leads what.
--
-- To be called before anything else is locked: changes queue up here, never behind each other's rows, so they cannot deadlock.
CREATE OR REPLACE FUNCTION paillette.next_revision_v1() RETURNS bigint
    LANGUAGE sql AS $$
    UPDATE paillette.cluster SET revision = revision + 1 RETURNING revision
$$;

-- next_topics_revision_v1: the same, for a change of topics.
CREATE OR REPLACE FUNCTION paillette.next_topics_revision_v1() RETURNS bigint
    LANGUAGE sql AS $$
    UPDATE paillette.cluster SET revision = revision + 1, topics_revision = revision + 1 RETURNING revision
$$;
