"""``opqibi-fees fetch-certificate``: read a certificate live, for the administrations that may."""

from typing import Annotated

from opqibi_rules.certificate.refusal import Refusal
from opqibi_rules.certificate.siren import bind
from opqibi_rules.cli.caller import caller
from opqibi_rules.cli.options import argument, facts, option, takes
from opqibi_rules.cli.result import DONE, NOT_IN_ORDER, UNDETERMINED, Result, note, saved_as
from opqibi_rules.errors import FetchError
from opqibi_rules.messages import Message, marked
from opqibi_rules.tables.library import Tables

EXAMPLES = (
    "opqibi-fees fetch-certificate 434717997 --recipient 13002526500013 \\",
    '    --context "Marchés publics" --object "Marché 2026-042" -o answer.json',
    "opqibi-fees check-certificate answer.json --requires 1905",
)

TokenFile = Annotated[
    str | None,
    option("--token-file FILE", marked("A file that holds the token (default: API_ENTREPRISE_TOKEN).")),
]
Staging = Annotated[bool, option("--staging", marked("Call the staging server: made-up data."))]


@takes(facts, saved_as("json"))
def command(
    tables: Tables,
    result: Result,
    siren: Annotated[str, argument("SIREN", marked("The firm asked about."))],
    recipient: Annotated[
        str, option("--recipient SIRET", marked("The administration that will use the data."))
    ],
    context: Annotated[str, option("--context TEXT", marked("Why: public contracts, grants…"))],
    purpose: Annotated[str, option("--object TEXT", marked("The procedure, in under 50 characters."))],
    token_file: TokenFile = None,
    staging: Staging = False,
) -> int:
    """Fetch one answer, and save it whole or not at all."""
    say = result.language.say
    firm = bind(siren, None)
    for oddity in (*firm.warnings, *firm.doubts):
        note(say(oddity.message))
    api = caller(
        tables,
        say,
        recipient=recipient,
        context=context,
        purpose=purpose,
        token_file=token_file,
        staging=staging,
    )
    try:
        fetched = api.fetch(siren)
    except FetchError as error:
        note(say(error.message))
        return UNDETERMINED
    result.put({"json": lambda: fetched.saved})
    if isinstance(fetched.answer.content, Refusal):
        note(say(Message("No certificate is known for this firm today (404, 11003).")))
        return NOT_IN_ORDER
    return DONE
