"""What the transport over Kafka keeps: offsets, inbox, leases, parked and rejected messages; and recent spans."""

from alembic import op

revision = "0002"
down_revision = "0001"

_TRANSPORT = """
CREATE TABLE claimtrail.partition_offset(
  service text COLLATE "C" NOT NULL,
  topic text COLLATE "C" NOT NULL,
  partition_number bigint NOT NULL,
  next_offset bigint NOT NULL,
  position bigint NOT NULL,
  turn bigint NOT NULL,
  PRIMARY KEY (service, topic, partition_number)
) WITH (fillfactor = 50);
CREATE TABLE claimtrail.seen_event(
  service text COLLATE "C" NOT NULL,
  event_id bytea NOT NULL,
  seen_at bigint NOT NULL,
  PRIMARY KEY (service, event_id)
);
CREATE INDEX ix_seen_event_seen_at ON claimtrail.seen_event(seen_at);
CREATE TABLE claimtrail.parked_message(
  service text COLLATE "C" NOT NULL,
  topic text COLLATE "C" NOT NULL,
  partition_number bigint NOT NULL,
  at_offset bigint NOT NULL,
  reason text COLLATE "C" NOT NULL,
  message_key bytea,
  headers bytea NOT NULL,
  body bytea,
  parked_at bigint NOT NULL,
  copied bigint NOT NULL,
  PRIMARY KEY (service, topic, partition_number, at_offset)
);
CREATE TABLE claimtrail.rejected_message(
  topic text COLLATE "C" NOT NULL,
  partition_number bigint NOT NULL,
  at_offset bigint NOT NULL,
  place bigint NOT NULL,
  event_id text COLLATE "C",
  source text COLLATE "C",
  outcome text COLLATE "C" NOT NULL,
  errors text COLLATE "C" NOT NULL,
  message_key bytea,
  rejected_at bigint NOT NULL,
  told bigint NOT NULL,
  PRIMARY KEY (topic, partition_number, at_offset, place)
);
CREATE TABLE claimtrail.lease(
  name text COLLATE "C" NOT NULL PRIMARY KEY,
  holder text COLLATE "C" NOT NULL,
  token bigint NOT NULL,
  beat bigint NOT NULL
) WITH (fillfactor = 50);
"""

_SPANS = """
CREATE TABLE claimtrail.span(
  span_id text COLLATE "C" NOT NULL PRIMARY KEY,
  trace_id text COLLATE "C" NOT NULL,
  parent_id text COLLATE "C",
  name text COLLATE "C" NOT NULL,
  service text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  started_at bigint NOT NULL,
  ended_at bigint NOT NULL,
  attributes text COLLATE "C" NOT NULL
);
CREATE INDEX ix_span_trace_id ON claimtrail.span(trace_id);
CREATE INDEX ix_span_ended_at ON claimtrail.span(ended_at);
CREATE TABLE claimtrail.span_link(
  linked_trace text COLLATE "C" NOT NULL,
  span_id text COLLATE "C" NOT NULL,
  linked_span text COLLATE "C" NOT NULL,
  PRIMARY KEY (linked_trace, span_id, linked_span)
);
CREATE INDEX ix_span_link_span_id ON claimtrail.span_link(span_id);
"""

_DEAD_LETTERS = """
ALTER TABLE claimtrail.dead_letter ADD COLUMN waiting bigint, ADD COLUMN copied bigint;
UPDATE claimtrail.dead_letter d SET copied = 0, waiting = (
  SELECT count(*) FROM claimtrail.held_event h WHERE h.service = d.service AND h.case_key = d.case_key);
ALTER TABLE claimtrail.dead_letter ALTER COLUMN waiting SET NOT NULL, ALTER COLUMN copied SET NOT NULL;
"""

_CHARTS = """
CREATE TABLE claimtrail.chart_of_organization(
  organization bigint NOT NULL,
  chart text COLLATE "C" NOT NULL,
  PRIMARY KEY (organization, chart)
);
"""

_PLANS = "DROP TABLE claimtrail.plan_of_patient;"  # in the log itself now


def upgrade() -> None:
    """Make them."""
    driver = op.get_bind().connection.driver_connection
    assert driver is not None
    for step in (_TRANSPORT, _SPANS, _DEAD_LETTERS, _CHARTS, _PLANS):
        driver.execute(step.encode())
