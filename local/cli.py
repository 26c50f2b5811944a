"""The `parley` command: reads the arguments, calls one command, answers with an exit code.

0  done            1  a function raised (invoke), or the stack broke
2  the call was wrong: an option, a file, a setting, a port; one sentence on stderr
130  Ctrl-C
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING, NoReturn

from parley.errors import ConfigError, ParleyError, RequestError, TranscriptError

if TYPE_CHECKING:
    from collections.abc import Sequence

MODEL_HELP = """\
A model instead of the rules: set LLM_PROVIDER=openai and LLM_MODEL (and, where
they differ from OpenAI's, LLM_BASE_URL and OPENAI_API_KEY)."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One sentence, and where to read more."""
        raise RequestError(f"{message} (see {self.prog} --help)")


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
    parser = _Parser(
        prog="parley", description="Reads the meeting mail a team already has and answers in the thread."
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    _add_process(commands)
    _add_analyze(commands)
    _add_dev(commands)
    _add_invoke(commands)
    _add_admin(commands)
    return parser


if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[_Parser]  # noqa: SLF001  # argparse has no public name for it


def _command(commands: Commands, name: str, text: str, more: str = "") -> _Parser:
    return commands.add_parser(
        name,
        help=text,
        description=f"{text[0].upper()}{text[1:]}.",
        epilog=more,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def _add_process(commands: Commands) -> None:
    parser = _command(commands, "process", "put emails through the whole embedded pipeline", MODEL_HELP)
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
    parser = _command(commands, "analyze", "turn a transcript file into insights, without mail", MODEL_HELP)
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
    parser = _command(commands, "dev", "run the whole stack until Ctrl-C", MODEL_HELP)
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
    parser = _command(commands, "invoke", "call one Lambda function with one event", more)
    parser.add_argument("function", metavar="FUNCTION", help="its name in template.yaml, or its folder")
    parser.add_argument("event", metavar="EVENT.json", help="the event; - reads standard input")

    def run(arguments: argparse.Namespace) -> int:
        from local.commands.invoke import invoke

        return invoke(arguments.function, arguments.event)

    parser.set_defaults(run=run)


def _add_admin(commands: Commands) -> None:
    more = """\
Uses the environment: DATA_TABLE and the AWS SDK's own variables. API_AUTH_TOKEN,
when it is set, is made known as the pipeline's token; else one is made up."""
    parser = _command(commands, "admin", "set a deployment up", more)
    parser.add_argument("action", choices=["init"], help="make the first tokens of a tenant")
    parser.add_argument("tenant", metavar="TENANT", help="its short name: letters, digits and -")
    parser.add_argument("--json", action="store_true", help="one JSON object")

    def run(arguments: argparse.Namespace) -> int:
        from local.commands.admin import init

        return init(arguments.tenant, as_json=arguments.json)

    parser.set_defaults(run=run)


if __name__ == "__main__":
    sys.exit(main())
