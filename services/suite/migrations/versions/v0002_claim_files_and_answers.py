"""Claim files and payers' answers: what went out, what came in, what is due and what fits no claim."""

from alembic import op

revision = "0002"
down_revision = "0001"

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
"""


def upgrade() -> None:
    """Make them."""
    driver = op.get_bind().connection.driver_connection
    assert driver is not None
    driver.execute(_READ_MODELS.encode())
