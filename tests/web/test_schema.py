"""Schemathesis against the description of the API: whatever it sends, the answers are those described."""

from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.config import SchemathesisConfig

from opqibi_rules.web.app import create_app
from opqibi_rules.web.settings import Settings

# A question may be well formed and have no answer (a tariff that nobody gave): 422 is then the right status.
CONFIG = SchemathesisConfig.from_path(Path(__file__).with_name("schemathesis.toml"))
APP = create_app(Settings(hosts=("*",), workers=2))
schema = schemathesis.openapi.from_asgi("/openapi.json", APP, config=CONFIG)


@schema.parametrize()
@settings(
    max_examples=12,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
    deadline=None,
    derandomize=True,
)
def test_the_answers_are_those_described(case: "schemathesis.Case[Any]") -> None:
    case.call_and_validate(headers={"Host": "localhost"})
