"""The rules analyser as a whole: what it finds in talk, and what it leaves alone."""

from __future__ import annotations

from datetime import date

import pytest

from parley.analysis.rules import analyzer as rules
from parley.analysis.rules import phrasing
from parley.transcripts.transcript import Segment, Transcript

CONTEXT = rules.MeetingContext(date=date(2026, 11, 20))  # a Friday
ALL = (
    rules.action_items,
    rules.decisions,
    rules.key_topics,
    rules.follow_ups,
    rules.risks,
)


def talk(*rows):
    return Transcript(
        "test", tuple(Segment(i, text, who, i * 10.0, i * 10.0 + 9) for i, (who, text) in enumerate(rows))
    )


def actions(*rows, context=CONTEXT):
    return rules.action_items(talk(*rows), context)


CALL = talk(
    ("Priya Nair", "Thanks for joining. First up is the renewal."),
    (
        "Tom Becker",
        "We've been frustrated with support, and my boss asks whether we should look at other vendors.",
    ),
    ("Priya Nair", "Sorry to hear that, Tom. I'll talk to our support lead and get back to you by Tuesday."),
    ("Mia Chen", "I can share the usage report after the call."),
    ("Tom Becker", "Could you also send me the updated pricing for 50 seats?"),
    ("Mia Chen", "Sure, I'll send it over by end of week."),
    ("Priya Nair", "Tom, can you check with your legal team about the DPA?"),
    ("Priya Nair", "So let's go with the annual plan, and we decided not to include the add-on for now."),
    ("Priya Nair", "Someone needs to update the rollout timeline."),
    ("Mia Chen", "I can take that."),
    ("Priya Nair", "Let's meet again next Thursday at 10 to go over the contract."),
)


def test_a_promise_belongs_to_its_speaker():
    (item,) = actions(
        ("Dana Reyes", "Yeah, so I'll send the deck to Jennifer by Wednesday, and then we can see.")
    )
    assert (item.text, item.owner, item.due_date) == ("Send the deck to Jennifer", "Dana Reyes", "2026-11-25")
    assert item.source == "rules"


def test_a_sales_call_read_whole():
    found = {(item.text, item.owner, item.due_date) for item in rules.action_items(CALL, CONTEXT)}
    assert ("Send Tom the updated pricing for 50 seats", "Mia Chen", "2026-11-20") in found
    assert ("Update the rollout timeline", "Mia Chen", None) in found
    assert ("Check with their legal team about the DPA", "Tom Becker", None) in found
    assert ("Talk to our support lead and get back to Tom", "Priya Nair", "2026-11-24") in found
    assert {d.text for d in rules.decisions(CALL, CONTEXT)} == {
        "Go with the annual plan",
        "We decided not to include the add-on for now",
    }
    (again,) = rules.follow_ups(CALL, CONTEXT)
    assert again.due_date == "2026-11-26"
    assert rules.risks(CALL, CONTEXT)[0].severity == "high"
    assert rules.sentiment(CALL, CONTEXT).relationship_health == "at_risk"
    assert rules.key_topics(CALL, CONTEXT)[0].topic == "Renewal"


def test_every_proof_stands_in_its_segment():
    for rule in ALL:
        for item in rule(CALL, CONTEXT):
            assert item.evidence.verified
            assert item.evidence.quote in CALL.segments[item.evidence.segment].text
            assert item.evidence.speaker == CALL.segments[item.evidence.segment].speaker
            assert item.evidence.start == CALL.segments[item.evidence.segment].start


def test_the_summary_says_only_what_was_found():
    text = rules.summary(CALL, CONTEXT).text
    assert text.startswith("Priya Nair, Tom Becker and Mia Chen met for 2 minutes. Main topics: Renewal")
    assert "2 decisions" in text


def test_a_summary_without_names_or_times():
    bare = Transcript("test", (Segment(0, "Hello there."),))
    assert rules.summary(bare, CONTEXT).text == "A conversation; the transcript does not name its speakers."


@pytest.mark.parametrize(
    "said",
    [
        "Press switch, and then I'll close this out.",
        "I'll share my screen now.",
        "Let me mute myself for a second.",
        "We'll see how that goes.",
        "I'll be right back.",
        "I'll start with the first slide.",
        "I don't think we have to send the contract.",
        'He said "I will send the contract tomorrow" to them.',
        "What would you send the customer?",
        "I won't send the contract.",
        "Can you hear me?",
    ],
)
def test_no_task(said):
    assert actions(("Ann Lee", said), ("Bob Ray", "I see."), ("Cy Poe", "Right.")) == ()


def test_a_talk_that_is_no_meeting_gives_nearly_nothing():
    podcast = talk(
        ("Host", "Welcome back to the show. Today we talk about how cities grow."),
        ("Guest", "When I was young I would walk to school, and you could see the hills."),
        ("Host", "And that is what people love about old towns, I think."),
        ("Guest", "If you build a road, people will use it. That's how it always goes."),
    )
    assert rules.action_items(podcast, CONTEXT) == ()
    assert rules.decisions(podcast, CONTEXT) == ()
    assert rules.follow_ups(podcast, CONTEXT) == ()
    assert rules.risks(podcast, CONTEXT) == ()


def test_owners_that_the_text_does_not_settle():
    (team,) = actions(("Ann Lee", "We will send the proposal by Wednesday."))
    assert team.owner is None
    (unnamed,) = actions(("Speaker 1", "I'll send the proposal to the customer tomorrow."))
    assert unnamed.owner is None
    two_bobs = (
        ("Bob Ray", "Hi."),
        ("Bob Poe", "Hi."),
        ("Ann Lee", "Bob, can you send the proposal by Wednesday?"),
    )
    assert [item.owner for item in actions(*two_bobs)] == [None]


def test_a_participant_who_never_spoke_can_be_given_a_task():
    context = rules.MeetingContext(participants=("Alice Stone",))
    (item,) = actions(("Ann Lee", "Alice will draft the contract."), context=context)
    assert item.owner == "Alice Stone"


def test_a_scribe_is_not_the_owner():
    rows = [("scribbler", f"alice: point number {n} was made") for n in range(5)]
    items = actions(*rows, ("scribbler", "bob: I'll send the report to the list tomorrow"))
    assert [item.owner for item in items] == ["bob"]


def test_a_commitment_broken_over_cues_is_one_task():
    (item,) = actions(("Ann Lee", "Okay, I will,"), ("Ann Lee", "send the invoice to the customer tomorrow."))
    assert item.text == "Send the invoice to the customer"


def test_a_decision_not_to_do_something_is_one():
    (decision,) = rules.decisions(talk(("Ann Lee", "We decided not to renew the old contract.")), CONTEXT)
    assert decision.text == "We decided not to renew the old contract"


@pytest.mark.parametrize(
    "said",
    ["Did we decide to renew?", "If we decided to renew, fine.", "I don't think we agreed to renew it."],
)
def test_no_decision(said):
    assert rules.decisions(talk(("Ann Lee", said)), CONTEXT) == ()


def test_denied_risks_are_none():
    assert (
        rules.risks(talk(("Ann Lee", "There are no blockers and I'm not worried about the date.")), CONTEXT)
        == ()
    )


@pytest.mark.parametrize(
    "text", ["." * 20_000 + "x", ("-" * 600 + " ") * 30, "I'll send " * 3_000, "", "\ufffd" * 9]
)
def test_hostile_text_is_answered(text):
    transcript = talk(("Ann Lee", text), ("Bob Ray", "ok"))
    assert all(len(rule(transcript, CONTEXT)) <= 10 for rule in ALL)


def test_an_empty_transcript_is_answered():
    empty = Transcript("test", ())
    assert [rule(empty, CONTEXT) for rule in ALL] == [()] * 5
    assert rules.sentiment(empty, CONTEXT).label == "neutral"
    assert rules.sentiment(empty, CONTEXT).evidence is None


def test_a_log_with_the_time_of_day_lasts_from_its_first_line_to_its_last():
    rows = tuple(
        Segment(n, "We meet.", "Ann Lee", start) for n, start in enumerate((57_600.0, 58_000.0, 59_400.0))
    )
    assert rules.summary(Transcript("irc", rows), CONTEXT).text == "Ann Lee spoke for 30 minutes."


def test_a_request_and_its_promise_are_one_task():
    (item,) = actions(
        ("Ann Lee", "Could you send me the setup guide for the tenant?"),
        ("Bob Ray", "Sure, I'll send you the setup guide by tomorrow."),
        ("Cy Poe", "Right."),
    )
    assert (item.text, item.owner, item.due_date) == ("Send Ann the setup guide", "Bob Ray", "2026-11-21")


def test_a_promise_that_only_points_takes_the_words_of_the_request_and_its_own_day():
    (item,) = actions(
        ("Ann Lee", "Can you write the release notes?"),
        ("Bob Ray", "I can do that this afternoon."),
        ("Cy Poe", "Right."),
    )
    assert (item.text, item.owner, item.due_date) == ("Write the release notes", "Bob Ray", "2026-11-20")


def test_a_day_in_the_next_promise_is_not_the_day_of_this_one():
    items = actions(
        ("Ann Lee", "I'll ask the infrastructure team for the statement, and I'll send it by December 17th.")
    )
    assert [item.due_date for item in items if item.text.startswith("Ask")] == [None]


def test_a_task_without_its_object_is_told_with_what_stands_before_it():
    (item,) = actions(
        ("Ann Lee", "The invoice template is broken, the invoice template has no logo."),
        ("Bob Ray", "I'll fix that tomorrow."),
        ("Cy Poe", "Right."),
    )
    assert item.text == "Fix the invoice template"


def test_a_task_about_nothing_known_is_left_out():
    assert actions(("Ann Lee", "Hello."), ("Bob Ray", "I'll fix that."), ("Cy Poe", "Right.")) == ()


def test_lower_case_recognition_is_read_as_well():
    (item,) = actions(("Ann Lee", "okay i'll send the contract to the customer by friday"))
    assert (item.text, item.owner) == ("Send the contract to the customer", "Ann Lee")


WEAK = "We should probably look at the draft of the spec for the release again."
FILLING = (
    "The draft of the spec is long and the tests in the branch were slow on the old machine.",
    "The review of the release showed that the results of the tests in the report were odd.",
)


def test_weaker_plans_fill_the_list_of_long_talk_about_work_only():
    rows = [("Ann Lee", FILLING[n % 2]) for n in range(60)]
    (item,) = actions(*rows[:30], ("Bob Ray", WEAK), *rows[30:])
    assert item.text.startswith("Look at the draft")
    assert actions(*rows[:3], ("Bob Ray", WEAK), *rows[3:6]) == ()
    idle = [("Ann Lee", "The river was slow in summer and the hills were green in spring.")] * 60
    assert actions(*idle[:30], ("Bob Ray", WEAK), *idle[30:]) == ()


def test_a_point_that_nobody_objects_to_is_settled():
    (decision,) = rules.decisions(
        talk(
            ("Ann Lee", "So we would pay the deposit back to the tenant at the end of the year."),
            ("Ann Lee", "Okay, if nobody objects, we'll pay the deposit back in March."),
            ("Bob Ray", "Sounds good."),
        ),
        CONTEXT,
    )
    assert "deposit" in decision.text


def test_a_decision_on_this_is_told_with_what_this_is():
    (decision,) = rules.decisions(
        talk(
            ("Ann Lee", "We could move the price list into the shared price list folder."),
            ("Bob Ray", "Okay, let's go with that."),
            ("Ann Lee", "Great."),
        ),
        CONTEXT,
    )
    assert decision.text.startswith("Go with that")
    assert "price list" in decision.text


INTERVIEW = """
Welcome back to the show, today we're going to talk about bread.
Thank you for having me, I will try to be brief, which my wife says is impossible.
My father was a baker, and every night he would get up and light the oven.
Let me ask it like this, why does it taste better the next day?
You have to give it time, and if you rush it, you will get a loaf that tastes of nothing.
Participants should understand that flour is alive, and we need to stop treating it like cement.
We'll come back to that in a second, but first a word about the town.
I'll give you an example. My neighbour had to sell the shop, and the week after, the school closed.
Everyone agreed it was the finest house in the valley, and still they decided to tear it down.
We should be careful with nostalgia though, I don't think we want to go back to carrying water.
I would tell them to find an old man with flour on his shoes.
We have to take a short break. When we come back we'll hear the song that you brought.
Let's use the last minutes for a recipe. What do we need?
And then we leave it alone until the morning. You should not touch it.
"""


def test_an_interview_comes_to_nothing():
    lines = INTERVIEW.strip().splitlines()
    rows = [("Maria Lopez" if n % 2 else "Karl Brandt", line) for n, line in enumerate(lines)]
    assert actions(*rows) == ()
    assert rules.decisions(talk(*rows), CONTEXT) == ()


def test_the_same_promise_a_thousand_times_is_one():
    (item,) = actions(*[("Ann Lee", "I'll send the contract to the customer tomorrow.")] * 1_000)
    assert item.text == "Send the contract to the customer"


def test_a_bare_verb_is_no_task_whatever_it_may_be_about():
    rows = (
        ("Ann Lee", "The invoice template, the invoice template."),
        ("Bob Ray", "And then I will write."),
    )
    assert actions(*rows, ("Cy Poe", "Right.")) == ()


def test_a_name_goes_before_a_possession_only():
    said = "Tom, can you remove my mood from the checklist and send my slides to Jane?"
    (item,) = actions(("Ann Lee", said), ("Tom Ray", "Sure."), ("Cy Poe", "Right."))
    assert "Ann's mood" not in item.text
    (own,) = actions(("Ann Lee", "Tom, can you send my slides to Jane?"), ("Tom Ray", "Sure."))
    assert own.text == "Send Ann's slides to Jane"


@pytest.mark.parametrize(
    "said",
    [
        "But in short, if I may summarize the review, the teams wanted more time for the release.",
        "Let me address one point about the release of the draft.",
        "So let me set up this stage for the release.",
        "Let me share the draft of the release.",
        "Let me start with the draft of the release.",
        "I'll quickly go over the draft of the release.",
        "I'll quickly get this release set up on the agenda.",
        "Are we planning to roll the release out for Devnet 7?",
        "Do we need to review the draft of the release",
        "We need to send the draft of the release?",
    ],
)
def test_what_is_done_in_the_call_or_asked_is_no_task(said):
    assert actions(("Ann Lee", said), ("Bob Ray", "I see."), ("Cy Poe", "Right.")) == ()


def test_a_talk_that_is_put_off_is_a_task_again():
    said = "Let me share the draft of the release after the call."
    (item,) = actions(("Ann Lee", said), ("Bob Ray", "I see."), ("Cy Poe", "Right."))
    assert item.owner == "Ann Lee"


@pytest.mark.parametrize(
    "said",
    [
        "Okay, let's go.",
        "So let's keep.",
        "Let's aim for what?",
        "Let's go with what.",
        "Technically has an approval, his name's.",
        "We can move to the next section of the agenda.",
        "Let's move on to the community updates.",
        "We can go doubt that was the price list.",
    ],
)
def test_nothing_settled(said):
    rows = [("Ann Lee", "The price list is in the shared price list folder of the tenant.")] * 3
    assert rules.decisions(talk(*rows, ("Ann Lee", said), ("Bob Ray", "Yes.")), CONTEXT) == ()


def test_a_stammered_worry_is_no_risk():
    assert rules.risks(talk(("Ann Lee", "My concern is got gotcha my concern.")), CONTEXT) == ()
    assert rules.risks(talk(("Ann Lee", "My concern is the audit of the payroll.")), CONTEXT)


def test_a_nick_and_a_full_name_are_one_person():
    rows = [("manu_lund", "Hello."), ("Manu Lund", "I'll send the report to the board tomorrow.")]
    assert rules.summary(talk(*rows), CONTEXT).text.startswith("Manu Lund spoke")
    more = talk(*rows, ("eve.park", "Hi."), ("manu_lund", "I'll send the invoice to the bank tomorrow."))
    assert rules.summary(more, CONTEXT).text.startswith("Manu Lund and eve.park met")
    assert {item.owner for item in rules.action_items(more, CONTEXT)} == {"Manu Lund"}


@pytest.mark.parametrize(
    ("text", "thing", "named"),
    [
        ("Schedule it", "breakout", "Schedule the breakout"),
        ("Merge this before June", "PR #12", "Merge PR #12 before June"),
        ("Do that", "price list", None),
        ("Schedule it with Bob", "breakout", None),
        ("Fix that bug", "price list", None),
    ],
)
def test_a_pronoun_gives_way_to_the_one_thing_it_can_mean(text, thing, named):
    assert phrasing.replace_pronoun(text, thing) == named
