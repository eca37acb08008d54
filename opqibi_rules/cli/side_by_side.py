"""Plans put side by side: what « plan --compare » and « compare » both let out."""

from collections.abc import Sequence
from pathlib import Path

from opqibi_rules.cli.options import DONE, UNDETERMINED, Result
from opqibi_rules.messages import Message
from opqibi_rules.price.comparison import Choice, Comparison
from opqibi_rules.price.plan import Plan


def put_plans(names: Sequence[str], plans: Sequence[Plan], result: Result) -> int:
    """Let out the plans of several structures, each under its name, else that of its file."""
    choices = []
    for name, plan in zip(names, plans, strict=True):
        structure = plan.question.structure
        known = structure.name if structure is not None else None
        choices.append(Choice(Message("{name}", name=known or Path(name).name), plan))
    return put_comparison(Comparison(tuple(choices)), result)


def put_comparison(comparison: Comparison, result: Result) -> int:
    """Let out a comparison."""
    from opqibi_rules.price.papers.comparison_document import comparison_document

    result.put_document(
        lambda: comparison_document(comparison), lambda machine: comparison.to_dict(machine.say)
    )
    return UNDETERMINED if any(choice.plan.undetermined for choice in comparison.choices) else DONE
