"""Whatever is sent to whichever route, the service answers as its own documentation says, and never with
a fault of its own."""

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)

from passeport.serve.app import create_app
from passeport.serve.settings import Service

CHECKS = [
    schemathesis.checks.not_a_server_error,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@pytest.fixture
def documented(furnished):
    app = create_app(Service(home=furnished.home, passphrase=furnished.secret, requests_per_minute=1_000_000))
    return schemathesis.openapi.from_asgi("/openapi.json", app)


def test_every_route_answers_as_it_says(documented, subtests, full):
    for found in documented.get_all_operations():
        operation = found.ok()

        @settings(max_examples=200 if full else 15, deadline=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy(), known=st.booleans())
        def answers(case, known):
            if known and "organisation" in (case.path_parameters or {}):
                case.path_parameters["organisation"] = "centre"
            case.call_and_validate(base_url="http://127.0.0.1:8000", checks=CHECKS)

        with subtests.test(msg=operation.label):
            answers()
