"""A claim's way to the payer and back, as tables: what was sent, what came back, what was paid by line."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from suite.commands.tables import Cell, left, right, row, status_text, table
from suite.commands.terminal import money, printable
from therapy_domain.payment.variance import ORDINARY

FREQUENCIES = {"1": "original", "7": "replacement", "8": "void claim"}


def show_money(console: Console, body: Mapping[str, Any]) -> None:
    """What the payer should do with each line, and what it did; nothing where neither is known.

    Args:    body: the claim. A claim of the past says nothing of what it should have brought.
    """
    told = body.get("expected") or {"lines": (), "variance": None}
    expected = {line["line"]: line for line in told["lines"]}
    if body["money"] is not None:
        console.print()
        amounts = [
            right(name) for name in ("CHARGE", "ALLOWED", *(["EXPECTED"] if expected else []), "PAID", "PATIENT")
        ]
        shown = table(right("LINE"), left("CODE"), *amounts, left("TAKEN OFF"))
        for line in body["money"]["lines"]:
            row(shown, *_money_cells(line, expected))
        console.print(shown)
        if told["variance"] is not None:
            console.print(printable(told["variance"]))
    elif body.get("expected_cents") is not None:
        patient = money(told["patient_cents"])
        console.print(f"Expected {money(body['expected_cents'])} of the payer, {patient} of the patient")


def _money_cells(line: Mapping[str, Any], expected: Mapping[int | None, Mapping[str, Any]]) -> Sequence[Cell]:
    number = "-" if line["line"] is None else str(line["line"])
    paid = expected.get(line["line"], {}).get("paid_cents")
    before, after = (line["charge_cents"], line["allowed_cents"]), (line["paid_cents"], line["patient_cents"])
    amounts = [money(cents) for cents in (*before, *([paid] if expected else []), *after)]
    return number, line["code"] or "", *amounts, ", ".join(map(_reason, line["adjustments"]))


def _reason(each: Mapping[str, Any]) -> str:
    told = each["rarcs"] if each["carc"] not in ORDINARY else ()  # they say why something was denied
    remarks = f" ({' '.join(told)})" if told else ""
    return f"{each['group']}-{each['carc']}{remarks} {money(each['amount_cents'])}"


def show_submissions(console: Console, body: Mapping[str, Any]) -> None:
    """Every time the claim was sent, and what its receivers said before any money came."""
    if not body["submissions"]:
        return
    console.print()
    shown = table(left("SENT"), right("FILE"), left("AS"), right("CHARGE"), left("CAME TO"), left("SAID"))
    for sent in body["submissions"]:
        kind = FREQUENCIES[sent["frequency"]]
        said = Text("\n").join(Text(printable(words)) for words in _said(sent))
        charge = money(sent["charge_cents"])
        row(shown, sent["exported_on"], str(sent["file"]), kind, charge, status_text(sent["status"]), said)
    console.print(shown)
    if body["payer_claim_number"]:
        console.print(printable(f"the payer's claim number: {body['payer_claim_number']}"), style="dim")


def _said(sent: Mapping[str, Any]) -> Iterator[str]:
    for answer in sent["acknowledgments"]:
        codes = " ".join(":".join(filter(None, (c["category"], c["code"], c["entity"]))) for c in answer["codes"])
        yield " ".join(filter(None, (answer["at"][:10], answer["kind"], answer["verdict"], codes)))
