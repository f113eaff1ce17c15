"""What went out to payers and came back, told in a few lines."""

from typing import TYPE_CHECKING

from rich.console import Console

from suite.commands.tables import left, right, row, table
from suite.commands.terminal import money

if TYPE_CHECKING:
    from billing.answers import Kind
    from suite.payer_circle import Circle


def show_circle(console: Console, circle: "Circle") -> None:
    """Each file's claims, and what the answers came to."""
    shown = table(right("FILE"), left("TO"), right("CLAIMS"), right("CHARGED"))
    for file in circle.exported.files:
        row(shown, str(file.number), file.payer_id, f"{len(file.claims):,}", money(file.charge_cents))
    console.print(shown)
    if circle.exported.kept_back:
        console.print(f"{len(circle.exported.kept_back):,} more stay back: the record lacks what their payers need")
    paid = [payment for each in circle.of("835") for payment in each.payments]
    console.print(
        f"{len(circle.of('999')):,} files acknowledged (999), {_answers(circle, '277CA'):,} claims acknowledged "
        f"(277CA), {_answers(circle, '835'):,} answers with "
        f"{money(sum(payment.paid_cents for payment in paid))} in {len(paid):,} payments (835)"
    )


def _answers(circle: "Circle", kind: "Kind") -> int:
    return sum(each.answers for each in circle.of(kind))
