"""OpenFisca-core: marginal scale, dated parameters, vectors; its own numbers (float32)."""

from typing import Any

import numpy as np
from openfisca_core.entities import build_entity
from openfisca_core.parameters import ParameterNode
from openfisca_core.periods import DateUnit
from openfisca_core.simulation_builder import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable
from work import ASKED, HELD, TRANCHES, Case, as_columns

ALONE_TOO = True
DAY, ON = "2024-02-08", "2026-03-02"
STRUCTURE = build_entity("structure", "structures", "A firm", is_person=True)


def _value(amount: float) -> dict[str, Any]:
    return {"values": {DAY: {"value": amount}}}


PARAMETERS = ParameterNode(
    data={
        "usage": {
            "scale": {
                "brackets": [
                    {"threshold": {DAY: {"value": lower}}, "rate": {DAY: {"value": rate / 100_000}}}
                    for lower, _, rate in TRANCHES
                ]
            },
            "floor": _value(180),
            "cap": _value(40_000),
        },
        "asked": {f"t{n}": _value(price) for n, price in enumerate(ASKED, 1)} | {"flat": _value(500)},
        "held": {f"t{n}": _value(price) for n, price in enumerate(HELD, 1)} | {"flat": _value(125)},
    }
)


def _variable(name: str, kind: type, formula: Any = None) -> type[Variable]:
    body = {"value_type": kind, "entity": STRUCTURE, "definition_period": DateUnit.DAY, "label": name}
    return type(name, (Variable,), body | ({"formula": formula} if formula else {}))


def _usage(structure: Any, period: Any, parameters: Any) -> Any:
    rules = parameters(period).usage
    exact = rules.scale.calc(structure("turnover", period))
    return np.clip(np.round(exact, 2), rules.floor, rules.cap)


def _priced(node: str) -> Any:
    def formula(structure: Any, period: Any, parameters: Any) -> Any:
        prices = parameters(period)[node]
        return prices.flat + sum(structure(f"t{n}", period) * prices[f"t{n}"] for n in range(1, 8))

    return formula


SYSTEM = TaxBenefitSystem([STRUCTURE])
SYSTEM.parameters = PARAMETERS
for made in (
    _variable("turnover", float),
    *(_variable(f"t{n}", int) for n in range(1, 8)),
    _variable("instruction", float, _priced("asked")),
    _variable("brand_usage", float, _usage),
    _variable("annual_control", float, _priced("held")),
):
    SYSTEM.add_variable(made)


def prepare(columns: dict[str, Any]) -> dict[str, Any]:
    return {**columns, "turnover": columns["turnover"] / 100}


def batch(columns: dict[str, Any]) -> tuple[Any, ...]:
    simulation = SimulationBuilder().build_default_simulation(SYSTEM, count=len(columns["turnover"]))
    for name, values in columns.items():
        simulation.set_input(name, ON, values)
    told = (simulation.calculate(name, ON) for name in ("instruction", "brand_usage", "annual_control"))
    # To cents for the comparison: the nearest, so that a float is blamed for a wrong cent only.
    return tuple(np.rint(values.astype("float64") * 100).astype("int64") for values in told)


def single(case: Case) -> tuple[int, ...]:
    return tuple(int(part[0]) for part in batch(prepare(as_columns([case]))))
