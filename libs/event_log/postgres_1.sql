-- The log on PostgreSQL, version 1. Never edited once released: what changes comes in a file of the next number.
-- docs/decisions/0010-one-lock-on-postgresql.md says why it is made so. Run by its owner (event_log/postgres_schema.py).

CREATE TABLE claimtrail.event(
  position bigint PRIMARY KEY,
  stream text COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  event_id bytea NOT NULL,
  type text COLLATE "C" NOT NULL,
  schema_version bigint NOT NULL,
  case_id bytea,
  org text COLLATE "C" NOT NULL,
  actor text COLLATE "C" NOT NULL,
  service text COLLATE "C" NOT NULL,
  occurred_at bigint NOT NULL,
  recorded_at bigint NOT NULL,
  causation_id bytea,
  traceparent text COLLATE "C",
  fingerprint bytea,
  data bytea NOT NULL,
  leaf_hash bytea NOT NULL
);
CREATE UNIQUE INDEX event_by_id ON claimtrail.event(event_id);
CREATE UNIQUE INDEX event_by_stream ON claimtrail.event(stream, version);
CREATE INDEX event_by_case ON claimtrail.event(case_id, position) WHERE case_id IS NOT NULL;
CREATE INDEX event_by_type ON claimtrail.event(type, position);

-- Where the log and its streams stand. One row in log_head: the lock that every append takes, so that commits come in
-- the order of their positions; most of its page is left free, so that its many versions stay on it.
CREATE TABLE claimtrail.log_head(
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  position bigint NOT NULL,
  recorded_at bigint NOT NULL
) WITH (fillfactor = 10);
INSERT INTO claimtrail.log_head(position, recorded_at) VALUES (0, 0);
CREATE TABLE claimtrail.stream(
  name text COLLATE "C" PRIMARY KEY,
  version bigint NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE claimtrail.checkpoint(
  consumer text COLLATE "C" PRIMARY KEY,
  position bigint NOT NULL
) WITH (fillfactor = 50);
CREATE TABLE claimtrail.tree_node(
  level int NOT NULL, place bigint NOT NULL, hash bytea NOT NULL, PRIMARY KEY (level, place)
);
CREATE TABLE claimtrail.signed_checkpoint(
  size bigint PRIMARY KEY, note text NOT NULL, signed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE claimtrail.data_key(
  subject text COLLATE "C" PRIMARY KEY, owner text COLLATE "C", wrapped bytea, created_at bigint NOT NULL, destroyed_at bigint
);
CREATE INDEX data_key_by_owner ON claimtrail.data_key(owner) WHERE owner IS NOT NULL;
CREATE INDEX data_key_destroyed ON claimtrail.data_key(destroyed_at) WHERE destroyed_at IS NOT NULL;

-- The second wall, behind the roles: nobody changes or removes what is recorded, not even its owner.
CREATE FUNCTION claimtrail.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the log is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON claimtrail.event
  FOR EACH STATEMENT EXECUTE FUNCTION claimtrail.refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON claimtrail.tree_node
  FOR EACH STATEMENT EXECUTE FUNCTION claimtrail.refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON claimtrail.signed_checkpoint
  FOR EACH STATEMENT EXECUTE FUNCTION claimtrail.refuse();
ALTER TABLE claimtrail.event ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE claimtrail.tree_node ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE claimtrail.signed_checkpoint ENABLE ALWAYS TRIGGER append_only;

CREATE FUNCTION claimtrail.measured(part text) RETURNS bytea LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  AS $$ SELECT int4send(octet_length(part)) || convert_to(part, 'UTF8') $$;

-- The beginning of a leaf, which many events share (event_log/leaf.py).
CREATE FUNCTION claimtrail.context(service text, type text, org text, actor text, schema_version bigint) RETURNS bytea
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  AS $$ SELECT '\x0001'::bytea || claimtrail.measured(service) || claimtrail.measured(type) || claimtrail.measured(org)
    || claimtrail.measured(actor) || int8send(schema_version) $$;

-- The root over 256 nodes (event_log/merkle.py).
CREATE FUNCTION claimtrail.node_over(nodes bytea[]) RETURNS bytea LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  WHILE cardinality(nodes) > 1 LOOP
    nodes := array(
      SELECT sha256('\x01'::bytea || nodes[at] || nodes[at + 1]) FROM generate_series(1, cardinality(nodes), 2) at
    );
  END LOOP;
  RETURN nodes[1];
END $$;

-- The nodes that the events behind position `before` up to `upto` complete: every eighth level.
CREATE FUNCTION claimtrail.grow_tree(before bigint, upto bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  at_level int := 0;
  lowest bigint := before >> 8;
  beyond bigint := upto >> 8;
BEGIN
  WHILE beyond > lowest LOOP
    at_level := at_level + 8;
    FOR block IN lowest .. beyond - 1 LOOP
      INSERT INTO tree_node(level, place, hash) VALUES (at_level, block, node_over(CASE at_level
        WHEN 8 THEN array(
          SELECT leaf_hash FROM event WHERE position > block << 8 AND position <= (block + 1) << 8 ORDER BY position)
        ELSE array(
          SELECT hash FROM tree_node
          WHERE level = at_level - 8 AND place >= block << 8 AND place < (block + 1) << 8 ORDER BY place)
        END));
    END LOOP;
    lowest := lowest >> 8;
    beyond := beyond >> 8;
  END LOOP;
END $$;

-- Several commits at once: of each its guards, appends and checkpoint. The rules are those of event_log/planning.py.
--
-- names: every stream that is appended to or guarded, once. Of commit n: guard_counts[n], append_counts[n],
-- consumers[n] (null: no checkpoint). Guards and appends come in the order of their commits, events in that of their
-- appends. services to schema_versions: what events have in common, once; event_contexts says which is an event's.
-- event_firsts: for each event the first with the same id; null when all ids differ. clock: microseconds since the
-- epoch; null: the server's.
--
-- Answers: start, the last position before; bases, of each append the version of its stream before it. Where not all
-- was new and as expected, plain is false and there are also: stale, of each guard the version met when it is not the
-- one expected; refusals, of each append null (done), 0 (another version than expected), n (event n stands elsewhere)
-- or -1 (a guard of its commit is stale); of each event its position, its version, and whether it was written.
CREATE FUNCTION claimtrail.append(
  names text[],
  guard_counts int[], append_counts int[], consumers text[], consumer_positions bigint[],
  guard_names int[], guard_versions bigint[],
  append_names int[], append_expected bigint[], append_sizes int[],
  services text[], types text[], orgs text[], actors text[], schema_versions bigint[],
  event_contexts int[], event_ids bytea[], case_ids bytea[], occurred bigint[], causation_ids bytea[],
  traceparents text[], fingerprints bytea[], datas bytea[], event_firsts int[], clock bigint,
  OUT start bigint, OUT recorded bigint, OUT plain boolean, OUT bases bigint[],
  OUT stale bigint[], OUT refusals int[], OUT positions bigint[], OUT versions bigint[], OUT writes boolean[]
) LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = claimtrail, pg_temp
  -- one plan whatever the statistics say: every look-up is of few rows by an index
  SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
DECLARE
  total int := cardinality(event_ids);
  heads bigint[]; before bigint[];           -- of each name: its version now, and before this call
  knowing boolean;                           -- ids may be in the log, or twice in this call
  at_position bigint[]; at_version bigint[]; at_stream text[]; chosen int[];  -- of each id, kept at its first event
  event_names int[];                         -- of each event the name of its stream
  prefixes bytea[]; measures bytea[]; stamp bytea;
  guard int := 0; nth int := 0; event_at int := 0; written bigint := 0;
  wanted bigint; actual bigint; of_name int; size int; refused boolean; one int;
  fresh int; unseen int; following bigint; clash int;
  moved text[]; moved_to bigint[];
BEGIN
  plain := true;
  IF cardinality(names) > 0 THEN
    SELECT log_head.position, greatest(log_head.recorded_at,
        coalesce(clock, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint))
      INTO start, recorded FROM log_head FOR UPDATE;
    SELECT array_agg(coalesce(stream.version, 0) ORDER BY given.number) INTO before
      FROM unnest(names) WITH ORDINALITY given(name, number) LEFT JOIN stream ON stream.name = given.name;
    heads := before;
    bases := array_fill(NULL::bigint, ARRAY[cardinality(append_names)]);
    refusals := array_fill(NULL::int, ARRAY[cardinality(append_names)]);
    stale := array_fill(NULL::bigint, ARRAY[cardinality(guard_names)]);
    knowing := event_firsts IS NOT NULL
      OR EXISTS (SELECT FROM unnest(event_ids) given(id) JOIN event ON event.event_id = given.id);
    IF knowing THEN
      SELECT array_agg(known.position ORDER BY given.number), array_agg(known.version ORDER BY given.number),
          array_agg(known.stream ORDER BY given.number)
        INTO at_position, at_version, at_stream
        FROM unnest(event_ids) WITH ORDINALITY given(id, number) LEFT JOIN event known ON known.event_id = given.id;
      chosen := array_fill(0, ARRAY[total]);
      positions := array_fill(NULL::bigint, ARRAY[total]);
      versions := positions;
      writes := array_fill(false, ARRAY[total]);
      plain := false;
    END IF;
  END IF;

  FOR nth_commit IN 1 .. cardinality(append_counts) LOOP
    refused := false;
    FOR i IN 1 .. guard_counts[nth_commit] LOOP
      guard := guard + 1;
      IF heads[guard_names[guard]] <> guard_versions[guard] THEN
        stale[guard] := heads[guard_names[guard]];
        refused := true;
      END IF;
    END LOOP;
    IF refused THEN
      plain := false;
      FOR i IN 1 .. append_counts[nth_commit] LOOP
        nth := nth + 1;
        refusals[nth] := -1;
        event_at := event_at + append_sizes[nth];
      END LOOP;
      CONTINUE;
    END IF;
    FOR i IN 1 .. append_counts[nth_commit] LOOP
      nth := nth + 1;
      of_name := append_names[nth];
      wanted := append_expected[nth];
      size := append_sizes[nth];
      actual := heads[of_name];
      bases[nth] := actual;
      IF knowing THEN
        fresh := 0;
        clash := NULL;
        FOR e IN event_at + 1 .. event_at + size LOOP
          one := coalesce(event_firsts[e], e);
          IF at_position[one] IS NULL THEN
            IF chosen[one] <> nth THEN
              chosen[one] := nth;
              fresh := fresh + 1;
            END IF;
          ELSIF at_stream[one] <> names[of_name] THEN
            clash := e;
            EXIT;
          END IF;
        END LOOP;
        IF clash IS NULL AND wanted IS NOT NULL AND (fresh > 0 OR size = 0) THEN
          following := wanted;
          unseen := fresh;
          FOR e IN event_at + 1 .. event_at + size LOOP
            one := coalesce(event_firsts[e], e);
            IF at_position[one] IS NULL THEN
              unseen := unseen - 1;
            ELSIF at_version[one] > wanted THEN
              following := following + 1;
              IF at_version[one] <> following OR unseen <> fresh THEN
                clash := e;
                EXIT;
              END IF;
            END IF;
          END LOOP;
          IF clash IS NULL AND following <> actual THEN
            clash := 0;
          END IF;
        END IF;
        IF clash IS NULL THEN
          FOR e IN event_at + 1 .. event_at + size LOOP
            one := coalesce(event_firsts[e], e);
            IF at_position[one] IS NULL THEN
              actual := actual + 1;
              written := written + 1;
              at_position[one] := start + written;
              at_version[one] := actual;
              at_stream[one] := names[of_name];
              writes[e] := true;
            END IF;
            positions[e] := at_position[one];
            versions[e] := at_version[one];
          END LOOP;
          heads[of_name] := actual;
        END IF;
      ELSIF wanted <> actual THEN
        clash := 0;
      ELSE
        clash := NULL;
        heads[of_name] := actual + size;
        written := written + size;
      END IF;
      IF clash IS NOT NULL THEN
        refusals[nth] := clash;
        refused := true;
        plain := false;
      END IF;
      event_at := event_at + size;
    END LOOP;
    IF consumers[nth_commit] IS NOT NULL AND NOT refused THEN
      moved := moved || consumers[nth_commit];
      moved_to := moved_to || consumer_positions[nth_commit];
    END IF;
  END LOOP;

  IF written > 0 THEN
    IF plain AND total = 1 AND cardinality(append_names) = 1 THEN  -- as below, without a query
      event_names := append_names;
      positions := ARRAY[start + 1];
      versions := ARRAY[bases[1] + 1];
      writes := ARRAY[true];
    ELSE
      SELECT array_agg(each.name ORDER BY each.nth, i) INTO event_names
        FROM unnest(append_names, append_sizes) WITH ORDINALITY each(name, size, nth), generate_series(1, each.size) i;
      IF NOT knowing THEN
        SELECT array_agg(planned.position ORDER BY planned.nth, planned.i),
            array_agg(planned.base + planned.i ORDER BY planned.nth, planned.i),
            array_agg(planned.kept ORDER BY planned.nth, planned.i)
          INTO positions, versions, writes
          FROM (
            SELECT each.nth, i, each.base, each.refusal IS NULL AS kept,
              start + count(*) FILTER (WHERE each.refusal IS NULL) OVER (ORDER BY each.nth, i) AS position
            FROM unnest(bases, append_sizes, refusals) WITH ORDINALITY each(base, size, refusal, nth),
              generate_series(1, each.size) i
          ) planned;
      END IF;
    END IF;
    IF cardinality(services) = 1 THEN
      prefixes := ARRAY[context(services[1], types[1], orgs[1], actors[1], schema_versions[1])];
    ELSE
      SELECT array_agg(context(shared.service, shared.type, shared.org, shared.actor, shared.schema_version)
          ORDER BY shared.number)
        INTO prefixes
        FROM unnest(services, types, orgs, actors, schema_versions) WITH ORDINALITY
          shared(service, type, org, actor, schema_version, number);
    END IF;
    IF cardinality(names) = 1 THEN
      measures := ARRAY[measured(names[1])];
    ELSE
      SELECT array_agg(measured(given.name) ORDER BY given.number) INTO measures
        FROM unnest(names) WITH ORDINALITY given(name, number);
    END IF;
    stamp := int8send(recorded);
    INSERT INTO event
      SELECT e.position, names[e.name], e.version, e.id, types[e.shared], schema_versions[e.shared], e.case_id,
        orgs[e.shared], actors[e.shared], services[e.shared], e.occurred_at, recorded, e.causation_id, e.traceparent,
        e.fingerprint, e.data,
        sha256(  -- event_log/leaf.py
          prefixes[e.shared] || measures[e.name] || int8send(e.position) || int8send(e.version)
          || int8send(e.occurred_at) || stamp || int4send(octet_length(e.id))
          || int4send(coalesce(octet_length(e.case_id), -1)) || int4send(coalesce(octet_length(e.causation_id), -1))
          || int4send(coalesce(octet_length(e.traceparent), -1)) || int4send(coalesce(octet_length(e.fingerprint), -1))
          || int4send(octet_length(e.data)) || e.id || coalesce(e.case_id, '') || coalesce(e.causation_id, '')
          || coalesce(convert_to(e.traceparent, 'UTF8'), '') || coalesce(e.fingerprint, '') || e.data)
      FROM unnest(positions, versions, writes, event_names, event_contexts, event_ids, case_ids, occurred,
          causation_ids, traceparents, fingerprints, datas)
        e(position, version, kept, name, shared, id, case_id, occurred_at, causation_id, traceparent, fingerprint, data)
      WHERE e.kept;
    INSERT INTO stream AS kept
      SELECT given.name, given.version FROM unnest(names, heads, before) given(name, version, was)
      WHERE given.version > given.was
      ON CONFLICT (name) DO UPDATE SET version = excluded.version;
    IF start >> 8 < (start + written) >> 8 THEN
      PERFORM grow_tree(start, start + written);
    END IF;
    UPDATE log_head SET position = start + written, recorded_at = recorded;
  END IF;
  IF moved IS NOT NULL THEN
    INSERT INTO checkpoint AS kept SELECT DISTINCT ON (given.consumer) given.consumer, given.position
      FROM unnest(moved, moved_to) WITH ORDINALITY given(consumer, position, number)
      ORDER BY given.consumer, given.number DESC
      ON CONFLICT (consumer) DO UPDATE SET position = excluded.position;
  END IF;
  IF plain THEN
    positions := NULL;
    versions := NULL;
    writes := NULL;
  END IF;
END $$;
