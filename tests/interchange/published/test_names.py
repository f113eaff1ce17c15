"""The names that CMS gives its files tell the table, the setting and the dates of service."""

from datetime import date

import pytest

from interchange.published import About, about


@pytest.mark.parametrize(
    ("name", "kind", "setting", "effective", "through"),
    [
        ("ccipra-v301r0-f1.xlsx", "pair-edits", "practitioner", date(2024, 4, 1), date(2024, 6, 30)),
        ("ccipra-v302r0-f4.TXT", "pair-edits", "practitioner", date(2024, 7, 1), date(2024, 9, 30)),
        ("ccioph-v313r1-f2.txt", "pair-edits", "hospital", date(2025, 10, 1), date(2025, 12, 31)),
        (
            "medicare-ncci-2026q1-practitioner-ptp-edits-ccipra-v320r0-f1.zip",
            "pair-edits",
            "practitioner",
            date(2026, 1, 1),
            date(2026, 3, 31),
        ),
        (
            "MCR_MUE_PractitionerServices_Eff_04-01-2026.csv",
            "unit-limits",
            "practitioner",
            date(2026, 4, 1),
            date(2026, 6, 30),
        ),
        (
            "MCR_MUE_DMESupplierServices_Eff_10-01-2025.csv",
            "unit-limits",
            "supplier",
            date(2025, 10, 1),
            date(2025, 12, 31),
        ),
        ("PFALL26A.txt", "fees", None, date(2026, 1, 1), date(2026, 12, 31)),
        ("PFREV26C.TXT", "fees", None, date(2026, 7, 1), date(2026, 12, 31)),
        ("PFALL24.csv", "fees", None, date(2024, 1, 1), date(2024, 12, 31)),
        ("PPRRVU2026_Jul_nonQPP.csv", "relative-values", None, date(2026, 7, 1), date(2026, 12, 31)),
        ("PPRRVU24_JAN.xlsx", "relative-values", None, date(2024, 1, 1), date(2024, 12, 31)),
        ("GPCI2026.csv", "locality-indices", None, date(2026, 1, 1), date(2026, 12, 31)),
        ("icd10cm_order_2026.txt", "diagnoses", None, date(2025, 10, 1), date(2026, 9, 30)),
        ("icd10cm_codes_2024.txt", "diagnoses", None, date(2023, 10, 1), date(2024, 9, 30)),
    ],
)
def test_a_name_tells(name: str, kind: str, setting: str | None, effective: date, through: date) -> None:
    told = about(name)
    assert isinstance(told, About)
    assert (told.kind, told.setting, told.effective, told.through) == (kind, setting, effective, through)


@pytest.mark.parametrize(
    "name", ["", "edits.csv", "ccipra-v305r0-f1.txt", "MUE_Practitioner_Eff_13-40-2026.csv", "PFALL.txt"]
)
def test_other_names_tell_nothing(name: str) -> None:
    assert about(name) is None


def test_the_version_is_as_the_name_writes_it() -> None:
    told = about("ccipra-v322r0-f1.TXT")
    assert told is not None
    assert told.version == "v32.2r0"
