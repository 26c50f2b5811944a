"""`parley erase`: a person or a mail, and the certificate of it."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

from local.operating import CommandContext, operate, printed, say
from parley.errors import BackendRefused, RequestError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO

Json = dict[str, Any]

MOST_REQUESTS = 50
"""What one request cannot do in its time, the next goes on with."""


def ask(question: str) -> str:
    """A person's answer. Raises RequestError where nobody is there to give one."""
    if not sys.stdin.isatty():
        raise RequestError("nobody is there to confirm it: add --yes")
    print(question, end=" ", file=sys.stderr, flush=True)
    return sys.stdin.readline()


def erase(
    tenant: str,
    *,
    person: str | None,
    email: str | None,
    yes: bool,
    as_json: bool,
    answer: Callable[[str], str] = ask,
) -> int:
    """Erase, and print the certificate; exit code 0, or 1 where something is left for later."""
    what = f"everything of {person}" if person else f"all that came of the mail {email}"
    question = f"Erase {what} in tenant {tenant}? It cannot be undone. [y/N]"
    if not yes and answer(question).strip().lower() not in {"y", "yes"}:
        raise RequestError("nothing was erased")
    subject = {"address": person} if person else {"run_id": email}

    async def work(context: CommandContext) -> int:
        certificates = await _until_complete(context, tenant, subject)
        if as_json:
            for certificate in certificates:
                printed(context.out, certificate)
        else:
            _show(context.out, certificates)
        if certificates[-1]["complete"]:
            return 0
        say("something is left: repeat the command in a few minutes")
        return 1

    return operate(work)


async def _until_complete(context: CommandContext, tenant: str, subject: Json) -> list[Json]:
    """The certificates of all requests that it took; it stops where one more would find the same."""
    made: list[Json] = []
    while len(made) < MOST_REQUESTS:
        try:
            made.append(await context.operations.api.erase(tenant, subject))
        except BackendRefused as error:
            raise RequestError(f"it was not erased: {error}") from error
        if made[-1]["complete"] or not any(made[-1]["removed"].values()):
            break
    return made


def _show(out: TextIO, certificates: list[Json]) -> None:
    last, removed = certificates[-1], Counter[str]()
    for certificate in certificates:
        removed.update(certificate["removed"])
    ids = ", ".join(certificate["id"] for certificate in certificates)
    print(f"Certificate {ids} of tenant {last['tenant']}", file=out)
    print(f"  subject  {last['subject']}", file=out)
    print(f"  done     {last['completed_at'] or 'not yet'}", file=out)
    counts = [(name.replace("_", " "), str(count)) for name, count in sorted(removed.items()) if count]
    lines = [("removed", name, count) for name, count in counts or [("nothing", "there was nothing")]]
    lines += [("kept", note["what"], note["why"]) for note in last["kept"]]
    lines += [("backup", note["what"], note["until"] or "not ours to say") for note in last["backups"]]
    lines += [("left", note["what"], note["why"]) for note in last["left"]]
    for sort, name, value in lines:
        print(f"  {sort:<8} {name}: {value}", file=out)
