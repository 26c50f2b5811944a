from __future__ import annotations

from dataclasses import replace

import pytest

from parley.mail.mime import parse_email
from parley.mail.threads import (
    generate_thread_id,
    message_ids,
    normalize_subject_for_thread,
    reference_ids,
    thread_identity,
)

EMAIL = parse_email(b"From: Ada <ada@example.com>\r\nSubject: Q4 Offer\r\n\r\nhi")


@pytest.mark.parametrize(
    "subject",
    [
        "Q4 Offer",
        "Re: Q4 Offer",
        "RE:Q4 offer",
        "  re :  Q4\t Offer  ",
        "Fwd: Re: Q4 Offer",
        "FW: Q4 Offer (fwd)",
        "AW: WG: Q4 Offer",
        "Antwort: Q4 Offer",
        "SV: VS: VB: Q4 Offer",
        "TR : Q4 Offer",
        "Réf. : Q4 Offer",
        "RV: RES: ENC: Q4 Offer",
        "Odp: PD: Q4 Offer",
        "R: I: Rif: Q4 Offer",
        "Antw.: Doorst: Betr: Q4 Offer",
        "YNT: İLT: Q4 Offer",
        "回复：Q4 Offer",
        "转发: 答复: Q4 Offer",
        "Ответ: На: Q4 Offer",
        "إعادة توجيه: رد: Q4 Offer",
        "Trả lời: Q4 Offer",
        "Re[2]: Q4 Offer",
        "Re(3): RE^4: Q4 Offer",
        "[sales-list] Q4 Offer",
        "Re: [sales-list] Re: Q4 Offer",
        "[EXTERNAL] AW: Q4 Offer",
    ],
)
def test_variants_of_one_subject_are_one(subject: str) -> None:
    assert normalize_subject_for_thread(subject) == "q4 offer"


@pytest.mark.parametrize(
    ("subject", "kept"),
    [
        ("", ""),
        ("Re:", ""),
        ("[JIRA-123] Broken", "[jira-123] broken"),
        ("[sales]", "[sales]"),
        ("Regarding: lunch", "regarding: lunch"),
        ("Reply all is off", "reply all is off"),
        ("Fwiw: note", "fwiw: note"),
        ("12:30 call", "12:30 call"),
    ],
)
def test_what_is_no_mark_stays(subject: str, kept: str) -> None:
    assert normalize_subject_for_thread(subject) == kept


def test_a_thread_id_ignores_direction_case_and_marks() -> None:
    one = generate_thread_id("Q4 Offer", "rep@brand.com", "creator@repflow.app")
    assert generate_thread_id("RE: q4  offer", "Creator <CREATOR@repflow.app>", "Rep@Brand.com") == one
    assert generate_thread_id("Q3 Offer", "rep@brand.com", "creator@repflow.app") != one
    assert generate_thread_id("Q4 Offer", "other@brand.com", "creator@repflow.app") != one
    assert len(one) == 32


def test_fields_cannot_run_into_one_another() -> None:
    assert generate_thread_id("ab", "c", "d") != generate_thread_id("a", "bc", "d")


@pytest.mark.parametrize(
    ("header", "ids"),
    [
        ("<a@b>", ("<a@b>",)),
        ("<a@b> <c@d>\t<a@b>", ("<a@b>", "<c@d>")),
        ("<[..]>", ("<[..]>",)),
        ("<a @b>", ("<a@b>",)),
        ("a@b", ("<a@b>",)),
        ("Your message of Monday <a@b> (was: x@y)", ("<a@b>",)),
        ("<open <a@b>", ("<a@b>",)),
        ("<", ()),
        ("<>", ()),
        ("", ()),
        ("<" + "x" * 1_000 + ">", ()),
    ],
)
def test_ids_are_read_leniently(header: str, ids: tuple[str, ...]) -> None:
    assert message_ids(header) == ids


def test_a_long_chain_keeps_its_root_and_its_newest() -> None:
    ids = message_ids(" ".join(f"<{n}@x>" for n in range(1_000)))
    assert (ids[0], ids[-1], len(ids)) == ("<0@x>", "<999@x>", 200)


def test_without_a_chain_subject_people_and_mailbox_name_the_thread() -> None:
    ours = thread_identity(EMAIL, "meetings@parley.local")
    assert thread_identity(replace(EMAIL, subject="Re: q4 offer"), "Meetings@Parley.local") == ours
    assert thread_identity(EMAIL, "deals@parley.local") != ours
    assert thread_identity(replace(EMAIL, subject="Q3"), "meetings@parley.local") != ours


def test_a_chain_names_the_thread_whatever_the_subject() -> None:
    first = replace(EMAIL, references=("<root@x>", "<two@x>"), in_reply_to=("<two@x>",))
    later = replace(EMAIL, subject="Now about lunch", references=("<root@x>", "<two@x>", "<three@x>"))
    answer = replace(EMAIL, in_reply_to=("<root@x>",))
    ours = thread_identity(first, "meetings@parley.local")
    assert (
        thread_identity(later, "meetings@parley.local")
        == ours
        == thread_identity(answer, "meetings@parley.local")
    )
    assert ours != thread_identity(EMAIL, "meetings@parley.local")
    assert thread_identity(first, "deals@parley.local") != ours


def test_ids_are_looked_up_newest_first() -> None:
    email = replace(EMAIL, references=("<root@x>", "<two@x>"), in_reply_to=("<three@x>", "<two@x>"))
    assert reference_ids(email) == ("<three@x>", "<two@x>", "<root@x>")
