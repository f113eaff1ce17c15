"""What the assessment of a claim refuses."""

from therapy_domain.errors import DomainError


class UnknownRules(DomainError):
    """A decision names an edition of the rules that is not declared here."""

    code = "unknown-rules"

    def __init__(self, fingerprint: str) -> None:
        self.fingerprint = fingerprint
        super().__init__(f"rules {fingerprint!r} are not known here")
