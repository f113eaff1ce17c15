"""Claim files and payers' answers: what went out, what came in, what is due and what fits no claim."""

from alembic import op

revision = "0003"
down_revision = "0002"

_READ_MODELS = """
CREATE INDEX claim_ready ON claimtrail.claim(org, payer_id, date_of_service) WHERE status = 'ready';
CREATE TABLE claimtrail.due_claim(
  claim_id text COLLATE "C" NOT NULL PRIMARY KEY,
  case_id text COLLATE "C" NOT NULL,
  org text COLLATE "C" NOT NULL,
  payer_id text COLLATE "C" NOT NULL,
  due text COLLATE "C" NOT NULL
);
CREATE TABLE claimtrail.set_aside(
  item text COLLATE "C" NOT NULL PRIMARY KEY,
  kind text COLLATE "C" NOT NULL,
  reason text COLLATE "C" NOT NULL,
  claim_id text COLLATE "C",
  amount_cents bigint,
  payer text COLLATE "C" NOT NULL,
  received_on text COLLATE "C" NOT NULL,
  file text COLLATE "C" NOT NULL,
  status text COLLATE "C" NOT NULL,
  matched_to text COLLATE "C"
);
CREATE INDEX set_aside_waiting ON claimtrail.set_aside(status, claim_id);
CREATE TABLE claimtrail.claim_file(
  number bigint NOT NULL PRIMARY KEY,
  org text COLLATE "C" NOT NULL,
  payer_id text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  sha256 text COLLATE "C" NOT NULL,
  claims bigint NOT NULL,
  charge_cents bigint NOT NULL,
  exported_on text COLLATE "C" NOT NULL,
  exported_by text COLLATE "C" NOT NULL,
  written boolean NOT NULL,
  verdict text COLLATE "C"
);
CREATE INDEX claim_file_unwritten ON claimtrail.claim_file(number) WHERE NOT written;
CREATE TABLE claimtrail.answer_file(
  sha256 text COLLATE "C" NOT NULL PRIMARY KEY,
  kind text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  received_on text COLLATE "C" NOT NULL,
  matched bigint NOT NULL,
  repeated bigint NOT NULL,
  set_aside bigint NOT NULL,
  paid_cents bigint NOT NULL,
  payments text COLLATE "C" NOT NULL
);
CREATE INDEX answer_file_by_day ON claimtrail.answer_file(received_on, sha256);
CREATE TABLE claimtrail.answered(
  answer text COLLATE "C" NOT NULL PRIMARY KEY,
  claim_id text COLLATE "C" NOT NULL,
  org text COLLATE "C" NOT NULL,
  payer_id text COLLATE "C" NOT NULL,
  clinic text COLLATE "C",
  answered_on text COLLATE "C" NOT NULL,
  outcome text COLLATE "C" NOT NULL,
  charge_cents bigint,
  paid_cents bigint NOT NULL,
  codes text COLLATE "C" NOT NULL,
  days bigint
);
CREATE INDEX answered_by_day ON claimtrail.answered(answered_on, claim_id);
CREATE INDEX answered_of_claim ON claimtrail.answered(claim_id);
CREATE TABLE claimtrail.denial(
  answer text COLLATE "C" NOT NULL,
  place bigint NOT NULL,
  claim_id text COLLATE "C" NOT NULL,
  org text COLLATE "C" NOT NULL,
  payer_id text COLLATE "C" NOT NULL,
  clinic text COLLATE "C",
  date_of_service text COLLATE "C" NOT NULL,
  denied_on text COLLATE "C" NOT NULL,
  line bigint,
  code text COLLATE "C",
  grouped text COLLATE "C" NOT NULL,
  carc text COLLATE "C" NOT NULL,
  rarcs text COLLATE "C" NOT NULL,
  amount_cents bigint NOT NULL,
  rules text COLLATE "C" NOT NULL,
  stood text COLLATE "C" NOT NULL,
  seen text COLLATE "C" NOT NULL,
  standing text COLLATE "C" NOT NULL,
  decided text COLLATE "C",
  days_to_decision bigint,
  at_stake_cents bigint NOT NULL,
  PRIMARY KEY (answer, place)
);
CREATE INDEX denial_by_day ON claimtrail.denial(denied_on, claim_id);
CREATE INDEX denial_of_claim ON claimtrail.denial(claim_id);
"""


def upgrade() -> None:
    """Make them."""
    driver = op.get_bind().connection.driver_connection
    assert driver is not None
    driver.execute(_READ_MODELS.encode())
