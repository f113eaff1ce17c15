"""The log as of its first version, and the read models of the services."""

from alembic import op

from event_log.postgres_schema import script

revision = "0001"
down_revision = None

_READ_MODELS = """
CREATE TABLE claimtrail.dead_letter(
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  service text COLLATE "C" NOT NULL,
  case_key text COLLATE "C" NOT NULL,
  event_id text COLLATE "C" NOT NULL,
  event_type text COLLATE "C" NOT NULL,
  position bigint NOT NULL,
  error_type text COLLATE "C" NOT NULL,
  reason text COLLATE "C" NOT NULL,
  attempts bigint NOT NULL,
  failed_at text COLLATE "C" NOT NULL
);
CREATE TABLE claimtrail.held_event(
  service text COLLATE "C" NOT NULL,
  case_key text COLLATE "C" NOT NULL,
  position bigint NOT NULL,
  PRIMARY KEY (service, case_key, position)
);
CREATE TABLE claimtrail.session(
  key bytea NOT NULL PRIMARY KEY,
  stream text COLLATE "C" NOT NULL,
  org text COLLATE "C" NOT NULL,
  clinic text COLLATE "C",
  session_id text COLLATE "C" NOT NULL,
  waits_for text COLLATE "C",
  first_at text COLLATE "C" NOT NULL,
  revision bigint NOT NULL,
  case_id text COLLATE "C",
  head text COLLATE "C",
  decision text COLLATE "C",
  "left" text COLLATE "C" NOT NULL
);
CREATE INDEX session_waits ON claimtrail.session(waits_for, first_at) WHERE waits_for IS NOT NULL;
CREATE TABLE claimtrail.case_of_payer(
  payer bigint NOT NULL,
  day bigint NOT NULL,
  case_id bytea NOT NULL,
  PRIMARY KEY (payer, day, case_id)
);
CREATE TABLE claimtrail.clinician_time(
  clinician bigint NOT NULL,
  begin bigint NOT NULL,
  "end" bigint NOT NULL,
  session bytea NOT NULL,
  case_id bytea NOT NULL,
  PRIMARY KEY (clinician, begin, "end", session)
);
CREATE TABLE claimtrail.claim(
  claim_id text COLLATE "C" NOT NULL PRIMARY KEY,
  case_id text COLLATE "C" NOT NULL,
  org text COLLATE "C" NOT NULL,
  clinic text COLLATE "C",
  payer_id text COLLATE "C" NOT NULL,
  date_of_service text COLLATE "C" NOT NULL,
  status text COLLATE "C" NOT NULL,
  submitted boolean NOT NULL,
  body text COLLATE "C" NOT NULL
);
CREATE INDEX claim_by_day ON claimtrail.claim(date_of_service, claim_id);
CREATE TABLE claimtrail.case_subject(
  subject bigint NOT NULL,
  day bigint NOT NULL,
  case_id bytea NOT NULL,
  PRIMARY KEY (subject, day, case_id)
);
CREATE TABLE claimtrail.plan_of_patient(
  patient bigint NOT NULL,
  plan text COLLATE "C" NOT NULL,
  PRIMARY KEY (patient, plan)
);
CREATE TABLE claimtrail.appeal(
  appeal_id text COLLATE "C" NOT NULL PRIMARY KEY,
  case_id text COLLATE "C" NOT NULL,
  claim_id text COLLATE "C" NOT NULL,
  org text COLLATE "C" NOT NULL,
  payer_id text COLLATE "C" NOT NULL,
  number bigint NOT NULL,
  level bigint NOT NULL,
  level_name text COLLATE "C" NOT NULL,
  received_on text COLLATE "C" NOT NULL,
  file_by text COLLATE "C" NOT NULL,
  status text COLLATE "C" NOT NULL,
  outcome text COLLATE "C",
  amount_cents bigint NOT NULL,
  reasons text COLLATE "C" NOT NULL,
  source text COLLATE "C" NOT NULL
);
CREATE INDEX appeal_due ON claimtrail.appeal(status, file_by);
CREATE INDEX ix_appeal_claim_id ON claimtrail.appeal(claim_id);
CREATE TABLE claimtrail.correction(
  denial text COLLATE "C" NOT NULL PRIMARY KEY,
  case_id text COLLATE "C" NOT NULL,
  claim_id text COLLATE "C" NOT NULL,
  org text COLLATE "C" NOT NULL,
  payer_id text COLLATE "C" NOT NULL,
  remittance_id text COLLATE "C" NOT NULL,
  file_by text COLLATE "C",
  status text COLLATE "C" NOT NULL,
  amount_cents bigint NOT NULL,
  reasons text COLLATE "C" NOT NULL,
  source text COLLATE "C" NOT NULL
);
CREATE INDEX correction_due ON claimtrail.correction(status, file_by);
CREATE INDEX ix_correction_claim_id ON claimtrail.correction(claim_id);
"""


def upgrade() -> None:
    """Make them."""
    driver = op.get_bind().connection.driver_connection
    assert driver is not None
    driver.execute(script("postgres_1.sql").encode())
    driver.execute(_READ_MODELS.encode())
