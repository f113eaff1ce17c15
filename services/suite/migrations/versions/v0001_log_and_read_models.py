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
CREATE TABLE claimtrail.plan_of_clinician(
  clinician bigint NOT NULL,
  plan text COLLATE "C" NOT NULL,
  PRIMARY KEY (clinician, plan)
);
CREATE TABLE claimtrail.appeal(
  appeal_id text COLLATE "C" NOT NULL PRIMARY KEY,
  case_id text COLLATE "C" NOT NULL,
  claim_id text COLLATE "C" NOT NULL,
  org text COLLATE "C" NOT NULL,
  payer_id text COLLATE "C" NOT NULL,
  number bigint NOT NULL,
  program text COLLATE "C" NOT NULL,
  level bigint NOT NULL,
  level_name text COLLATE "C" NOT NULL,
  against text COLLATE "C" NOT NULL,
  received_on text COLLATE "C" NOT NULL,
  file_by text COLLATE "C" NOT NULL,
  status text COLLATE "C" NOT NULL,
  outcome text COLLATE "C",
  closed text COLLATE "C",
  amount_cents bigint NOT NULL,
  controversy_cents bigint,
  required text COLLATE "C" NOT NULL,
  reasons text COLLATE "C" NOT NULL,
  taken_by text COLLATE "C",
  filed_on text COLLATE "C",
  decision_due text COLLATE "C",
  overdue boolean NOT NULL,
  vacate_by text COLLATE "C",
  missing text COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  sort_on text COLLATE "C" NOT NULL,
  source text COLLATE "C" NOT NULL
);
CREATE INDEX appeal_due ON claimtrail.appeal(status, sort_on);
CREATE INDEX appeal_in_order ON claimtrail.appeal(sort_on, claim_id);
CREATE INDEX ix_appeal_claim_id ON claimtrail.appeal(claim_id);
CREATE TABLE claimtrail.remedy(
  item_id text COLLATE "C" NOT NULL PRIMARY KEY,
  kind text COLLATE "C" NOT NULL,
  ground text COLLATE "C",
  case_id text COLLATE "C" NOT NULL,
  claim_id text COLLATE "C" NOT NULL,
  org text COLLATE "C" NOT NULL,
  payer_id text COLLATE "C" NOT NULL,
  number bigint NOT NULL,
  remittance_id text COLLATE "C" NOT NULL,
  file_by text COLLATE "C",
  status text COLLATE "C" NOT NULL,
  amount_cents bigint NOT NULL,
  reasons text COLLATE "C" NOT NULL,
  taken_by text COLLATE "C",
  version bigint NOT NULL,
  sort_on text COLLATE "C" NOT NULL,
  source text COLLATE "C" NOT NULL
);
CREATE INDEX ix_remedy_claim_id ON claimtrail.remedy(claim_id);
CREATE INDEX remedy_due ON claimtrail.remedy(status, sort_on);
CREATE INDEX remedy_in_order ON claimtrail.remedy(sort_on, claim_id);
CREATE TABLE claimtrail.denied_case(
  case_id text COLLATE "C" NOT NULL PRIMARY KEY,
  org text COLLATE "C" NOT NULL,
  payer_id text COLLATE "C" NOT NULL,
  alarm_on text COLLATE "C"
);
CREATE INDEX denied_case_alarm ON claimtrail.denied_case(alarm_on);
CREATE INDEX denied_case_of_payer ON claimtrail.denied_case(org, payer_id);
"""


def upgrade() -> None:
    """Make them."""
    driver = op.get_bind().connection.driver_connection
    assert driver is not None
    driver.execute(script("postgres_1.sql").encode())
    driver.execute(_READ_MODELS.encode())
