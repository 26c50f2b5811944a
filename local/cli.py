"""The `parley` command: reads the arguments, calls one command, answers with an exit code.

0  done            1  a function raised (invoke), the stack broke, a run failed again
                      (replay), something is wrong (doctor)
2  the call was wrong: an option, a file, a setting, a port; one sentence on stderr
130  Ctrl-C
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from local.admin_arguments import add_admin
from local.arguments import Parser, command, count
from parley.errors import ConfigError, ParleyError, RequestError, TranscriptError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from local.arguments import Commands

MODEL_HELP = """\
A model instead of the rules: set LLM_PROVIDER=openai and LLM_MODEL (and, where
they differ from OpenAI's, LLM_BASE_URL and OPENAI_API_KEY)."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; never raises but for SystemExit of --help."""
    try:
        arguments = _parser().parse_args(argv)
        return int(arguments.run(arguments))
    except (RequestError, ConfigError, TranscriptError) as error:
        return _said(error, 2)
    except ParleyError as error:
        return _said(error, 1)
    except BrokenPipeError:
        # Whoever read our output has gone (| head): nothing more to say, also not at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print(file=sys.stderr)
        sys.stdout.flush()
        # A handler may still be at work in its thread, which nobody can stop otherwise.
        os._exit(130)


def _said(error: ParleyError, code: int) -> int:
    print(f"parley: {' '.join(str(error).split())}", file=sys.stderr)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="parley", description="Reads the meeting mail a team already has and answers in the thread."
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    _add_process(commands)
    _add_analyze(commands)
    _add_dev(commands)
    _add_invoke(commands)
    add_admin(commands)
    _add_outbox(commands)
    _add_dead_letters(commands)
    _add_quarantine(commands)
    _add_replay(commands)
    _add_doctor(commands)
    _add_erase(commands)
    return parser


def _add_process(commands: Commands) -> None:
    parser = command(commands, "process", "put emails through the whole embedded pipeline", MODEL_HELP)
    parser.add_argument("files", nargs="+", metavar="FILE.eml", help="an email as it was sent (.eml)")
    parser.add_argument("--to", metavar="MAILBOX", help="deliver to this address, whatever To and Cc say")
    parser.add_argument(
        "--json", action="store_true", help="one JSON object a line, one for each file and mailbox"
    )

    def run(arguments: argparse.Namespace) -> int:
        from local.commands.process import process

        return process(arguments.files, to=arguments.to, as_json=arguments.json)

    parser.set_defaults(run=run)


def _add_analyze(commands: Commands) -> None:
    parser = command(commands, "analyze", "turn a transcript file into insights, without mail", MODEL_HELP)
    parser.add_argument("file", metavar="FILE", help="a transcript: .vtt .srt .txt and others")
    parser.add_argument("--format", metavar="NAME", help="read it as this format, whatever it looks like")
    parser.add_argument(
        "--date", metavar="YYYY-MM-DD", help='the meeting\'s day, from which "by Friday" counts'
    )
    parser.add_argument("--json", action="store_true", help="one JSON object")

    def run(arguments: argparse.Namespace) -> int:
        from local.commands.analyze import analyze

        return analyze(
            arguments.file, format_name=arguments.format, day=arguments.date, as_json=arguments.json
        )

    parser.set_defaults(run=run)


def _add_dev(commands: Commands) -> None:
    parser = command(commands, "dev", "run the whole stack until Ctrl-C", MODEL_HELP)
    for name, what in (("api", "the HTTP API"), ("aws", "the AWS services"), ("smtp", "SMTP")):
        parser.add_argument(f"--{name}-port", type=int, metavar="N", help=f"port of {what} (any free one)")
    parser.add_argument("--json", action="store_true", help="say where everything is as one JSON line")

    def run(arguments: argparse.Namespace) -> int:
        from local.commands.dev import dev

        return dev(
            api_port=arguments.api_port,
            aws_port=arguments.aws_port,
            smtp_port=arguments.smtp_port,
            as_json=arguments.json,
        )

    parser.set_defaults(run=run)


def _add_invoke(commands: Commands) -> None:
    more = """\
Function, handler, variables and timeout are those of template.yaml. With
AWS_ENDPOINT_URL set (`parley dev --json` prints what to set) the event meets
that stack, else one that is thrown away afterwards. Both hold the emails that
the samples in events/ speak of."""
    parser = command(commands, "invoke", "call one Lambda function with one event", more)
    parser.add_argument("function", metavar="FUNCTION", help="its name in template.yaml, or its folder")
    parser.add_argument("event", metavar="EVENT.json", help="the event; - reads standard input")

    def run(arguments: argparse.Namespace) -> int:
        from local.commands.invoke import invoke

        return invoke(arguments.function, arguments.event)

    parser.set_defaults(run=run)


OPERATING = """\
Uses the environment of a deployment, or of `parley dev --json` (its `env`), and
starts no stack."""


def _add_listing(parser: Parser) -> None:
    parser.add_argument("--limit", type=count, default=50, metavar="N", help="at most so many (50)")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def _add_outbox(commands: Commands) -> None:
    parser = command(commands, "outbox", "list replies that may or may not be out, or close one", OPERATING)
    parser.add_argument("--all", action="store_true", help="also drafts, and replies that failed")
    _add_listing(parser)

    def run(arguments: argparse.Namespace) -> int:
        from local.commands.outbox import outbox

        return outbox(everything=arguments.all, limit=arguments.limit, as_json=arguments.json)

    parser.set_defaults(run=run)
    _add_outbox_close(parser.add_subparsers(metavar="[close TAG]", parser_class=Parser))


def _add_outbox_close(commands: Commands) -> None:
    parser = command(commands, "close", "record that an uncertain reply went out, or did not", OPERATING)
    parser.add_argument("tag", metavar="TAG", help="the reply's, as `parley outbox` shows it")
    word = parser.add_mutually_exclusive_group(required=True)
    word.add_argument("--sent", action="store_true", help="it arrived")
    word.add_argument("--not-sent", action="store_true", help="it did not, and will not be sent again")
    parser.add_argument("--ses-id", metavar="ID", help="the id that SES gave it, so that answers thread")
    parser.add_argument("--json", action="store_true", help="one JSON object")

    def run(arguments: argparse.Namespace) -> int:
        from local.commands.outbox import close

        return close(arguments.tag, sent=arguments.sent, ses_id=arguments.ses_id, as_json=arguments.json)

    parser.set_defaults(run=run)


def _add_dead_letters(commands: Commands) -> None:
    more = f"{OPERATING}\nEMAILS_QUEUE_URL names the emails queue, behind which the dead letters lie."
    parser = command(commands, "dead-letters", "list the emails that failed for good, or redrive them", more)
    _add_listing(parser)

    def run(arguments: argparse.Namespace) -> int:
        from local.commands.dead_letters import dead_letters

        return dead_letters(limit=arguments.limit, as_json=arguments.json)

    parser.set_defaults(run=run)
    _add_redrive(parser.add_subparsers(metavar="[redrive ID|--all]", parser_class=Parser))


def _add_redrive(commands: Commands) -> None:
    parser = command(commands, "redrive", "put dead letters back into the emails queue", OPERATING)
    parser.add_argument("ident", nargs="?", metavar="ID", help="a letter's id, its delivery or its run")
    parser.add_argument("--all", action="store_true", help="every letter")
    parser.add_argument("--json", action="store_true", help="one JSON object")

    def run(arguments: argparse.Namespace) -> int:
        from local.commands.dead_letters import redrive

        return redrive(arguments.ident, everything=arguments.all, as_json=arguments.json)

    parser.set_defaults(run=run)


def _add_quarantine(commands: Commands) -> None:
    parser = command(commands, "quarantine", "list the emails that are kept for a person", OPERATING)
    _add_listing(parser)

    def run(arguments: argparse.Namespace) -> int:
        from local.commands.quarantine import quarantine

        return quarantine(limit=arguments.limit, as_json=arguments.json)

    parser.set_defaults(run=run)


def _add_replay(commands: Commands) -> None:
    parser = command(commands, "replay", "run an email again from its raw bytes", OPERATING)
    parser.add_argument("ident", metavar="ID", help="a run, or a delivery with all its runs")
    parser.add_argument(
        "--dry-run", action="store_true", help="show what would differ; write and send nothing"
    )
    parser.add_argument(
        "--past-gates",
        action="store_true",
        help="let pass what was taken for spam, or is not proven to be its sender's",
    )
    parser.add_argument(
        "--recorded", action="store_true", help="in a dry run keep the recorded answers of models"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line, one for each run")

    def run(arguments: argparse.Namespace) -> int:
        from local.commands.replay import Wish, replay

        wish = Wish(dry_run=arguments.dry_run, past_gates=arguments.past_gates, recorded=arguments.recorded)
        return replay(arguments.ident, wish=wish, as_json=arguments.json)

    parser.set_defaults(run=run)


def _add_doctor(commands: Commands) -> None:
    parser = command(commands, "doctor", "check the environment, one line each", OPERATING)
    parser.add_argument(
        "--mailbox", metavar="ADDRESS", help="look at this mailbox too: what machines sent to it"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line")

    def run(arguments: argparse.Namespace) -> int:
        from local.commands.doctor import doctor

        return doctor(as_json=arguments.json, mailbox=arguments.mailbox)

    parser.set_defaults(run=run)


def _add_erase(commands: Commands) -> None:
    more = """\
Uses the environment of inbound_email. What the API answers is the certificate:
what was removed, what is kept and why, what backups hold and until when."""
    parser = command(commands, "erase", "erase a person or a mail", more)
    subject = parser.add_mutually_exclusive_group(required=True)
    subject.add_argument("--person", metavar="ADDRESS", help="whoever has this address")
    subject.add_argument("--email", metavar="ID", help="a mail, by the id of its run or its delivery")
    parser.add_argument("--tenant", required=True, metavar="TENANT", help="whose data it is")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--json", action="store_true", help="one JSON object a line, one for each request")

    def run(arguments: argparse.Namespace) -> int:
        from local.commands.erase import erase

        return erase(
            arguments.tenant,
            person=arguments.person,
            email=arguments.email,
            yes=arguments.yes,
            as_json=arguments.json,
        )

    parser.set_defaults(run=run)


if __name__ == "__main__":
    sys.exit(main())
