"""`/healthz` and `/readyz`: is the process alive, and can it do its work."""

import shutil
from collections.abc import Mapping

from fastapi import APIRouter
from starlette.responses import Response

from suite.http import shapes
from suite.http.house import House, Json, TheHouse
from suite.http.problems import NOT_READY, Fault, Problem
from suite.http.reference import problems
from suite.http.troubles import as_problem

LEAST_FREE = 64 * 1024 * 1024
"""With less room than this on the store's disk, the suite is not ready [bytes]."""
FINE = "ok"

router = APIRouter(tags=["health"])


@router.get("/healthz", summary="Is the process alive?", response_model=shapes.Alive, responses=problems(422))
async def alive() -> Response:
    """Answers as long as the process does; asks nothing of the store."""
    return Json({"status": "alive"})


@router.get("/readyz", summary="Can it work?", response_model=shapes.Ready, responses=problems(422, 503))
def ready(house: TheHouse) -> Response:
    """Whether the store can be read and written, the services go on, and there is room on the disk."""
    more = {name: check() for name, check in house.checks.items()}
    return readiness({"store": _store(house), "services": _services(house), "disk": _disk(house), **more})


def readiness(checks: Mapping[str, str]) -> Response:
    """The answer of `/readyz`: a problem that names every check which does not say `ok`."""
    faults = [Fault(f"checks.{name}", said, FINE) for name, said in checks.items() if said != FINE]
    if faults:
        raise Problem(
            NOT_READY,
            "; ".join(f"{fault.path.removeprefix('checks.')}: {fault.value}" for fault in faults),
            errors=faults,
            headers={"Retry-After": "5"},
            members={"checks": dict(checks)},
        )
    return Json({"status": "ready", "checks": checks})


def _store(house: House) -> str:
    try:
        house.installation.log.head()
    except Exception as error:  # noqa: BLE001 -- whatever it is, the store cannot be read
        return f"cannot be read: {as_problem(error).kind.slug}"
    return "could not be written just now" if house.lately_failed else FINE


def _services(house: House) -> str:
    fault = house.installation.dispatcher.fault
    return f"held up by {fault}" if fault else FINE


def _disk(house: House) -> str:
    try:
        free = shutil.disk_usage(house.installation.data).free
    except OSError as error:
        return f"cannot be seen: {type(error).__name__}"
    return FINE if free >= LEAST_FREE else f"only {free} bytes are free, {LEAST_FREE} are wanted"
