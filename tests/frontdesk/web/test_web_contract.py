"""The web chat against its own OpenAPI document: every answer is one that the document describes, and none is a 500."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, settings

from bot.frontdesk.channels import web
from bot.frontdesk.channels.openapi import OPENAPI
from bot.frontdesk.limits import Limiter
from tests.frontdesk.web.conftest import FrontDesk, running

schema = schemathesis.openapi.from_dict(OPENAPI)


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FrontDesk]:
    """A front desk that lets everything through to the code behind, and waits for no news: floods and long polls are
    tested elsewhere."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Limiter, "allows", lambda _self, _key: True)
        patch.setattr(web, "MAX_WAIT", 0.2)
        with running(tmp_path_factory.mktemp("var")) as desk:
            yield desk


@pytest.fixture(scope="module")
def token(patient: FrontDesk) -> str:
    return patient.customer().token


@schema.parametrize()
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_answer_is_as_the_document_says(case: schemathesis.Case, patient: FrontDesk, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    answer = case.call(base_url=patient.url, headers=headers, timeout=30)
    case.validate_response(
        answer,
        checks=[
            schemathesis.checks.not_a_server_error,
            schemathesis.specs.openapi.checks.status_code_conformance,
            schemathesis.specs.openapi.checks.content_type_conformance,
            schemathesis.specs.openapi.checks.response_schema_conformance,
        ],
    )
