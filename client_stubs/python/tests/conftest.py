"""Beside a sidecar: tests/conformance/with_sidecar.py --postgres -- make test."""

import contextlib
import pathlib
import sys
import uuid

import pytest
import pytest_asyncio

import outrigger
import outrigger.aio

CONFORMANCE = pathlib.Path(__file__).resolve().parents[3] / "tests" / "conformance"
sys.path.insert(0, str(CONFORMANCE))

import sidecar as sidecars  # noqa: E402

# Longer than anything takes: what is tested here is not how quick this machine is.
PATIENT = 20.0


@pytest.fixture
def client():
    with outrigger.Client(timeout=PATIENT) as made:
        yield made


@pytest_asyncio.fixture
async def aio_client():
    async with outrigger.aio.Client(timeout=PATIENT) as made:
        yield made


@pytest.fixture
def fresh():
    """A name that no other test has."""
    return uuid.uuid4().hex


@pytest.fixture
def own_sidecar():
    """One that a test may stop and kill."""
    import os

    with contextlib.closing(sidecars.Sidecar(os.environ["OUTRIGGER_PROGRAM"])) as started:
        yield started


@pytest.fixture
def wait_for():
    return sidecars.wait_for
