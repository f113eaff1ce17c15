"""What a claim depends on beside its sessions, each fact in a sentence. No names."""

from audit.telling.words import Data, count, erased, listed, value_words


def _span(data: Data) -> str:
    return f"from {data['from']} to {data['to']}" if data.get("to") else f"from {data['from']} on"


def organization(data: Data, subject: str) -> str:
    """An organization's own settings."""
    clinics = count(len(data["clinics"]), "clinic")
    return f"organization {subject} is configured: {clinics}, fees for {count(len(data['fees']), 'code')}"


def clinician(data: Data, subject: str) -> str:
    """Whom a clinician may treat for."""
    payers = listed(f"{each['payer_id']} {_span(each)}" for each in data["payers"])
    return f"clinician {subject} ({data['role']}) is credentialed with {payers}"


def patient(data: Data, subject: str) -> str:
    """A patient, without their name."""
    members = data["member_ids"]
    numbers = "; the content was erased" if erased(members) else f", with a member number for {listed(sorted(members))}"
    return f"patient {subject} is registered{numbers}"


def coverage(data: Data, subject: str) -> str:
    """What a payer covers, and what it authorized."""
    words = f"{data['payer_id']} covers patient {subject} {_span(data)}"
    if data.get("covered_codes") is not None:
        words += f", codes {listed(data['covered_codes'])}"
    if data.get("enrolments"):
        words += f"; also {listed(each['kind'].replace('_', ' ') + ' ' + _span(each) for each in data['enrolments'])}"
    given = data.get("authorization")
    if given is None:
        return words
    limits = [f"{given[name]} {name}" for name in ("visits", "units") if given.get(name) is not None]
    return f"{words}; authorization {given['number']} {_span(given)}{''.join(', ' + limit for limit in limits)}"


def plan(data: Data, subject: str) -> str:
    """A plan of care and its certification."""
    goals = "goals erased" if erased(data["goals"]) else count(len(data["goals"]), "goal")
    by = f" by {data['certified_by_npi']}" if data.get("certified_by_npi") else ""
    certified = f"certified on {data['certified_on']}{by}" if data.get("certified_on") else "certification awaited"
    return (
        f"plan {subject} for {data['discipline']} of patient {data['patient_id']} {_span(data)}: "
        f"diagnoses {listed(data['diagnoses'])}, {goals}, {certified}"
    )


def progress(data: Data, subject: str) -> str:
    """A progress report."""
    measures = data["measures"]
    told = "measures erased" if erased(measures) else count(len(measures), "measure")
    return f"progress on plan {subject} was reported on {data['reported_on']} by {data['by_npi']}: {told}"


def policy(data: Data, subject: str) -> str:
    """An organization's settings for a payer."""
    head = {"effective_from", "extends", "name"}
    settings = [
        f"{name} {value_words(value)}" for name, value in data.items() if name not in head and value is not None
    ]
    own = f"; it sets {listed(settings)}" if settings else ""
    return f"policy of payer {subject} from {data['effective_from']} on, over profile {data['extends']}{own}"
