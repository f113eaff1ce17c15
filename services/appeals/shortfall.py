"""What an appeal still lacks, as far as it can be told without its record: pure."""

from appeals.state import Status
from therapy_domain.events.appeal import AppealOpened
from therapy_domain.events.appeal_work import AppealFiled


def missing(opened: AppealOpened, status: Status, filed: AppealFiled | None) -> list[str]:
    """What is missing, in a few words each; nothing for what nobody works on any more."""
    if status == "filed":
        return ["proof of receipt"] if filed is not None and filed.proof is None else []
    if status not in ("open", "lapsed"):
        return []
    found = [_amount(opened)] if opened.required else []
    if opened.new_evidence == "last":
        found.append("all evidence that is to count (405.966)")
    if status == "lapsed":
        found.append("good cause for filing late")
    return [each for each in found if each]


def _amount(opened: AppealOpened) -> str:
    """The shortfall of the amount in controversy, in the year of the last day to file."""
    last = opened.required[-1]
    if last.amount_cents is None:
        return f"amount in controversy for {last.year} is not published"
    short = last.amount_cents - (opened.controversy_cents or 0)
    return f"{dollars(short)} of the amount in controversy for {last.year}" if short > 0 else ""


def dollars(cents: int) -> str:
    """An amount of money.

    >>> dollars(123456)
    '$1,234.56'
    """
    return f"${cents // 100:,}.{cents % 100:02}"
