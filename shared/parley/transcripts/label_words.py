"""Lower-case words that stand before a colon and are no speaker's name."""

from __future__ import annotations

_MAIL = (
    "sender precedence received keywords comments organization "
    "from to cc bcc sent date subject reply-to received importance attachments attachment "
    "message-id x-mailer content-type mime-version "
    "von an gesendet betreff datum de para asunto enviado assunto enviada à objet envoyé date "
    "da a inviato oggetto data van aan verzonden onderwerp od do wysłano temat"
)
_MINUTES = (
    "topic subtopic agenda action actions resolved resolution agreed agreement decision decisions "
    "consensus proposal proposed present regrets absent chairs scribes scribenick meeting "
    "minutes participants attendees attending summary note notes next previous audio "
    "video recording transcript moderator-note issue issues pr topics resolutions scribing "
    "draft link links slides slide aside ref refs see status update updates reminder reminders "
    "rrsagent-note error recap irc log logs acl apologies invited"
)
_FORM = (
    "name names due task tasks todo done deadline time times when where what who why how location "
    "venue place priority phone tel telephone mobile cell fax email e-mail mail web website url address "
    "company title role department price total amount order item items quantity qty budget cost costs "
    "duration day week month year start end type category version file files id ref number risk risks "
    "question answer q a faq pros cons goal goals objective objectives background context scope "
    "example examples warning important tip info details description comment comments conclusion "
    "ps p.s n.b nb fyi btw asap re fw fwd aw wg tr rv passcode password pin dial-in zoom teams join "
    "option step phase part section chapter appendix figure table kind language style region lang "
    "organization organisation project invoice contacts "
    "monday tuesday wednesday thursday friday saturday sunday today tomorrow yesterday morning afternoon "
    "january february march april june july august september october november december "
    "meeting-id http https ftp mailto"
)
_PHRASES = (
    "action item, action items, next meeting, next step, next steps, follow up, follow ups, follow-up, "
    "follow-ups, key points, key takeaways, open questions, open issues, previous meeting, meeting id, "
    "meeting link, one tap mobile, note taker, note-taker, note takers, notetaker, meeting date, "
    "meeting time, meeting date/time, meeting duration, raw minutes, full transcript, due date, "
    "start time, end time, key decisions, in attendance, ai, to do, to-do, date and time, time zone, "
    "timezone, dial in, reply to, message id, original message, strawpoll, straw poll, poll, vote, "
    "chair present, scribe present, new topic, sub-topic, meeting minutes, meeting notes, list archive, "
    "best regards, kind regards, regards, thanks, thank you, cheers, dear all, hi all, hello all"
)
# Either half of a hyphenated mail header.
_HEADER_PARTS = (
    "x content received return delivered message mime dkim arc list auto resent errors envelope "
    "reporting final diagnostic authentication id path to version type date agent topic index mta code "
    "signature"
)
HEADERS = frozenset(_HEADER_PARTS.split())
LABELS = frozenset((*_MAIL.split(), *_MINUTES.split(), *_FORM.split(), *_PHRASES.split(", ")))

_PARTS = (
    "chair host moderator administrator organizer organiser scribe customer client vendor supplier "
    "contact owner"
)
_PRONOUNS = "i me we us you they them he him she her"
ROLES = frozenset((*_PARTS.split(), *_PRONOUNS.split()))
"""What forms and minutes use as labels, and recordings as the name of a person who takes part."""
_NOTICES = "caution external disclaimer confidentiality notice privacy vat registered"
NOTICES = frozenset(_NOTICES.split())
"""What opens the banner or the footer of a mail."""

_STARTS = (
    "the a an this that these those my our your his their its it i we you they he she there here "
    "because which where when while what why how if whether i'm it's that's we're you're i'll let's"
)
NEVER_FIRST = frozenset(_STARTS.split())
_ORDINARY = (
    "so and but or nor yet also then now well okay ok yes no yeah yep nope right sure fine great first "
    "second third firstly secondly thirdly finally lastly another one two three for in on at to of with "
    "from by as about like just maybe perhaps basically actually namely meaning plus minus is are was "
    "were be been do does did have has had can could should would might must shall not only even still "
    "again therefore hence thus however though although anyway alright hey hi hello thing things point "
    "problem remember imagine consider suppose say says said saying think quote unquote bottom line "
    "short long story case main big small same other some any all every um uh er erm hmm mm oh ah wow "
    "look listen wait please thanks thank sorry welcome"
)
ORDINARY = frozenset(_ORDINARY.split())
_REPORTING = (
    "wrote writes said says following follows below schrieb escribió escreveu scritto écrit schreef napisał"
)
REPORTING = frozenset(_REPORTING.split())
