"""Claim payments made into the payment of an 835: the money, less or more what lies between payer and provider."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from interchange.professional import BillingProvider, OrganizationName
from interchange.remittance.model import Party, Payment, ProviderAdjustment
from interchange.x12.characters import folded

_FORWARDED = "FB"


def payee(billing: BillingProvider) -> Party:
    """The billing provider as an 835 names it."""
    name = billing.name
    text = name.name if isinstance(name, OrganizationName) else f"{name.family} {name.given or ''}"
    address = billing.pay_to or billing.address
    return Party(
        name=folded(text),
        qualifier="XX",
        identifier=billing.npi,
        more=(("TJ", billing.tax_id.replace("-", "")),),
        line1=folded(address.line1),
        line2=folded(address.line2 or ""),
        city=folded(address.city),
        state=address.state,
        zip=address.zip.replace("-", ""),
    )


def settle(terms: Payment, claims_cents: int, adjustments: Sequence[ProviderAdjustment] = ()) -> Payment:
    """The payment of claims that are paid so much together.

    What the provider would owe is carried over to the next payment (FB), since a payment is never below zero.

    Args:    terms: everything but the amount, the method where nothing is paid, and the adjustments.
    """
    amount = claims_cents - sum(adjustment.cents for adjustment in adjustments)
    told = tuple(adjustments)
    if amount < 0:
        told += (_carried_over(terms, amount),)
        amount = 0
    return replace(terms, paid_cents=amount, method=terms.method if amount else "NON", provider_adjustments=told)


def _carried_over(terms: Payment, amount: int) -> ProviderAdjustment:
    period = date(terms.paid_on.year, 12, 31)
    return ProviderAdjustment(terms.payee.identifier, period, _FORWARDED, terms.trace_number, amount)
